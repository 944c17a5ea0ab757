/** The receiving end of a bounded channel. */
import { ReceivingEnd } from "../receiving-end.ts";

/**
 * The receiving end of a bounded {@link channel}. Disposing it (`using`) closes the channel and drops what is in it.
 *
 * @source `tokio::sync::mpsc::Receiver`
 */
export class Receiver<T> extends ReceivingEnd<T> {
	/** How many slots are free now: neither used nor reserved. */
	get capacity(): number {
		return this.chan.free();
	}

	/** How many slots there are. */
	get maxCapacity(): number {
		return this.chan.capacity;
	}
}
