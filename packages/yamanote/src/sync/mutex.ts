/** The lock: `Mutex`, and its guard. */
import type { Driver } from "../core/driver.ts";
import { created, type Future, inherit } from "../core/future.ts";
import { S as shared } from "../core/shared.ts";
import type { TaskContext } from "../core/types.ts";
import { Acquire, BatchSemaphore } from "./batch-semaphore.ts";
import { ReleasedError } from "./error/released-error.ts";
import { TryLockError } from "./error/try-lock-error.ts";
import { detour, ready } from "./prompt.ts";
import { Releasable } from "./releasable.ts";
import { tell } from "./tell.ts";
import type { Place } from "./wait-list.ts";
import { type BodyErr, type BodyOut, type StarredBody, withLock } from "./with-lock.ts";

// A constant of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;

/**
 * Holds the lock of a {@link Mutex}, and is the way to its value. Disposing it (`using`, `release()`) unlocks; doing so again does nothing.
 *
 * @source `tokio::sync::MutexGuard`
 */
export class MutexGuard<T> extends Releasable {
	/** @internal The lock that it holds; null when it was released. */
	held: Mutex<T> | null;

	/** @internal */
	constructor(mutex: Mutex<T>) {
		super();
		this.held = mutex;
		tell("hold", mutex, this);
	}

	/** The value that the lock guards. @throws {@link ReleasedError} after the release */
	get value(): T {
		return this.mutex.inner;
	}

	set value(value: T) {
		this.mutex.inner = value;
	}

	/** The mutex that it holds. @throws {@link ReleasedError} after the release */
	get mutex(): Mutex<T> {
		if (this.held === null) throw new ReleasedError("guard");
		return this.held;
	}

	/** Unlocks: the one who has waited longest is next. */
	release(): void {
		const mutex = this.held;
		if (mutex === null) return;
		this.held = null;
		tell("release", mutex, this);
		mutex.sem.give(1);
	}
}

class Lock<T> {
	done = false;
	value: unknown = undefined;
	owner: Driver | undefined = undefined;
	place: Place | null = null;
	readonly sem: BatchSemaphore;

	constructor(sem: BatchSemaphore) {
		this.sem = sem;
		if (S.hooks !== null) created(this);
	}

	next(this: Acquire<MutexGuard<T>>): IteratorResult<never, MutexGuard<T>> {
		const state = this.step();
		return state > 0 ? ready(this, this.got()) : state < 0 ? detour(this) : (this as never);
	}

	got(): MutexGuard<T> {
		return new MutexGuard(this.sem.face as Mutex<T>);
	}
}

inherit(Lock, Acquire);

/**
 * A value that one task at a time may use, across its waits.
 *
 * The lock is given in the order in which it was asked for. It is not re-entrant: a task that locks it twice waits for itself. It is
 * never poisoned: an error that leaves a critical section just unlocks. A value that is used between two waits only needs no lock at
 * all here, since nobody else runs meanwhile.
 *
 * @typeParam T - the value; `new Mutex(undefined)` is a lock that guards something else
 * @source `tokio::sync::Mutex`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { join, run, yieldNow } from "yamanote";
 * import { Mutex } from "yamanote/sync";
 *
 * const balance = new Mutex(100);
 * function* pay(amount: number) {
 *   using guard = yield* balance.lock();
 *   const before = guard.value;
 *   yield* yieldNow();
 *   guard.value = before - amount;
 * }
 * await run(join([pay(10), pay(20)]));
 * assert.equal(balance.tryLock().value, 70);
 * ```
 */
export class Mutex<T> {
	/** @internal */
	readonly sem: BatchSemaphore = new BatchSemaphore(1, this);
	/** @internal */
	inner: T;

	/** @param value - what the lock guards */
	constructor(value: T) {
		this.inner = value;
	}

	/** Whether somebody holds the lock, or will next. */
	get isLocked(): boolean {
		return this.sem.permits === 0;
	}

	/**
	 * Waits for the lock.
	 *
	 * @returns its guard: `using guard = yield* mutex.lock()`
	 * @cancelSafety cancel safe: the lock is not taken; the place in the queue is lost
	 * @source `tokio::sync::Mutex::lock`
	 */
	lock(): Future<MutexGuard<T>> {
		return new Lock(this.sem) as never;
	}

	/**
	 * Takes the lock, if it is free.
	 *
	 * @throws {@link TryLockError} (`YAMANOTE_TRY_LOCK`) if it is not
	 * @source `tokio::sync::Mutex::try_lock`
	 */
	tryLock(): MutexGuard<T> {
		if (!this.sem.tryTake(1)) throw new TryLockError();
		return new MutexGuard(this);
	}

	/**
	 * Runs a body while the lock is held, and unlocks when it has ended, however it ends.
	 *
	 * @param body - is given the guard: a generator function, an async function (it is given its task as well), or a plain function
	 * @returns what the body gives
	 * @errors the failures of the body
	 * @cancelSafety a body that has begun is cancelled, and the lock is held until its cleanup has ended
	 * @source none: `using` in a callback
	 *
	 * @example
	 * ```ts
	 * import assert from "node:assert/strict";
	 * import { Mutex } from "yamanote/sync";
	 *
	 * const counter = new Mutex(0);
	 * await counter.withLock(async (guard) => {
	 *   guard.value = await Promise.resolve(guard.value + 1);
	 * });
	 * assert.equal(await counter.withLock((guard) => guard.value), 1);
	 * ```
	 */
	withLock<R>(
		body: ((guard: MutexGuard<T>, task: TaskContext) => R) & StarredBody<R, MutexGuard<T>>,
	): Future<BodyOut<R>, BodyErr<R>> {
		return withLock(this.lock(), body);
	}
}
