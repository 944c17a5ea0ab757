/** Waiting for messages of a channel: taking a permit of its items. */
import { Acquire, GRANTED, WAITS } from "./batch-semaphore.ts";
import type { Chan } from "./chan.ts";
import { ready } from "./prompt.ts";

abstract class Receive<T, R> extends Acquire<R> {
	constructor(chan: Chan<T>) {
		super(chan.items);
	}

	get chan(): Chan<T> {
		return this.sem.face as Chan<T>;
	}
}

/** @internal The next message; `undefined` when there are no more. */
export class Recv<T> extends Receive<T, T | undefined> {
	override next(): IteratorResult<never, T | undefined> {
		const state = this.step();
		return state === GRANTED ? ready(this, this.got()) : state === WAITS ? (this as never) : super.next();
	}

	got(): T {
		return this.chan.take();
	}
}

/** @internal At least one message, at most `limit`, appended to `buffer`; how many. */
export class RecvMany<T> extends Receive<T, number> {
	readonly buffer: T[];
	readonly limit: number;

	constructor(chan: Chan<T>, buffer: T[], limit: number) {
		super(chan);
		this.buffer = buffer;
		this.limit = limit;
	}

	override wanted(): number {
		return Math.min(this.limit, 1);
	}

	got(): number {
		const { chan, sem, buffer } = this;
		const more = Math.min(this.limit - this.wanted(), sem.permits);
		sem.permits -= more;
		const n = more + this.wanted();
		for (let i = 0; i < n; i++) buffer.push(chan.take());
		return n;
	}

	override refused(): number {
		return 0;
	}
}
