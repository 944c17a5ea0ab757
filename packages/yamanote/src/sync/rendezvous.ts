/**
 * A channel without slots: a send waits for a receive. Each receiver that waits makes one slot; a send takes it and pushes, and the receiver
 * takes the message.
 *
 * A receiver that gives up takes its slot back, unless a sender has it: then the sender may use it still, and the message waits for the next
 * receive. `debt` counts these slots. Always: free slots + slots that are out = receivers that wait + `debt`.
 */
import { BatchSemaphore } from "./batch-semaphore.ts";
import { Chan } from "./chan.ts";

/** What receivers wait for. */
class Asked extends BatchSemaphore {
	override entered(request: object): void {
		super.entered(request);
		const chan = this.face as Rendezvous<unknown>;
		chan.waiting++;
		if (chan.debt > 0) chan.debt--;
		else chan.give(1);
	}

	override left(request: object): void {
		super.left(request);
		(this.face as Rendezvous<unknown>).unasked();
	}

	override giveBack(n: number): void {
		// The message answers another receiver now, whose own slot is not needed.
		if (this.head !== null) (this.face as Rendezvous<unknown>).unasked();
		super.giveBack(n);
	}
}

/** @internal */
export class Rendezvous<T> extends Chan<T> {
	waiting = 0;
	debt = 0;

	constructor() {
		super(0, Asked);
	}

	override put(value: T): void {
		if (!this.gone) {
			if (this.items.head === null) this.debt--;
			else this.waiting--;
		}
		super.put(value);
	}

	override giveBack(n: number): void {
		const owed = Math.min(n, this.debt);
		this.debt -= owed;
		this.give(n - owed);
		super.giveBack(n);
	}

	/** One receiver fewer waits. */
	unasked(): void {
		this.waiting--;
		if (this.permits > 0) this.permits--;
		else this.debt++;
	}

	/** A sender that waits is asked for its message: who looks again finds it. */
	override glanced(): void {
		if (this.head === null || this.debt > 0) return;
		this.debt++;
		this.give(1);
	}

	override out(): number {
		return this.waiting + this.debt - this.permits;
	}
}
