/** Waiting for messages of a channel: taking a permit of its items. */
import { Acquire } from "./batch-semaphore.ts";
import type { Chan } from "./chan.ts";
import { ready } from "./prompt.ts";

/** @internal The next message; `undefined` when there are no more. */
export class Recv<T> extends Acquire<T | undefined> {
	constructor(chan: Chan<T>) {
		super(chan.items);
	}

	override next(): IteratorResult<never, T | undefined> {
		const state = this.step();
		return state > 0 ? ready(this, this.got()) : state < 0 ? super.next() : (this as never);
	}

	got(): T {
		return (this.sem.face as Chan<T>).take();
	}
}

/** @internal At least one message, at most `limit`, appended to `buffer`; how many. */
export class RecvMany<T> extends Acquire<number> {
	readonly buffer: T[];
	readonly limit: number;

	constructor(chan: Chan<T>, buffer: T[], limit: number) {
		super(chan.items);
		this.buffer = buffer;
		this.limit = limit;
	}

	override wanted(): number {
		return Math.min(this.limit, 1);
	}

	got(): number {
		const { sem, buffer, limit } = this;
		let n = 0;
		// The first item was taken for it, if it wants any.
		for (; n < limit && (n === 0 || sem.tryTake(1)); n++) buffer.push((sem.face as Chan<T>).take());
		return n;
	}

	override refused(): number {
		return 0;
	}
}
