/**
 * A lock for short critical sections, which must not wait: `SyncMutex`.
 *
 * The guards that tasks hold are linked, the first at `S.plain`: a driver that is about to suspend asks it whether its own code holds one.
 * Where nobody holds one this costs a comparison at each suspension. Code outside of tasks is watched by a microtask, which runs after it has
 * returned or begun to wait, and before it goes on.
 */

import { type Driver, ended } from "../core/driver.ts";
import { checkFunction, checkName, checkOptions } from "../core/error.ts";
import { kFuture } from "../core/poll.ts";
import { S } from "../core/shared.ts";
import { limitStacks } from "../core/stack-limit.ts";
import { traceOf } from "../core/trace.ts";
import { GuardAcrossWaitError } from "./error/guard-across-wait-error.ts";
import { LockHeldError } from "./error/lock-held-error.ts";
import { ReleasedError } from "./error/released-error.ts";
import { TryLockError } from "./error/try-lock-error.ts";
import { Releasable } from "./releasable.ts";
import { tell } from "./tell.ts";
import type { Released } from "./with-lock.ts";

/** Options of a {@link SyncMutex}. */
export interface SyncMutexOptions {
	/** Its name, in messages. */
	readonly name?: string | undefined;
}

/**
 * Holds the lock of a {@link SyncMutex}, and is the way to its value. Disposing it (`using`, `release()`) unlocks; doing so again does
 * nothing. It must not be held while its task waits.
 *
 * @source `std::sync::MutexGuard`
 */
export class SyncMutexGuard<T> extends Releasable {
	/** @internal The lock that it holds; null when it was released. */
	held: SyncMutex<T> | null;
	/** @internal Whose code took it; null for native code. */
	readonly driver: Driver | null = S.current;
	/** @internal */
	readonly site: { readonly stack?: string };
	/** @internal Guards that are held in tasks. */
	before: SyncMutexGuard<unknown> | null = null;
	/** @internal */
	after: SyncMutexGuard<unknown> | null = null;
	/** @internal Native code awaited while it held the guard, and was not told yet. */
	untold: GuardAcrossWaitError | null = null;

	/** @internal */
	constructor(mutex: SyncMutex<T>, site: { readonly stack?: string }) {
		super();
		this.held = mutex;
		this.site = site;
		mutex.guard = this;
		tell("hold", mutex, this);
		if (this.driver === null) {
			Promise.resolve().then(() => {
				if (this.held !== mutex) return;
				this.untold = new GuardAcrossWaitError(mutex.label, this.takenAt, undefined);
				tell("crossed", mutex, this.untold);
			});
			return;
		}
		const first = S.plain as SyncMutexGuard<unknown> | null;
		this.after = first;
		if (first !== null) first.before = this;
		S.plain = this;
	}

	/**
	 * The value that the lock guards.
	 *
	 * @throws {@link ReleasedError} after the release; {@link GuardAcrossWaitError}, once, in native code that has awaited since
	 */
	get value(): T {
		return this.mutex.inner;
	}

	set value(value: T) {
		this.mutex.inner = value;
	}

	/** The mutex that it holds. */
	get mutex(): SyncMutex<T> {
		this.#complain();
		if (this.held === null) throw new ReleasedError("guard");
		return this.held;
	}

	/** Unlocks. */
	release(): void {
		const mutex = this.held;
		if (mutex === null) return;
		this.held = null;
		mutex.guard = null;
		tell("release", mutex, this);
		this.unlink();
		this.#complain();
	}

	/** @internal No wait looks at it any more. */
	unlink(): void {
		const { before, after } = this;
		if (before !== null) before.after = after;
		else if (S.plain === this) S.plain = after;
		if (after !== null) after.before = before;
		this.before = this.after = null;
	}

	/** @internal Where it was taken. */
	get takenAt(): string {
		return placeIn(this.site.stack);
	}

	/** @internal The driver suspends: what its code must be told if it holds this guard, or one after it in the list. */
	crossed(d: Driver): Error | undefined {
		let next: SyncMutexGuard<unknown> | null;
		for (let g: SyncMutexGuard<unknown> | null = this; g !== null; g = next) {
			next = g.after;
			// Forgotten: its code has ended.
			if (g.driver?.root === ended) g.unlink();
			if (g.driver !== d || g.held === null) continue;
			const innermost = d.top === null ? d.root : (d.top.value as Iterator<unknown, unknown>);
			const error = new GuardAcrossWaitError(g.held.label, g.takenAt, placeIn(traceOf(innermost)));
			tell("crossed", g.held, error);
			return error;
		}
		return undefined;
	}

	#complain(): void {
		const error = this.untold;
		this.untold = null;
		if (error !== null) throw error;
	}
}

