/** What the ends of a watch channel share: the value, and how often it has changed. */
import { WaitList } from "../wait-list.ts";

/** @internal */
export class Cell<T> {
	value: T;
	/** Grows with each change. A receiver that has seen another version has not seen the value. */
	version = 0;
	senders: number;
	receivers: number;
	/** Those who wait for a change. */
	readonly changes: WaitList = new WaitList();
	/** Those who wait until nobody receives. */
	readonly closers: WaitList = new WaitList();

	constructor(value: T, senders: number, receivers: number) {
		this.value = value;
		this.senders = senders;
		this.receivers = receivers;
	}

	changed(): void {
		this.version++;
		this.changes.wakeAll();
	}

	senderGone(): void {
		if (--this.senders === 0) this.changes.wakeAll();
	}

	receiverGone(): void {
		if (--this.receivers === 0) this.closers.wakeAll();
	}
}
