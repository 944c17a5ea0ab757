/** The sending ends of an mpmc channel. */
import { Sender as OneSender } from "../mpsc/sender.ts";
import { UnboundedSender as OneUnboundedSender } from "../mpsc/unbounded.ts";

/**
 * The sending end of a bounded {@link channel}: as that of `mpsc`, but `close()` closes the channel for all.
 *
 * @source `async_channel::Sender`
 */
export class Sender<T> extends OneSender<T> {
	/** How many receiving ends are live. */
	get receiverCount(): number {
		return this.chan.takers;
	}

	/** Closes the channel, for all ends: no more sends; what was sent can be received. `using` releases this end alone. */
	override close(): void {
		this.chan.close();
	}

	/** Another end of the same channel, to be released on its own. */
	override clone(): Sender<T> {
		return new Sender(this.another());
	}
}

/**
 * The sending end of an {@link unboundedChannel}: a send never waits.
 *
 * @source `async_channel::Sender`
 */
export class UnboundedSender<T> extends OneUnboundedSender<T> {
	/** How many receiving ends are live. */
	get receiverCount(): number {
		return this.chan.takers;
	}

	/** Closes the channel, for all ends: no more sends; what was sent can be received. `using` releases this end alone. */
	override close(): void {
		this.chan.close();
	}

	/** Another end of the same channel, to be released on its own. */
	override clone(): UnboundedSender<T> {
		return new UnboundedSender(this.another());
	}
}
