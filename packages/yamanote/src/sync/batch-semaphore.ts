/**
 * The engine under `Semaphore`, `Mutex`, `RwLock` and the channels: permits that are taken in batches, strictly first come first served.
 *
 * A request that cannot be served takes what is free and queues for the rest: `need` of its place is what is missing, 0 when it is granted.
 * So while anybody waits nothing is free, and the path without contention is one comparison: nobody who comes later, however little
 * he wants, can overtake the head of the queue. Dropped while it waits or is granted, a request gives back what it was given, to the next in line.
 */
import { Future } from "../core/future.ts";
import { type Context, Pending, type Poll } from "../core/poll.ts";
import { S as shared } from "../core/shared.ts";
import { claim, polledBy } from "./prompt.ts";
import { tell } from "./tell.ts";
import { type Place, WaitList, wakeChain } from "./wait-list.ts";

// Constants of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;

/** @internal */
export class BatchSemaphore extends WaitList {
	/** How many are free. Below 0 so many are owed: what is given pays for them first. */
	permits: number;
	closed = false;
	/** The primitive that it belongs to, for observers; null if nobody wants to know. */
	face: object | null;

	constructor(permits: number, face: object | null) {
		super();
		this.permits = permits;
		this.face = face;
	}

	/** Gives permits: to those who wait, in their order; the rest is free. */
	give(n: number): void {
		const { head } = this;
		if (head === null) this.permits += n;
		else if (n === 1 && head.need === 1 && this.permits === 0) {
			// Just what the first in line wants: the commonest case.
			const { waker } = head;
			head.need = 0;
			head.waker = null;
			this.remove(head);
			waker?.wake();
		} else this.serve(n);
	}

	/** Serves those who wait as far as what is free and `n` more go. */
	serve(n: number): void {
		const first = this.head;
		let free = n + this.permits;
		let p = first;
		for (; p !== null && p.need <= free; p = p.after) {
			free -= p.need;
			p.need = 0;
		}
		if (p !== null && free > 0) {
			p.need -= free;
			free = 0;
		}
		this.permits = free;
		if (p === first) return;
		this.head = p;
		if (p === null) this.tail = null;
		else {
			(p.before as Place).after = null;
			p.before = null;
		}
		wakeChain(first);
	}

	/** Takes permits if they are free. */
	tryTake(n: number): boolean {
		if (this.closed || (this.permits < n && n > 0)) return false;
		this.permits -= n;
		return true;
	}

	/** Permits come back that were taken and never used. */
	giveBack(n: number): void {
		this.give(n);
	}

	/** Somebody has begun to wait. */
	entered(request: object): void {
		if (this.face !== null) tell("wait", this.face, request);
	}

	/** Somebody waits no more, and has got what he wanted or not. */
	left(request: object, granted: boolean): void {
		if (!granted && this.face !== null) tell("leave", this.face, request);
	}

	/** Refuses those who wait, and all who come later. */
	close(): void {
		if (this.closed) return;
		this.closed = true;
		this.wakeAll();
	}
}

/** @internal A request for permits: the base of the futures that take them. */
export abstract class Acquire<out T, out E = never> extends Future<T, E> {
	sem: BatchSemaphore;
	place: Place | null = null;

	constructor(sem: BatchSemaphore) {
		super();
		this.sem = sem;
	}

	/** How many permits it wants. */
	wanted(): number {
		return 1;
	}

	/** It has its permits: what it gives. */
	abstract got(): T;

	/** The semaphore is closed: what it gives, or throws. */
	refused(): T {
		return undefined as T;
	}

	/** Positive: it has its permits; negative: the semaphore is closed; 0: it waits, and will be woken. */
	attempt(cx: Context): number {
		const { sem, place } = this;
		if (place === null) {
			const n = this.wanted();
			if (sem.tryTake(n)) return 1;
			if (sem.closed) return -1;
			this.place = sem.enter(cx.waker, n);
			// It takes what is free.
			if (sem.permits > 0) sem.serve(0);
			sem.entered(this);
			return 0;
		}
		if (place.need > 0) {
			place.waker = cx.waker;
			return 0;
		}
		if (sem.closed) {
			this.leave();
			return -1;
		}
		this.place = null;
		sem.leave(place);
		sem.left(this, true);
		return 1;
	}

	poll(cx: Context): Poll<T> {
		const state = this.attempt(cx);
		if (state === 0) return Pending;
		return state > 0 ? this.got() : this.refused();
	}

	/** What `next` of each kind begins with: what it answers with less than 0 is up to the `next` of all futures. */
	step(): number {
		const d = polledBy(this);
		if (d === null) return -1;
		this.owner = d;
		const state = this.attempt(d);
		if (state === 0) S.suspended = this;
		else if (state > 0) claim(this);
		return state;
	}

	/** Does not wait any more: what it was given goes to the next in line. */
	leave(): void {
		const { sem, place } = this;
		if (place === null) return;
		const { need } = place;
		this.place = null;
		sem.leave(place);
		sem.left(this, need === 0);
		const had = this.wanted() - Math.abs(need);
		if (had > 0) sem.giveBack(had);
	}

	protected override drop(): void {
		this.leave();
	}
}
