/** Waiting for messages of a channel. */
import { type Context, Pending, type Poll } from "../core/poll.ts";
import type { Chan } from "./chan.ts";
import { tell } from "./tell.ts";
import { Waiting } from "./wait-list.ts";

/** @internal The `need` of a place whose owner was promised a message. */
export const PROMISED = -1;

/** @internal A wait for messages. */
export abstract class Receive<T, R> extends Waiting<R> {
	readonly chan: Chan<T>;

	constructor(chan: Chan<T>) {
		super();
		this.chan = chan;
	}

	/** Whether there is a message to take, or else (the queue is empty then) nothing will come any more. If not, it waits. */
	ready(cx: Context): boolean {
		const { chan, place } = this;
		if (place !== null && place.need === PROMISED) {
			chan.promised--;
			this.leave();
			return true;
		}
		if (chan.queue.length > chan.promised || (chan.ending && chan.hasEnded())) {
			if (place !== null) this.unask();
			return true;
		}
		this.wait(chan.receivers, cx);
		if (place === null) {
			tell("wait", chan, this);
			chan.asked();
		}
		return false;
	}

	unask(): void {
		const asking = (this.place?.need ?? 0) > 0;
		this.leave();
		if (asking) this.chan.unasked();
	}

	protected override drop(): void {
		if (this.place === null) return;
		if (this.place.need === PROMISED) {
			this.leave();
			this.chan.unpromise();
		} else {
			this.unask();
			tell("leave", this.chan, this);
		}
	}
}

/** @internal The next message; `undefined` when there are no more. */
export class Recv<T> extends Receive<T, T | undefined> {
	poll(cx: Context): Poll<T | undefined> {
		const { chan } = this;
		if (this.place === null && chan.queue.length > chan.promised) return chan.take();
		if (!this.ready(cx)) return Pending;
		return chan.queue.length > 0 ? chan.take() : undefined;
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
		if (!this.ready(cx)) return Pending;
		const { chan, buffer } = this;
		const n = Math.min(this.limit, chan.queue.length - chan.promised);
		for (let i = 0; i < n; i++) buffer.push(chan.take());
		return n;
	}
}
