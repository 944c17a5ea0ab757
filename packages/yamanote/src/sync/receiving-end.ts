/** What the receiving ends of `mpsc` and `mpmc` channels have in common. */
import { describe } from "../core/error.ts";
import type { Future } from "../core/future.ts";
import { MessageIterator } from "../core/message-iterator.ts";
import { ChannelEnd } from "./channel-end.ts";
import { TryRecvError } from "./error/try-recv-error.ts";
import { checkCount } from "./message.ts";
import { Recv, RecvMany } from "./recv.ts";

/** The receiving end of a channel. */
export abstract class ReceivingEnd<T> extends ChannelEnd<T> implements AsyncIterable<T> {
	/**
	 * Waits for the next message; `undefined` when all senders are gone, or the channel was closed, and everything was received.
	 *
	 * Several may wait at once; they are served in their order.
	 *
	 * @cancelSafety cancel safe: no message is lost
	 * @source `tokio::sync::mpsc::Receiver::recv`
	 */
	recv(): Future<T | undefined> {
		return new Recv(this.chan);
	}

	/**
	 * Waits for at least one message, and takes up to `limit` of those that are there.
	 *
	 * @param buffer - what they are appended to
	 * @param limit - the most to take; a whole number of at least 0
	 * @returns how many it took; 0 when there are no more, or `limit` is 0
	 * @throws {@link RangeError} at the call, if the limit is no such number
	 * @cancelSafety cancel safe: no message is lost, and `buffer` is as it was
	 * @source `tokio::sync::mpsc::Receiver::recv_many`
	 */
	recvMany(buffer: T[], limit: number): Future<number> {
		if (!Array.isArray(buffer)) throw new TypeError(`recvMany: give an array to fill, not ${describe(buffer)}`);
		checkCount("recvMany: limit", limit);
		return new RecvMany(this.chan, buffer, limit);
	}

	/**
	 * The next message, if there is one.
	 *
	 * @throws {@link TryRecvError} (`YAMANOTE_TRY_RECV`) if there is none now (`kind` `"empty"`), or will be none any more (`"closed"`)
	 * @source `tokio::sync::mpsc::Receiver::try_recv`
	 */
	tryRecv(): T {
		const { chan } = this;
		if (chan.items.tryTake(1)) return chan.take();
		const ended = chan.items.closed;
		if (!ended) chan.glanced();
		throw new TryRecvError(ended ? "closed" : "empty");
	}

	/**
	 * Refuses sends from now on. What was sent, and what is sent by permits that are out, can still be received.
	 *
	 * @source `tokio::sync::mpsc::Receiver::close`
	 */
	close(): void {
		this.chan.close();
	}

	/** Whether no more sends can begin: it was closed, or all senders are gone. There may still be messages. */
	get isClosed(): boolean {
		return this.chan.isClosed();
	}

	/** Whether there is no message now. */
	get isEmpty(): boolean {
		return this.chan.queue.size === 0;
	}

	/** How many messages there are now. */
	get len(): number {
		return this.chan.queue.size;
	}

	/** The messages, for `for await`, until there are no more. Leaving the loop leaves the receiver as it is. */
	[Symbol.asyncIterator](): AsyncIterableIterator<T> {
		return new MessageIterator(() => this.recv());
	}

	/** Releases this end. With the last one the channel is closed, and what is in it is dropped. */
	release(): void {
		this.quit()?.takerGone();
	}
}
