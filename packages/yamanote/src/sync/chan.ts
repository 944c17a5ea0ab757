/**
 * The engine of `mpsc` and `mpmc`: a queue of messages between two semaphores, the permits of its slots (itself) and of its items.
 *
 * A send takes a slot, then pushes, which gives an item; a receive takes an item, then the message, which gives the slot. So whoever is
 * granted a permit and then dropped has sent nothing, has lost nothing, and the permit goes to the next in line.
 *
 * `ending` says that no sends will begin: the receiving side closed the channel, or the senders are gone. It has ended when, besides, the
 * queue is empty and no slot is out (a permit that is out may still send): then the items are closed.
 */
import { discard } from "../core/discard.ts";
import { BatchSemaphore } from "./batch-semaphore.ts";
import { Queue } from "./queue.ts";

/** @internal */
export class Chan<T> extends BatchSemaphore {
	readonly queue: Queue<T> = new Queue<T>();
	readonly items: BatchSemaphore;
	/** How many slots there are; `Infinity` if there is no bound. */
	readonly capacity: number;
	/** There is a fixed number of slots. */
	readonly bounded: boolean;
	/** Live ends. */
	senders = 1;
	takers = 1;
	ending = false;
	/** All receivers are gone: what is sent by permits that are out is dropped. */
	gone = false;
	/** Is closed with the channel: who waits for that waits for its permits, which never come. */
	closers: BatchSemaphore | null = null;

	constructor(capacity: number, Items: new (permits: number, chan: object) => BatchSemaphore = BatchSemaphore) {
		const bounded = capacity > 0 && capacity < Number.POSITIVE_INFINITY;
		super(bounded ? capacity : 0, null);
		this.face = this;
		this.items = new Items(0, this);
		this.capacity = capacity;
		this.bounded = bounded;
	}

	/** A slot was taken for it, or there is no bound. */
	put(value: T): void {
		if (this.gone) {
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
		if (this.bounded) this.give(1);
		if (this.ending) this.checkEnd();
		return value;
	}

	/** Slots are given back without a message. */
	override giveBack(n: number): void {
		if (this.bounded) this.give(n);
		if (this.ending) this.checkEnd();
	}

	/** A receiver has looked for a message, found none, and does not wait. */
	glanced(): void {}

	/** How many slots are out: taken, and not used yet. */
	out(): number {
		return this.bounded ? this.capacity - this.permits - this.queue.length : 0;
	}

	/** No send will begin, and none is under way. */
	isClosed(): boolean {
		return this.closed || (this.ending && this.out() === 0);
	}

	checkEnd(): void {
		if (!this.gone && (this.queue.length > 0 || this.out() > 0)) return;
		this.items.close();
		// A send that was made by an end that is gone now, and was never polled, is late.
		this.close();
	}

	/** Refuses sends from now on; what is in the queue can be received. */
	override close(): void {
		if (this.closed) return;
		this.ending = true;
		this.closed = true;
		try {
			this.closers?.close();
		} finally {
			try {
				this.wakeAll();
			} finally {
				this.checkEnd();
			}
		}
	}

	senderGone(): void {
		if (--this.senders > 0) return;
		this.ending = true;
		this.checkEnd();
	}

	takerGone(): void {
		if (--this.takers > 0) return;
		this.gone = true;
		try {
			this.close();
		} finally {
			if (this.bounded) this.permits += this.queue.length;
			this.queue.clear();
			this.items.close();
		}
	}
}

let dead: Chan<never> | null = null;

/** @internal What an end that was released refers to: nothing can be sent to it, nothing comes from it. */
export function deadChan(): Chan<never> {
	if (dead === null) {
		dead = new Chan<never>(Number.POSITIVE_INFINITY);
		dead.senders = 0;
		dead.takerGone();
	}
	return dead;
}
