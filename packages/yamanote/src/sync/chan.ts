/**
 * The engine of `mpsc` and `mpmc`: a queue of messages, the permits for its slots (a {@link BatchSemaphore}), and those who wait for messages.
 *
 * A send takes a slot, then pushes; so a sender that is woken and then dropped has sent nothing. A push with receivers waiting promises
 * the message to the one who has waited longest and wakes it; the message stays in the queue until that receiver polls. So a receiver that is woken and then dropped has
 * lost nothing: the promise goes to the next. While anybody waits for a message, all that are in the queue are promised.
 *
 * `ending` says that no sends will begin: the receiving side closed the channel, or the senders are gone. It has ended when, besides, the
 * queue is empty and no slot is out (a permit that is out may still send).
 */
import { discard } from "../core/discard.ts";
import { BatchSemaphore } from "./batch-semaphore.ts";
import { Queue } from "./queue.ts";
import { PROMISED } from "./recv.ts";
import { type Place, WaitList, wakeChain } from "./wait-list.ts";

/** @internal */
export class Chan<T> extends BatchSemaphore {
	readonly queue: Queue<T> = new Queue<T>();
	/** How many slots there are; `Infinity` if there is no bound. */
	readonly capacity: number;
	readonly bounded: boolean;
	/** Those who wait for a message. */
	readonly receivers: WaitList = new WaitList();
	/** Messages of the queue that are promised to receivers that were woken. */
	promised = 0;
	/** Live ends. */
	senders = 1;
	takers = 1;
	ending = false;
	/** All receivers are gone: what is sent by permits that are out is dropped. */
	gone = false;
	/** Those who wait until nobody receives any more. */
	closers: WaitList | null = null;

	constructor(capacity: number, permits: number) {
		super(permits);
		this.capacity = capacity;
		this.bounded = capacity !== Infinity;
	}

	/** A slot was taken for it, or there is no bound. */
	put(value: T): void {
		if (this.gone) {
			discard(value);
			this.giveBack(1);
			return;
		}
		this.queue.push(value);
		if (this.receivers.head !== null) this.promise();
	}

	/** Promises a message to the one who has waited longest. */
	promise(): void {
		const { receivers } = this;
		const first = receivers.head as Place;
		receivers.remove(first);
		first.need = PROMISED;
		this.promised++;
		wakeChain(first);
	}

	/** A receiver that was promised a message goes without it. */
	unpromise(): void {
		this.promised--;
		if (this.receivers.head !== null && this.queue.length > this.promised) this.promise();
	}

	/** Takes a message; there is one. */
	take(): T {
		const value = this.queue.shift();
		this.taken();
		return value;
	}

	/** The slot of a message that was taken is free. */
	taken(): void {
		if (this.bounded) this.give(1);
		if (this.ending) this.checkEnd();
	}

	/** Slots are given back without a message. */
	giveBack(n: number): void {
		if (this.bounded) this.give(n);
		if (this.ending) this.checkEnd();
	}

	/** A receiver has begun to wait. */
	asked(): void {}

	/** A receiver that waits goes. */
	unasked(): void {}

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

	/** Nothing will come any more. */
	hasEnded(): boolean {
		return this.gone || (this.ending && this.queue.length === 0 && this.out() === 0);
	}

	checkEnd(): void {
		if (this.receivers.head !== null && this.hasEnded()) this.receivers.wakeAll();
	}

	/** Refuses sends from now on; what is in the queue can be received. */
	override close(): void {
		if (this.closed) return;
		this.ending = true;
		super.close();
		this.closers?.wakeAll();
		this.checkEnd();
	}

	senderGone(): void {
		if (--this.senders > 0) return;
		this.ending = true;
		this.checkEnd();
	}

	takerGone(): void {
		if (--this.takers > 0) return;
		this.gone = true;
		this.close();
		if (this.bounded) this.permits += this.queue.length;
		this.queue.clear();
		this.receivers.wakeAll();
	}
}

let dead: Chan<never> | null = null;

/** @internal What an end that was released refers to: nothing can be sent to it, nothing comes from it. */
export function deadChan(): Chan<never> {
	if (dead === null) {
		dead = new Chan<never>(Number.POSITIVE_INFINITY, 0);
		dead.senderGone();
		dead.takerGone();
	}
	return dead;
}
