/** What `send.ts` runs on a thread. */
import { defineWorker, fromSend, sendable, toSend } from "yamanote/threads";

/** Says how it crosses, so that it may: Rust's `unsafe impl Send`, but checked. */
export class Money {
	readonly cents: number;
	constructor(cents: number) {
		this.cents = cents;
	}
	plus(other: Money): Money {
		return new Money(this.cents + other.cents);
	}
	[toSend](): number {
		return this.cents;
	}
	static [fromSend](cents: number): Money {
		return new Money(cents);
	}
}
sendable("examples/Money", Money);

export const worker = defineWorker(import.meta.url, {
	print: (value: unknown): string => `a thread got ${typeof value}: ${JSON.stringify(value)}`,
	twice: (price: Money): Money => price.plus(price),
	count(shared: Int32Array, times: number): void {
		for (let i = 0; i < times; i++) Atomics.add(shared, 0, 1);
	},
});
