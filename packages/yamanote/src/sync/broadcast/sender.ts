/** The sending end of a broadcast channel. */
import type { Future } from "../../core/future.ts";
import { Closed } from "../closed.ts";
import { SendError } from "../error/send-error.ts";
import { checkCount, checkMessage, type Message, type Some } from "../message.ts";
import { Releasable } from "../releasable.ts";
import { tell } from "../tell.ts";
import { Receiver } from "./receiver.ts";
import { Ring } from "./ring.ts";

/**
 * The sending end of a broadcast {@link channel}. The channel is closed for the receivers when all senders are released (`using`, `close()`).
 *
 * @source `tokio::sync::broadcast::Sender`
 */
export class Sender<T> extends Releasable {
	/** @internal */
	readonly ring: Ring<T>;
	/** @internal */
	open = true;

	/**
	 * A sender without a receiver; see {@link Sender.subscribe}.
	 *
	 * @param capacity - as in {@link channel}
	 * @throws {@link RangeError} if it is no such number
	 * @source `tokio::sync::broadcast::Sender::new`
	 */
	constructor(capacity: number);
	/** @internal */
	constructor(capacity: number, ring: Ring<T>);
	constructor(capacity: number, ring?: Ring<T>) {
		super();
		this.ring = ring ?? makeRing(capacity, 0);
		tell("open", this.ring, this);
	}

	/**
	 * Sends the message to every receiver. It does not wait: if the channel is full the oldest message is dropped, and the receivers that have
	 * not received it are told.
	 *
	 * @returns how many receivers there are
	 * @throws {@link SendError} (`YAMANOTE_SEND`) with the message, if there is none, or this end was released
	 * @throws {@link TypeError} for `undefined`
	 * @source `tokio::sync::broadcast::Sender::send`
	 */
	send(message: T): number {
		checkMessage(message, "send");
		const { ring } = this;
		if (ring.receivers === 0 || !this.open) throw new SendError(message);
		const { receivers } = ring;
		// A waker may release some.
		ring.put(message);
		return receivers;
	}

	/** A new receiver, of the messages that are sent from now on. */
	subscribe(): Receiver<T> {
		this.ring.receivers++;
		return new Receiver(this.ring, this.ring.tail);
	}

	/** How many messages somebody has still to receive. */
	get len(): number {
		return this.ring.len;
	}

	/** Whether everybody has received everything. */
	get isEmpty(): boolean {
		return this.len === 0;
	}

	/** How many receivers there are. */
	get receiverCount(): number {
		return this.ring.receivers;
	}

	/** How many senders there are. */
	get senderCount(): number {
		return this.ring.senders;
	}

	/**
	 * Waits until there is no receiver.
	 *
	 * @cancelSafety cancel safe: nothing is lost
	 * @source `tokio::sync::broadcast::Sender::closed`
	 */
	closed(): Future<void> {
		return new Closed(this.ring);
	}

	/** Another end of the same channel, to be released on its own; of an end that was released, one that is released. */
	clone(): Sender<T> {
		this.ring.senders++;
		const other = new Sender(this.ring.capacity, this.ring);
		if (!this.open) other.release();
		return other;
	}

	/** Releases this end. When all are released the receivers get what is there, then the end. */
	release(): void {
		if (!this.open) return;
		this.open = false;
		tell("shut", this.ring, this);
		this.ring.senderGone();
	}

	/** As {@link Sender.release}. */
	close(): void {
		this.release();
	}
}

/** @internal */
export function makeRing<T>(capacity: number, receivers: number): Ring<T> {
	checkCount("a broadcast channel's capacity", capacity, 1, 2 ** 30);
	let rounded = 1;
	while (rounded < capacity) rounded *= 2;
	return new Ring<T>(rounded, 1, receivers);
}

/**
 * A channel in which every receiver gets every message. It keeps the latest `capacity` messages for those that have not received them; a
 * receiver that is slower is told how many it has missed.
 *
 * @typeParam T - the messages: anything but `undefined`. All receivers are given the same object
 * @param capacity - how many messages are kept; a whole number, 1 to 2^30, rounded up to a power of two
 * @throws {@link RangeError} if it is no such number
 * @source `tokio::sync::broadcast::channel`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { join, run } from "yamanote";
 * import { broadcast } from "yamanote/sync";
 *
 * const [tx, first] = broadcast.channel<string>(16);
 * const second = tx.subscribe();
 * tx.send("hello");
 * assert.deepEqual(await run(join([first.recv(), second.recv()])), ["hello", "hello"]);
 * ```
 */
export function channel<T extends Message<Some>>(capacity: number): [tx: Sender<T>, rx: Receiver<T>] {
	const ring = makeRing<T>(capacity, 1);
	return [new Sender(capacity, ring), new Receiver(ring, 0)];
}
