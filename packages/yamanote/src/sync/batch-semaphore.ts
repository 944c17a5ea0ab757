/**
 * The engine under `Semaphore`, `Mutex`, `RwLock` and the channels: permits that are taken in batches, strictly first come first served.
 *
 * A request that cannot be served takes what is free and queues for the rest: `need` of its place is what is missing, 0 when it is granted.
 * So while anybody waits nothing is free, and the path without contention is one comparison: nobody who comes later, however little
 * he wants, can overtake the head of the queue. Dropped while it waits or is granted, a request gives back what it was given, to the next in line.
 */
import { Future } from "../core/future.ts";
import type { Context } from "../core/poll.ts";
import { tell } from "./tell.ts";
import { type Place, WaitList, wakeChain } from "./wait-list.ts";

/** @internal What {@link Acquire.acquired} answers. */
export const WAITS = 0;
/** @internal It has its permits. */
export const GRANTED = 1;
/** @internal The semaphore is closed. */
export const REFUSED = 2;

/** @internal */
export class BatchSemaphore extends WaitList {
	permits: number;
	closed = false;
	/** The primitive that it belongs to, for observers. */
	readonly face: object;

	/** @param face - null if it is that primitive itself */
	constructor(permits: number, face: object | null) {
		super();
		this.permits = permits;
		this.face = face ?? this;
	}

	/** Gives permits: to those who wait, in their order; the rest is free. */
	give(n: number): void {
		if (this.head === null) this.permits += n;
		else this.grant(n);
	}

	grant(n: number): void {
		const first = this.head;
		let last: Place | null = null;
		let p = first;
		while (p !== null && n > 0) {
			if (p.need > n) {
				p.need -= n;
				n = 0;
				break;
			}
			n -= p.need;
			p.need = 0;
			last = p;
			p = p.after;
		}
		this.permits += n;
		if (last === null) return;
		last.after = null;
		this.head = p;
		if (p === null) this.tail = null;
		else p.before = null;
		wakeChain(first);
	}

	/** Takes permits if they are free. */
	tryTake(n: number): boolean {
		if (this.closed || this.permits < n) return false;
		this.permits -= n;
		return true;
	}

	/** Refuses those who wait (`need` becomes -1 less what was missing), and all who come later. */
	close(): void {
		if (this.closed) return;
		this.closed = true;
		const first = this.head;
		this.head = this.tail = null;
		for (let p = first; p !== null; p = p.after) p.need = -1 - p.need;
		wakeChain(first);
	}
}

/** @internal A request for permits: the base of the futures that take them. */
export abstract class Acquire<out T, out E = never> extends Future<T, E> {
	readonly sem: BatchSemaphore;
	place: Place | null = null;

	constructor(sem: BatchSemaphore) {
		super();
		this.sem = sem;
	}

	/** How many permits it wants. */
	wanted(): number {
		return 1;
	}

	/** GRANTED, REFUSED, or WAITS: then it will be woken. */
	acquired(cx: Context): number {
		const { sem, place } = this;
		if (place === null) {
			const n = this.wanted();
			if (sem.tryTake(n)) return GRANTED;
			if (sem.closed) return REFUSED;
			this.place = sem.enter(cx.waker, n - sem.permits);
			sem.permits = 0;
			tell("wait", sem.face, this);
			return WAITS;
		}
		if (place.need > 0) {
			place.waker = cx.waker;
			return WAITS;
		}
		if (sem.closed) {
			this.giveUp(place);
			return REFUSED;
		}
		this.place = null;
		sem.leave(place);
		return GRANTED;
	}

	/** Gives permits back that were granted and never used. */
	back(n: number): void {
		this.sem.give(n);
	}

	giveUp(place: Place): void {
		const { sem } = this;
		const { need } = place;
		this.place = null;
		sem.leave(place);
		if (need > 0) tell("leave", sem.face, this);
		const had = this.wanted() - (need < 0 ? -1 - need : need);
		if (had > 0) this.back(had);
	}

	protected override drop(): void {
		if (this.place !== null) this.giveUp(this.place);
	}
}
