/**
 * The engine of `mpsc` and `mpmc`: a queue of messages between two semaphores, the permits of its slots (itself) and of its items.
 *
 * A send takes a slot, then puts, which gives an item; a receive takes an item, then the message, which gives the slot. So whoever is
 * granted a permit and then dropped has sent nothing, has lost nothing, and the permit goes to the next in line.
 *
 * No sends begin when it was closed, or the senders are gone. It has ended when, besides, the queue is empty and no slot is out (a permit
 * that is out may still send): then the items are closed.
 */
import { discard } from "../core/discard.ts";
import { Queue } from "../core/queue.ts";
import { BatchSemaphore } from "./batch-semaphore.ts";

/** @internal */
export class Chan<T> extends BatchSemaphore {
	readonly queue: Queue<T> = new Queue<T>(4);
	readonly items: BatchSemaphore;
	/** Is closed with the channel: who waits for that waits for its permits, which never come. */
	readonly closers: BatchSemaphore = new BatchSemaphore(0, null);
	/** How many messages it may hold; `Infinity` if there is no bound. */
	readonly capacity: number;
	/** How many slots there are: free, out, or with a message. */
	slots: number;
	/** Live ends. */
	senders = 1;
	takers = 1;

	constructor(capacity: number, Items: new (permits: number, chan: object) => BatchSemaphore = BatchSemaphore) {
		// Without a bound slots are made as they are needed.
		const slots = capacity === Infinity ? 0 : capacity;
		super(slots, null);
		this.face = this;
		this.items = new Items(0, this);
		this.capacity = capacity;
		this.slots = slots;
	}

	/** Takes a slot for a message, makes one if there is none, and puts it. */
	push(value: T): void {
		if (!this.tryTake(1)) this.slots++;
		this.put(value);
	}

	/** A slot was taken for the message. */
	put(value: T): void {
		if (this.takers === 0) {
			// What is sent by permits that are out.
			discard(value);
			this.giveBack(1);
			return;
		}
		this.queue.push(value);
		this.items.give(1);
	}

	/** Takes a message; an item was taken for it. */
	take(): T {
		const value = this.queue.shift();
		this.giveBack(1);
		return value;
	}

	/** Slots are free again. */
	override giveBack(n: number): void {
		this.give(n);
		if (this.closed || this.senders === 0) this.checkEnd();
	}

	/** A receiver has looked for a message, found none, and does not wait. */
	glanced(): void {}

	/** How many slots are free. Those that are owed are not; without a bound, there is always one. */
	free(): number {
		return this.capacity === Infinity ? Infinity : Math.max(this.permits, 0);
	}

	/** How many slots are out: taken, and not used yet. */
	out(): number {
		return this.slots - this.permits - this.queue.size;
	}

	/** No send will begin, and none is under way. */
	isClosed(): boolean {
		return this.closed || (this.senders === 0 && this.out() === 0);
	}

	/** No sends begin: it has ended if there is nothing to come. */
	checkEnd(): void {
		if (this.takers > 0 && (this.queue.size > 0 || this.out() > 0)) return;
		// First: a send that was made by an end that is gone now, and was never polled, is late.
		this.close();
		this.items.close();
	}

	/** Refuses sends from now on; what is in the queue can be received. */
	override close(): void {
		if (this.closed) return;
		this.closed = true;
		try {
			this.closers.close();
		} finally {
			try {
				this.wakeAll();
			} finally {
				this.checkEnd();
			}
		}
	}

	senderGone(): void {
		if (--this.senders === 0) this.checkEnd();
	}

	takerGone(): void {
		if (--this.takers > 0) return;
		try {
			this.close();
		} finally {
			this.empty();
		}
	}

	/** Nobody receives any more: drops what is in it. */
	empty(): void {
		const { queue } = this;
		try {
			while (queue.size > 0) discard(this.take());
		} finally {
			// A message that cannot be dropped keeps no other from being dropped.
			if (queue.size > 0) this.empty();
			else this.checkEnd();
		}
	}
}

/** @internal What an end that was released refers to: nothing can be sent to it, nothing comes from it. */
export const dead: Chan<never> = /* @__PURE__ */ (() => {
	const chan = new Chan<never>(Infinity);
	chan.senders = 0;
	chan.takerGone();
	return chan;
})();