/**
 * A lock for a critical section without a wait: `std::sync::Mutex`. Nothing else runs inside such a section here, so it is not needed for
 * exclusion; it makes sure that the section stays one. If its guard is held when the task suspends, the runtime throws
 * {@link GuardAcrossWaitError} at that wait, which names the lock and both places. For what may be held across waits there is `Mutex`.
 *
 * Native code (an async function) is told by the guard, when it next uses or releases it after an `await`.
 *
 * @typeParam T - the value
 * @source `std::sync::Mutex`; never poisoned
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run, sleep } from "yamanote";
 * import { GuardAcrossWaitError, SyncMutex } from "yamanote/sync";
 *
 * const hits = new SyncMutex(0, { name: "hits" });
 * hits.withLock((guard) => guard.value++);
 * assert.equal(hits.withLock((guard) => guard.value), 1);
 *
 * await assert.rejects(run(function* () {
 *   using guard = hits.lock();
 *   yield* sleep(1);
 *   guard.value++;
 * }), GuardAcrossWaitError);
 * ```
 */
export class SyncMutex<T> {
	/** Its name, in messages. */
	readonly name: string | undefined;
	/** @internal Who holds it. */
	guard: SyncMutexGuard<T> | null = null;
	/** @internal */
	inner: T;

	/** @param value - what the lock guards */
	constructor(value: T, options: SyncMutexOptions = {}) {
		checkOptions("SyncMutex", options);
		checkName(options.name);
		this.inner = value;
		this.name = options.name;
	}

	/** @internal */
	get label(): string {
		return this.name === undefined ? "a SyncMutex" : `the SyncMutex "${this.name}"`;
	}

	/** Whether somebody holds the lock. */
	get isLocked(): boolean {
		return this.guard !== null;
	}

	/**
	 * Takes the lock, at once: `using guard = mutex.lock()`. The guard must be released before the next wait.
	 *
	 * @throws {@link LockHeldError} (`YAMANOTE_LOCK_HELD`) if it is held already: by the caller, or by somebody who forgot to release it
	 * @source `std::sync::Mutex::lock`
	 */
	lock(): SyncMutexGuard<T> {
		if (this.guard !== null) throw new LockHeldError(this.label, this.guard.takenAt);
		return new SyncMutexGuard(this, siteBelow(this.lock));
	}

	/**
	 * Takes the lock, if it is free.
	 *
	 * @throws {@link TryLockError} (`YAMANOTE_TRY_LOCK`) if it is not
	 * @source `std::sync::Mutex::try_lock`
	 */
	tryLock(): SyncMutexGuard<T> {
		if (this.guard !== null) throw new TryLockError();
		return new SyncMutexGuard(this, siteBelow(this.tryLock));
	}

	/**
	 * Calls a function while the lock is held.
	 *
	 * @param body - is given the guard; it must not wait
	 * @returns what it returns
	 * @throws {@link LockHeldError} as {@link SyncMutex.lock}; {@link TypeError} if the body returns something that waits
	 */
	withLock<R>(body: ((guard: SyncMutexGuard<T>) => R) & Released<R, SyncMutexGuard<T>>): R {
		checkFunction("SyncMutex.withLock", body);
		if (this.guard !== null) throw new LockHeldError(this.label, this.guard.takenAt);
		const guard = new SyncMutexGuard(this, siteBelow(this.withLock));
		// No `using` here: it brings a kilobyte with it where it is not in the language yet.
		try {
			const made = body(guard);
			if (waits(made)) throw new TypeError("SyncMutex.withLock: the body must not wait; use Mutex.withLock");
			return made;
		} finally {
			guard.release();
		}
	}
}

function waits(made: unknown): boolean {
	if (typeof made !== "object" || made === null) return false;
	if ((made as { [kFuture]?: boolean })[kFuture] === true) return true;
	return (
		typeof (made as { then?: unknown }).then === "function" ||
		`${Object.prototype.toString.call(made)}`.includes("Generator]")
	);
}

/** The stack at the caller of `below`: one frame, which the engine puts into words when it is asked. */
function siteBelow(below: (...args: never[]) => unknown): { readonly stack?: string } {
	const E = Error as unknown as { captureStackTrace?(o: object, f: unknown): void };
	if (E.captureStackTrace === undefined) return new Error();
	const limit = limitStacks(1);
	const site = {};
	E.captureStackTrace(site, below);
	limitStacks(limit);
	return site;
}

/** The first place outside of this file in a stack. */
function placeIn(stack: string | undefined): string {
	for (const line of (stack ?? "").split("\n")) {
		const place = /^\s*at (.+)$|^(.*@.+)$/.exec(line);
		if (place !== null && !/sync-mutex\.[jt]s/.test(line)) return (place[1] ?? place[2]) as string;
	}
	return "an unknown place";
}
