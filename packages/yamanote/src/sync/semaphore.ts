/** A counting semaphore: `Semaphore`, and the permits that it gives. */

import type { Driver } from "../core/driver.ts";
import { describe } from "../core/error.ts";
import { created, type Future, inherit } from "../core/future.ts";
import { S as shared } from "../core/shared.ts";
import type { TaskContext } from "../core/types.ts";
import { Acquire, BatchSemaphore } from "./batch-semaphore.ts";
import { AcquireError } from "./error/acquire-error.ts";
import { TryAcquireError } from "./error/try-acquire-error.ts";
import { checkCount } from "./message.ts";
import { detour, ready } from "./prompt.ts";
import { Releasable } from "./releasable.ts";
import { tell } from "./tell.ts";
import type { Place } from "./wait-list.ts";
import { type BodyErr, type BodyOut, type StarredBody, withLock } from "./with-lock.ts";

// A constant of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;

/**
 * Permits of a {@link Semaphore}. Disposing it (`using`, `release()`) gives them back; doing so again does nothing.
 *
 * @source `tokio::sync::SemaphorePermit`
 */
export class SemaphorePermit extends Releasable {
	/** @internal */
	n: number;
	/** The semaphore that it belongs to. */
	readonly semaphore: Semaphore;

	/** @internal */
	constructor(semaphore: Semaphore, n: number) {
		super();
		this.semaphore = semaphore;
		this.n = n;
		if (n > 0) tell("hold", semaphore, this);
	}

	/** How many permits it holds; 0 when it was released. */
	get numPermits(): number {
		return this.n;
	}

	/** Gives the permits back, and wakes whom they serve. */
	release(): void {
		const { n } = this;
		if (n === 0) return;
		this.n = 0;
		tell("release", this.semaphore, this);
		this.semaphore.sem.give(n);
	}

	/** The permits are never given back: the semaphore has so many fewer for good. */
	forget(): void {
		this.n = 0;
		tell("release", this.semaphore, this);
	}

	/**
	 * Takes over the permits of another, which is empty then.
	 *
	 * @throws {@link TypeError} if the other belongs to another semaphore, or is this one
	 */
	merge(other: SemaphorePermit): void {
		if (other === this) throw new TypeError("merge: a permit cannot be merged with itself");
		if (!(other instanceof SemaphorePermit)) throw new TypeError(`merge: give a permit, not ${describe(other)}`);
		if (other.semaphore !== this.semaphore) throw new TypeError("merge: the permits belong to different semaphores");
		if (this.n === 0 && other.n > 0) tell("hold", this.semaphore, this);
		this.n += other.n;
		other.forget();
	}

	/**
	 * Takes `n` permits out of it, into one of their own; `undefined` if it holds fewer.
	 *
	 * @throws {@link RangeError} if `n` is no whole number of at least 0
	 */
	split(n: number): SemaphorePermit | undefined {
		checkCount("split: n", n);
		if (n > this.n) return undefined;
		this.n -= n;
		// It has nothing left to give back.
		if (this.n === 0) tell("release", this.semaphore, this);
		return new SemaphorePermit(this.semaphore, n);
	}
}

class AcquirePermits {
	done = false;
	value: unknown = undefined;
	owner: Driver | undefined = undefined;
	place: Place | null = null;
	readonly sem: BatchSemaphore;
	readonly n: number;

	constructor(sem: BatchSemaphore, n: number) {
		this.sem = sem;
		this.n = n;
		if (S.hooks !== null) created(this);
	}

	wanted(): number {
		return this.n;
	}

	next(this: Acquire<SemaphorePermit>): IteratorResult<never, SemaphorePermit> {
		const state = this.step();
		return state > 0 ? ready(this, this.got()) : state < 0 ? detour(this) : (this as never);
	}

	got(): SemaphorePermit {
		return new SemaphorePermit(this.sem.face as Semaphore, this.n);
	}

	refused(): never {
		throw new AcquireError();
	}
}

inherit(AcquirePermits, Acquire);

/**
 * A number of permits that tasks take and give back: how many may do something at once.
 *
 * Requests are served in the order in which they were first polled: a large request at the head is never overtaken by a smaller one behind
 * it, so nobody starves. A large request collects what falls free while it waits, and nothing is free for others meanwhile.
 *
 * @source `tokio::sync::Semaphore`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { join, run, yieldNow } from "yamanote";
 * import { Semaphore } from "yamanote/sync";
 *
 * const atMostTwo = new Semaphore(2);
 * let inside = 0;
 * let most = 0;
 * function* job() {
 *   using _permit = yield* atMostTwo.acquire();
 *   most = Math.max(most, ++inside);
 *   yield* yieldNow();
 *   inside--;
 * }
 * await run(join([job(), job(), job(), job()]));
 * assert.equal(most, 2);
 * ```
 */
export class Semaphore {
	/** The most permits that a semaphore can have. */
	static readonly MAX_PERMITS: number = Number.MAX_SAFE_INTEGER;

	/** @internal */
	readonly sem: BatchSemaphore;

	/**
	 * @param permits - how many there are; a whole number, 0 to {@link Semaphore.MAX_PERMITS}
	 * @throws {@link RangeError} if it is not
	 */
	constructor(permits: number) {
		checkCount("a semaphore's permits", permits);
		this.sem = new BatchSemaphore(permits, this);
	}

