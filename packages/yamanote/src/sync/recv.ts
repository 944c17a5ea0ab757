/** Waiting for messages of a channel: taking a permit of its items. */
import type { Context, Poll } from "../core/poll.ts";
import { Pending } from "../core/poll.ts";
import { Acquire, GRANTED, WAITS } from "./batch-semaphore.ts";
import type { Chan } from "./chan.ts";
import type { Place } from "./wait-list.ts";

abstract class Receive<T, R> extends Acquire<R> {
	readonly chan: Chan<T>;

	constructor(chan: Chan<T>) {
		super(chan.items);
		this.chan = chan;
	}

	/** GRANTED: there is a message for it. REFUSED: there will be none. */
	override acquired(cx: Context): number {
		const comes = this.place === null;
		const state = super.acquired(cx);
		if (comes && state === WAITS) this.chan.asked();
		return state;
	}

	override giveUp(place: Place): void {
		if (place.need > 0) this.chan.unasked();
		super.giveUp(place);
	}

	override back(): void {
		this.chan.unpromise();
	}
}

/** @internal The next message; `undefined` when there are no more. */
export class Recv<T> extends Receive<T, T | undefined> {
	poll(cx: Context): Poll<T | undefined> {
		const { chan } = this;
		// Most messages are there already.
		if (this.place === null && chan.items.tryTake(1)) return chan.take();
		const state = this.acquired(cx);
		if (state === GRANTED) return chan.take();
		return state === WAITS ? Pending : undefined;
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

	poll(cx: Context): Poll<number> {
		if (this.limit === 0) return 0;
		const state = this.acquired(cx);
		if (state !== GRANTED) return state === WAITS ? Pending : 0;
		const { chan, buffer } = this;
		const more = Math.min(this.limit - 1, chan.items.permits);
		chan.items.permits -= more;
		for (let i = 0; i <= more; i++) buffer.push(chan.take());
		return more + 1;
	}
}
