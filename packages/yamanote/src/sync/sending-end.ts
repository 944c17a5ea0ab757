/** What the sending ends of `mpsc` and `mpmc` channels have in common. */
import type { Future } from "../core/future.ts";
import { Acquire } from "./batch-semaphore.ts";
import { type Chan, dead } from "./chan.ts";
import { ChannelEnd } from "./channel-end.ts";

/** Its permits never come: it is over when the channel is closed. */
class Closed extends Acquire<void> {
	got(): void {}
}

/** The sending end of a channel. */
export abstract class SendingEnd<T> extends ChannelEnd<T> {
	/** Whether a send would fail: the receiver is gone or has closed the channel, or this end was released. */
	get isClosed(): boolean {
		return this.chan.closed;
	}

	/**
	 * Waits until the receiver is gone or has closed the channel.
	 *
	 * @cancelSafety cancel safe: nothing is lost
	 * @source `tokio::sync::mpsc::Sender::closed`
	 */
	closed(): Future<void> {
		return new Closed(this.chan.closers);
	}

	/** Releases this end; its sends fail from now on. When all are released the receiver gets what was sent, then the end. */
	release(): void {
		this.quit()?.senderGone();
	}

	/** As {@link SendingEnd.release}. */
	close(): void {
		this.release();
	}

	/** @internal What another end of the same channel refers to. */
	another(): Chan<T> {
		const { chan } = this;
		if (chan !== dead) chan.senders++;
		return chan;
	}
}