	/** How many permits are free now: 0 as long as somebody waits. */
	get availablePermits(): number {
		return this.sem.permits;
	}

	/** Whether it was closed. */
	get isClosed(): boolean {
		return this.sem.closed;
	}

	/**
	 * Waits for one permit.
	 *
	 * @returns a {@link SemaphorePermit}: `using permit = yield* semaphore.acquire()`
	 * @errors {@link AcquireError} (`YAMANOTE_ACQUIRE`) if the semaphore is closed before
	 * @cancelSafety cancel safe: no permit is lost, only the place in the queue
	 * @source `tokio::sync::Semaphore::acquire`
	 */
	acquire(): Future<SemaphorePermit, AcquireError> {
		return new AcquirePermits(this.sem, 1) as never;
	}

	/**
	 * Waits until `n` permits are free, and takes them together. 0 are there at once; more than there will ever be are waited for for ever.
	 *
	 * @param n - permits to take; a whole number, 0 to {@link Semaphore.MAX_PERMITS}
	 * @throws {@link RangeError} at the call if `n` is out of range
	 * @errors {@link AcquireError} (`YAMANOTE_ACQUIRE`) if the semaphore is closed before
	 * @cancelSafety cancel safe: no permit is lost, only the place in the queue
	 * @source `tokio::sync::Semaphore::acquire_many`
	 */
	acquireMany(n: number): Future<SemaphorePermit, AcquireError> {
		checkCount("acquireMany: n", n);
		return new AcquirePermits(this.sem, n) as never;
	}

	/**
	 * Takes one permit, if it is free.
	 *
	 * @throws {@link TryAcquireError} (`YAMANOTE_TRY_ACQUIRE`) if none is, or the semaphore is closed
	 * @source `tokio::sync::Semaphore::try_acquire`
	 */
	tryAcquire(): SemaphorePermit {
		return this.tryAcquireMany(1);
	}

	/**
	 * Takes `n` permits together, if they are free.
	 *
	 * @param n - permits to take; a whole number, 0 to {@link Semaphore.MAX_PERMITS}
	 * @throws {@link TryAcquireError} (`YAMANOTE_TRY_ACQUIRE`) if they are not, or the semaphore is closed
	 * @throws {@link RangeError} if `n` is out of range
	 * @source `tokio::sync::Semaphore::try_acquire_many`
	 */
	tryAcquireMany(n: number): SemaphorePermit {
		checkCount("tryAcquireMany: n", n);
		const { sem } = this;
		if (!sem.tryTake(n)) throw new TryAcquireError(sem.closed ? "closed" : "no-permits");
		return new SemaphorePermit(this, n);
	}

	/**
	 * Adds permits, and wakes whom they serve.
	 *
	 * @param n - how many; a whole number of at least 0
	 * @throws {@link RangeError} if there would be more than {@link Semaphore.MAX_PERMITS}
	 * @source `tokio::sync::Semaphore::add_permits`
	 */
	addPermits(n: number): void {
		checkCount("addPermits: n", n, 0, Semaphore.MAX_PERMITS - this.sem.permits);
		this.sem.give(n);
	}

	/**
	 * Takes away at most `n` permits that are free, for good.
	 *
	 * @returns how many it took away
	 * @throws {@link RangeError} if `n` is no whole number of at least 0
	 * @source `tokio::sync::Semaphore::forget_permits`
	 */
	forgetPermits(n: number): number {
		checkCount("forgetPermits: n", n);
		const taken = Math.min(n, this.sem.permits);
		this.sem.permits -= taken;
		return taken;
	}

	/**
	 * Fails everybody who waits, and all who come later, with {@link AcquireError}. Permits that are out stay valid.
	 *
	 * @source `tokio::sync::Semaphore::close`
	 */
	close(): void {
		this.sem.close();
	}

	/**
	 * Runs a body while it holds one permit, which is given back when the body has ended, however it ends.
	 *
	 * @param body - is given the permit: a generator function, an async function (it is given its task as well), or a plain function
	 * @errors {@link AcquireError} (`YAMANOTE_ACQUIRE`) if the semaphore is closed before; the failures of the body
	 * @cancelSafety a body that has begun is cancelled, and the permit is held until its cleanup has ended
	 */
	withPermit<R>(
		body: ((permit: SemaphorePermit, task: TaskContext) => R) & StarredBody<R, SemaphorePermit>,
	): Future<BodyOut<R>, BodyErr<R> | AcquireError> {
		return withLock(this.acquire(), body);
	}

	/**
	 * As {@link Semaphore.withPermit}, with `n` permits.
	 *
	 * @throws {@link RangeError} at the call, as {@link Semaphore.acquireMany}
	 * @errors {@link AcquireError} (`YAMANOTE_ACQUIRE`) if the semaphore is closed before; the failures of the body
	 * @cancelSafety a body that has begun is cancelled, and the permits are held until its cleanup has ended
	 */
	withPermits<R>(
		n: number,
		body: ((permit: SemaphorePermit, task: TaskContext) => R) & StarredBody<R, SemaphorePermit>,
	): Future<BodyOut<R>, BodyErr<R> | AcquireError> {
		return withLock(this.acquireMany(n), body);
	}
}
