/** The receiving end of an mpmc channel. */
import { dead } from "../chan.ts";
import { Receiver as OneReceiver } from "../mpsc/receiver.ts";

/**
 * The receiving end of a {@link channel} or {@link unboundedChannel}. Each message goes to one receiver: to the one that has waited longest.
 * Disposing it (`using`) releases this end; when all are released the channel is closed, and what is in it is dropped.
 *
 * @source `async_channel::Receiver`
 */
export class Receiver<T> extends OneReceiver<T> {
	/** How many receiving ends are live. */
	get receiverCount(): number {
		return this.chan.takers;
	}

	/** Another end of the same channel, to be released on its own. */
	clone(): Receiver<T> {
		const { chan } = this;
		if (chan !== dead) chan.takers++;
		return new Receiver(chan);
	}
}
