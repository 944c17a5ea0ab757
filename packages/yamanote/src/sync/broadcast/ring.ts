/**
 * What the ends of a broadcast channel share: the latest messages, by their position, in a ring.
 *
 * `unread` counts for each message the receivers that have not received it; at 0 it is freed. Receivers go through the messages in order, so
 * the unread ones are always the latest.
 */
import { WaitList } from "../wait-list.ts";

/** @internal */
export class Ring<T> {
	/** How many messages are kept; a power of two. */
	readonly capacity: number;
	/** Grow to the capacity as messages come. */
	readonly messages: (T | undefined)[] = [];
	readonly unread: number[] = [];
	/** The position of the next message. */
	tail = 0;
	senders: number;
	receivers: number;
	/** Receivers that wait for a message. */
	readonly waiting: WaitList = new WaitList();
	/** Those who wait until nobody receives. */
	readonly closers: WaitList = new WaitList();

	constructor(capacity: number, senders: number, receivers: number) {
		this.capacity = capacity;
		this.senders = senders;
		this.receivers = receivers;
	}

	/** The position of the oldest message that is kept. */
	get oldest(): number {
		return Math.max(0, this.tail - this.capacity);
	}

	put(message: T): void {
		const at = this.tail++ & (this.capacity - 1);
		this.messages[at] = message;
		this.unread[at] = this.receivers;
		this.waiting.wakeAll();
	}

	/** The message at a position that is kept; one receiver fewer has to receive it. */
	take(position: number): T {
		const at = position & (this.capacity - 1);
		const message = this.messages[at] as T;
		const unread = (this.unread[at] as number) - 1;
		this.unread[at] = unread;
		if (unread === 0) this.messages[at] = undefined;
		return message;
	}

	/** How many messages somebody has still to receive. */
	get len(): number {
		let low = this.oldest;
		let high = this.tail;
		while (low < high) {
			const middle = Math.floor((low + high) / 2);
			if ((this.unread[middle & (this.capacity - 1)] as number) > 0) high = middle;
			else low = middle + 1;
		}
		return this.tail - low;
	}

	senderGone(): void {
		if (--this.senders === 0) this.waiting.wakeAll();
	}

	/** A receiver goes that would receive the message at this position next. */
	receiverGone(next: number): void {
		for (let p = Math.max(next, this.oldest); p < this.tail; p++) this.take(p);
		if (--this.receivers === 0) this.closers.wakeAll();
	}
}
