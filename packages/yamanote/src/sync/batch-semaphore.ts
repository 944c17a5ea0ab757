/**
 * The engine under `Semaphore`, `Mutex`, `RwLock` and the channels: permits that are taken in batches, strictly first come first served.
 *
 * A request that cannot be served takes what is free and queues for the rest: `need` of its place is what is missing, 0 when it is granted.
 * So while anybody waits nothing is free, and the path without contention is one comparison: nobody who comes later, however little
 * he wants, can overtake the head of the queue. Dropped while it waits or is granted, a request gives back what it was given, to the next in line.
 */
import { Future } from "../core/future.ts";
import { type Context, Pending, type Poll } from "../core/poll.ts";
import { S } from "../core/shared.ts";
import { claim, polledBy } from "./prompt.ts";
import { tell } from "./tell.ts";
import { type Place, WaitList, wakeChain } from "./wait-list.ts";

/** @internal */
export class BatchSemaphore extends WaitList {
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

	/** Permits come back that were taken and never used. */
	giveBack(n: number): void {
		this.give(n);
	}

	/** Somebody has begun to wait. */
	entered(request: object): void {
		if (this.face !== null) tell("wait", this.face, request);
	}

	/** Somebody waits no more, and has not got what he wanted. */
	left(request: object): void {
		if (this.face !== null) tell("leave", this.face, request);
	}

	/** Refuses those who wait, and all who come later. */
	close(): void {
		if (this.closed) return;
		this.closed = true;
		this.wakeAll();
	}
}

/** @internal What {@link Acquire.attempt} answers. */
export const WAITS = 0;
/** @internal It has its permits. */
export const GRANTED = 1;
/** The semaphore is closed. */
const REFUSED = 2;

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

	/** It has its permits: what it gives. */
	abstract got(): T;

	/** The semaphore is closed: what it gives, or throws. */
	refused(): T {
		return undefined as T;
	}

	/** GRANTED; or WAITS: then it will be woken; or REFUSED. */
	attempt(cx: Context): number {
		const { sem, place } = this;
		if (place === null) {
			const n = this.wanted();
			if (sem.tryTake(n)) return GRANTED;
			if (sem.closed) return REFUSED;
			this.place = sem.enter(cx.waker, n - sem.permits);
			sem.permits = 0;
			sem.entered(this);
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

	poll(cx: Context): Poll<T> {
		const state = this.attempt(cx);
		if (state === WAITS) return Pending;
		return state === GRANTED ? this.got() : this.refused();
	}

	/** What `next` of each kind begins with: what it does not answer with GRANTED or WAITS is up to the `next` of all futures. */
	step(): number {
		const d = polledBy(this);
		if (d === null) return REFUSED;
		this.owner = d;
		const state = this.attempt(d);
		if (state === WAITS) S.suspended = true;
		else if (state === GRANTED) claim(this);
		return state;
	}

	giveUp(place: Place): void {
		const { sem } = this;
		const { need } = place;
		this.place = null;
		sem.leave(place);
		if (need > 0) sem.left(this);
		const had = this.wanted() - Math.abs(need);
		if (had > 0) sem.giveBack(had);
	}

	/** Does not wait any more. */
	leave(): void {
		if (this.place !== null) this.giveUp(this.place);
	}

	protected override drop(): void {
		this.leave();
	}
}
