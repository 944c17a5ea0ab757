/** The guards of an `RwLock`. */
import { ReleasedError } from "./error/released-error.ts";
import { Releasable } from "./releasable.ts";
import type { RwLock } from "./rw-lock.ts";
import { tell } from "./tell.ts";

abstract class RwLockGuard<T> extends Releasable {
	/** @internal The lock that it holds; null when it was released. */
	held: RwLock<T> | null;

	/** @internal */
	constructor(lock: RwLock<T>) {
		super();
		this.held = lock;
		tell("hold", lock, this);
	}

	/** The lock that it holds. @throws {@link ReleasedError} after the release */
	get rwLock(): RwLock<T> {
		if (this.held === null) throw new ReleasedError("guard");
		return this.held;
	}

	/** @internal The share of the lock that it holds. */
	abstract share(lock: RwLock<T>): number;

	/** Unlocks: the one who has waited longest is next. */
	release(): void {
		const lock = this.held;
		if (lock === null) return;
		this.held = null;
		tell("release", lock, this);
		lock.sem.give(this.share(lock));
	}
}

/**
 * Allows to read. Disposing it (`using`, `release()`) unlocks; doing so again does nothing.
 *
 * @source `tokio::sync::RwLockReadGuard`
 */
export class RwLockReadGuard<T> extends RwLockGuard<T> {
	/** The value that the lock guards. @throws {@link ReleasedError} after the release */
	get value(): T {
		return this.rwLock.inner;
	}

	/** @internal */
	share(): number {
		return 1;
	}
}

/**
 * Allows to read and write. Disposing it (`using`, `release()`) unlocks; doing so again does nothing.
 *
 * @source `tokio::sync::RwLockWriteGuard`
 */
export class RwLockWriteGuard<T> extends RwLockGuard<T> {
	/** The value that the lock guards. @throws {@link ReleasedError} after the release */
	get value(): T {
		return this.rwLock.inner;
	}

	set value(value: T) {
		this.rwLock.inner = value;
	}

	/** @internal */
	share(lock: RwLock<T>): number {
		return lock.maxReaders;
	}

	/**
	 * Goes on as a reader, without anybody writing in between. This guard is released.
	 *
	 * @throws {@link ReleasedError} after the release
	 * @source `tokio::sync::RwLockWriteGuard::downgrade`
	 */
	downgrade(): RwLockReadGuard<T> {
		const lock = this.rwLock;
		this.held = null;
		tell("release", lock, this);
		const guard = new RwLockReadGuard(lock);
		lock.sem.give(lock.maxReaders - 1);
		return guard;
	}
}
