/** The lock for many readers or one writer: `RwLock`. */
import type { Future } from "../core/future.ts";
import type { TaskContext } from "../core/types.ts";
import { Acquire, BatchSemaphore } from "./batch-semaphore.ts";
import { TryLockError } from "./error/try-lock-error.ts";
import { checkCount } from "./message.ts";
import { RwLockReadGuard, RwLockWriteGuard } from "./rw-lock-guard.ts";
import { type BodyErr, type BodyOut, type StarredBody, withLock } from "./with-lock.ts";

/** As in Tokio. */
const MAX_READERS = 2 ** 29 - 1;

abstract class LockRequest<T, G> extends Acquire<G> {
	readonly lock: RwLock<T>;

	constructor(lock: RwLock<T>) {
		super(lock.sem);
		this.lock = lock;
	}
}

class Read<T> extends LockRequest<T, RwLockReadGuard<T>> {
	got(): RwLockReadGuard<T> {
		return new RwLockReadGuard(this.lock);
	}
}

class Write<T> extends LockRequest<T, RwLockWriteGuard<T>> {
	override wanted(): number {
		return this.lock.maxReaders;
	}

	got(): RwLockWriteGuard<T> {
		return new RwLockWriteGuard(this.lock);
	}
}

/**
 * A value that many may read at once, or one may write, across their waits.
 *
 * The lock is given in the order in which it was asked for: who wants to read waits behind a writer who waits, so writers are not starved. A
 * task that reads and asks to read again can therefore wait for ever, behind a writer that waits for it.
 *
 * @typeParam T - the value
 * @source `tokio::sync::RwLock`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run } from "yamanote";
 * import { RwLock } from "yamanote/sync";
 *
 * const prices = new RwLock(new Map([["tea", 3]]));
 * await run(function* () {
 *   {
 *     using first = yield* prices.read();
 *     using second = yield* prices.read();
 *     assert.equal(first.value.get("tea"), second.value.get("tea"));
 *   }
 *   using guard = yield* prices.write();
 *   guard.value = new Map(guard.value).set("tea", 4);
 * });
 * assert.equal(prices.tryRead().value.get("tea"), 4);
 * ```
 */
export class RwLock<T> {
	/** The most that can read at once. */
	readonly maxReaders: number;
	/** @internal One permit for each reader; a writer takes all. */
	readonly sem: BatchSemaphore;
	/** @internal */
	inner: T;

	/** @param value - what the lock guards */
	constructor(value: T, /** @internal */ maxReaders: number = MAX_READERS) {
		this.inner = value;
		this.maxReaders = maxReaders;
		this.sem = new BatchSemaphore(maxReaders, this);
	}

	/**
	 * A lock that so many can read at once.
	 *
	 * @param maxReaders - a whole number, 1 to 2^29 - 1
	 * @throws {@link RangeError} if it is no such number
	 * @source `tokio::sync::RwLock::with_max_readers`
	 */
	static withMaxReaders<T>(value: T, maxReaders: number): RwLock<T> {
		checkCount("withMaxReaders: maxReaders", maxReaders, 1, MAX_READERS);
		return new RwLock(value, maxReaders);
	}

	/**
	 * Waits until nobody writes, or waits to write before, and holds off writers.
	 *
	 * @cancelSafety cancel safe: the lock is not taken; the place in the queue is lost
	 * @source `tokio::sync::RwLock::read`
	 */
	read(): Future<RwLockReadGuard<T>> {
		return new Read(this);
	}

	/**
	 * Waits until nobody else reads or writes, and holds off both.
	 *
	 * @cancelSafety cancel safe: the lock is not taken; the place in the queue is lost
	 * @source `tokio::sync::RwLock::write`
	 */
	write(): Future<RwLockWriteGuard<T>> {
		return new Write(this);
	}

	/**
	 * As {@link RwLock.read}, if that needs no wait.
	 *
	 * @throws {@link TryLockError} (`YAMANOTE_TRY_LOCK`) if it does
	 * @source `tokio::sync::RwLock::try_read`
	 */
	tryRead(): RwLockReadGuard<T> {
		if (!this.sem.tryTake(1)) throw new TryLockError();
		return new RwLockReadGuard(this);
	}

	/**
	 * As {@link RwLock.write}, if that needs no wait.
	 *
	 * @throws {@link TryLockError} (`YAMANOTE_TRY_LOCK`) if it does
	 * @source `tokio::sync::RwLock::try_write`
	 */
	tryWrite(): RwLockWriteGuard<T> {
		if (!this.sem.tryTake(this.maxReaders)) throw new TryLockError();
		return new RwLockWriteGuard(this);
	}

	/**
	 * Runs a body while it may read, and unlocks when the body has ended, however it ends.
	 *
	 * @param body - is given the guard: a generator function, an async function (it is given its task as well), or a plain function
	 * @errors the failures of the body
	 * @cancelSafety a body that has begun is cancelled, and the lock is held until its cleanup has ended
	 */
	withRead<R>(
		body: ((guard: RwLockReadGuard<T>, task: TaskContext) => R) & StarredBody<R, RwLockReadGuard<T>>,
	): Future<BodyOut<R>, BodyErr<R>> {
		return withLock(this.read(), body);
	}

	/**
	 * Runs a body while it alone may read and write: as {@link RwLock.withRead}.
	 *
	 * @errors the failures of the body
	 * @cancelSafety a body that has begun is cancelled, and the lock is held until its cleanup has ended
	 */
	withWrite<R>(
		body: ((guard: RwLockWriteGuard<T>, task: TaskContext) => R) & StarredBody<R, RwLockWriteGuard<T>>,
	): Future<BodyOut<R>, BodyErr<R>> {
		return withLock(this.write(), body);
	}
}
