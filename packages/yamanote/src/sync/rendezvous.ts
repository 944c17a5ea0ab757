/**
 * A channel without slots: a send waits for a receive. Each receiver that waits makes one slot; a send takes it and pushes, and the receiver
 * takes the message.
 *
 * A receiver that gives up takes its slot back, unless a sender has it: then the sender may use it still, and the message waits for the next
 * receive. `debt` counts these slots. Always: free slots + slots that are out = receivers that wait + `debt`.
 */
import { Chan } from "./chan.ts";

/** @internal */
export class Rendezvous<T> extends Chan<T> {
	waiting = 0;
	debt = 0;

	constructor() {
		super(0);
	}

	override put(value: T): void {
		if (!this.gone) {
			if (this.items.head === null) this.debt--;
			else this.waiting--;
		}
		super.put(value);
	}

	override unpromise(): void {
		// The message answers another receiver now, whose own slot is not needed.
		if (this.items.head !== null) this.unasked();
		super.unpromise();
	}

	override taken(): void {
		if (this.ending) this.checkEnd();
	}

	override giveBack(n: number): void {
		const owed = Math.min(n, this.debt);
		this.debt -= owed;
		if (n > owed) this.give(n - owed);
		if (this.ending) this.checkEnd();
	}

	override asked(): void {
		this.waiting++;
		if (this.debt > 0) this.debt--;
		else this.give(1);
	}

	override unasked(): void {
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
