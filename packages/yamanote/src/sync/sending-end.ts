/** What the sending ends of `mpsc` and `mpmc` channels have in common. */
import type { Future } from "../core/future.ts";
import { Acquire, BatchSemaphore } from "./batch-semaphore.ts";
import { type Chan, deadChan } from "./chan.ts";
import { Releasable } from "./releasable.ts";
import { tell } from "./tell.ts";

/** Its permits never come: it is over when the channel is closed. */
class Closed extends Acquire<void> {
	got(): void {}
}

/** The sending end of a channel. */
export abstract class SendingEnd<T> extends Releasable {
	/** @internal */
	chan: Chan<T>;

	/** @internal */
	constructor(chan: Chan<T>) {
		super();
		this.chan = chan;
		tell("open", chan, this);
	}

	/** Whether a send would fail: the receiver is gone or has closed the channel, or this end was released. */
	get isClosed(): boolean {
		return this.chan.closed;
	}

	/** How many sending ends are live. */
	get senderCount(): number {
		return this.chan.senders;
	}

	/**
	 * Waits until the receiver is gone or has closed the channel.
	 *
	 * @cancelSafety cancel safe: nothing is lost
	 * @source `tokio::sync::mpsc::Sender::closed`
	 */
	closed(): Future<void> {
		const { chan } = this;
		chan.closers ??= new BatchSemaphore(0, null);
		if (chan.closed) chan.closers.close();
		return new Closed(chan.closers);
	}

	/** Releases this end; its sends fail from now on. When all are released the receiver gets what was sent, then the end. */
	release(): void {
		const { chan } = this;
		const dead = deadChan();
		this.chan = dead;
		if (chan === dead) return;
		tell("shut", chan, this);
		chan.senderGone();
	}

	/** As {@link SendingEnd.release}. */
	close(): void {
		this.release();
	}

	/** @internal What another end of the same channel refers to. */
	another(): Chan<T> {
		const { chan } = this;
		if (chan !== deadChan()) chan.senders++;
		return chan;
	}
}
