/**
 * A channel without slots of its own: a send waits for a receive. Each receiver that waits makes one slot; a send takes it and puts, and the
 * receiver takes the message.
 *
 * A receiver that gives up takes its slot back, also if a sender has it: then a slot is owed. The sender may use it still, and the message waits
 * for the next receive, which pays for it.
 */
import { BatchSemaphore } from "./batch-semaphore.ts";
import { Chan } from "./chan.ts";

/** What receivers wait for. */
class Asked extends BatchSemaphore {
	override entered(request: object): void {
		super.entered(request);
		(this.face as Rendezvous<unknown>).asked(1);
	}

	override left(request: object, granted: boolean): void {
		super.left(request, granted);
		(this.face as Rendezvous<unknown>).asked(-1);
	}
}

/** @internal */
export class Rendezvous<T> extends Chan<T> {
	constructor() {
		super(0, Asked);
	}

	/** So many receivers more wait. */
	asked(n: number): void {
		this.slots += n;
		this.give(n);
	}

	/** A sender that waits is asked for its message: who looks again finds it. */
	override glanced(): void {
		this.asked(1);
		this.asked(-1);
	}
}
