/** The receiving end of a broadcast channel. */
import type { Driver } from "../../core/driver.ts";
import { created, type Future, inherit } from "../../core/future.ts";
import { MessageIterator } from "../../core/message-iterator.ts";
import { type Context, Pending, type Poll } from "../../core/poll.ts";
import { S as shared } from "../../core/shared.ts";
import { LaggedError } from "../error/lagged-error.ts";
import { TryRecvError } from "../error/try-recv-error.ts";
import { claim, detour, polledBy, ready } from "../prompt.ts";
import { Releasable } from "../releasable.ts";
import { tell } from "../tell.ts";
import { type Place, WaitingAt } from "../wait-list.ts";
import { Ring } from "./ring.ts";

// A constant of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;

type Wait<T> = WaitingAt<Receiver<T>, T | undefined, LaggedError>;

class Recv<T> {
	done = false;
	value: unknown = undefined;
	owner: Driver | undefined = undefined;
	place: Place | null = null;
	readonly rx: Receiver<T>;

	constructor(rx: Receiver<T>) {
		this.rx = rx;
		if (S.hooks !== null) created(this);
	}

	next(this: Wait<T>): IteratorResult<never, T | undefined> {
		const { rx } = this;
		if (rx.position === rx.ring.tail || polledBy(this) === null) return detour(this);
		claim(this);
		this.leave();
		return ready(this, rx.take());
	}

	poll(this: Wait<T>, cx: Context): Poll<T | undefined> {
		const { rx } = this;
		const { ring } = rx;
		if (rx.position !== ring.tail) {
			this.leave();
			return rx.take();
		}
		if (ring.senders === 0) {
			return void this.leave();
		}
		this.wait(ring.waiting, cx);
		return Pending;
	}
}

inherit(Recv, WaitingAt);

/**
 * The receiving end of a broadcast {@link channel}: it gets every message that is sent after it was made.
 *
 * @source `tokio::sync::broadcast::Receiver`
 */
export class Receiver<T> extends Releasable implements AsyncIterable<T> {
	/** @internal */
	ring: Ring<T>;
	/** @internal The position of the next message. */
	position: number;
	/** @internal How many wait here. */
	waits = 0;

	/** @internal */
	constructor(ring: Ring<T>, position: number) {
		super();
		this.ring = ring;
		this.position = position;
		tell("open", ring, this);
	}

	/** @internal There is a message after the position, or there was one. */
	take(): T {
		const { ring, position } = this;
		const { oldest } = ring;
		if (position < oldest) {
			this.position = oldest;
			const error = new LaggedError(oldest - position);
			tell("lagged", ring, error);
			throw error;
		}
		this.position++;
		return ring.take(position);
	}

	/**
	 * Waits for the next message; `undefined` when all senders are gone and it has received everything.
	 *
	 * @errors {@link LaggedError} (`YAMANOTE_LAGGED`) if it was too slow and messages were dropped; the next call goes on with the oldest that is left
	 * @cancelSafety cancel safe: no message is lost
	 * @source `tokio::sync::broadcast::Receiver::recv`
	 */
	recv(): Future<T | undefined, LaggedError> {
		return new Recv(this) as never;
	}

	/**
	 * The next message, if there is one.
	 *
	 * @throws {@link TryRecvError} (`YAMANOTE_TRY_RECV`) if there is none now (`kind` `"empty"`), or will be none any more (`"closed"`)
	 * @throws {@link LaggedError} (`YAMANOTE_LAGGED`) as {@link Receiver.recv}
	 * @source `tokio::sync::broadcast::Receiver::try_recv`
	 */
	tryRecv(): T {
		if (this.isEmpty) throw new TryRecvError(this.isClosed ? "closed" : "empty");
		return this.take();
	}

	/** Another receiver, of the messages that are sent from now on: it skips what this one has still to receive. */
	resubscribe(): Receiver<T> {
		this.ring.receivers++;
		return new Receiver(this.ring, this.ring.tail);
	}

	/** How many messages it has still to receive, including those that were dropped since it was too slow. */
	get len(): number {
		return this.ring.tail - this.position;
	}

	/** Whether there is nothing to receive now. */
	get isEmpty(): boolean {
		return this.len === 0;
	}

	/** Whether all senders are gone. There may still be messages. */
	get isClosed(): boolean {
		return this.ring.senders === 0;
	}

	/** How many senders there are. */
	get senderCount(): number {
		return this.ring.senders;
	}

	/**
	 * The messages, for `for await`, until there are no more. It throws {@link LaggedError} as {@link Receiver.recv}; another loop over the same
	 * receiver goes on then. Leaving the loop leaves the receiver as it is.
	 */
	[Symbol.asyncIterator](): AsyncIterableIterator<T> {
		return new MessageIterator(() => this.recv());
	}

	/** Releases this end: it counts as having received everything. */
	release(): void {
		const { ring, position } = this;
		if (ring.senders === 0 && ring.receivers === 0) return;
		this.ring = new Ring(1, 0, 0);
		this.position = 0;
		tell("shut", ring, this);
		try {
			ring.receiverGone(position);
		} finally {
			if (this.waits > 0) ring.waiting.wakeAll();
		}
	}
}
