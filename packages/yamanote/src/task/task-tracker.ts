/** Counting tasks, and waiting until all have ended: `TaskTracker`. */
import { kRelease } from "../core/discard.ts";
import { Future } from "../core/future.ts";
import type { JoinHandle } from "../core/handle.ts";
import { into } from "../core/into.ts";
import { OneBranch } from "../core/one-branch.ts";
import { type Context, Pending, type Poll, type Waker } from "../core/poll.ts";
import type { Task } from "../core/task.ts";
import type { Err, Out, Starred, Waitable } from "../core/types.ts";
import { unclaimed } from "./failures.ts";
import { type SpawnOptions, taskOf } from "./spawn.ts";

/**
 * Counts tasks, and lets one wait until it is closed and all of them have ended: what a graceful shutdown waits for.
 *
 * Unlike a `JoinSet` it keeps nothing of a task that has ended, so that it can serve for as long as a program runs; and unlike a `scope` it
 * neither owns nor cancels its tasks. A failure that nobody awaits is reported as that of any task.
 *
 * @source `tokio_util::task::TaskTracker`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run, sleep, TaskTracker } from "yamanote";
 *
 * const tracker = new TaskTracker();
 * let served = 0;
 * await run(function* () {
 *   for (const ms of [3, 1, 2]) {
 *     tracker.spawn(function* () {
 *       yield* sleep(ms);
 *       served++;
 *     });
 *   }
 *   tracker.close();
 *   yield* tracker.wait();
 * });
 * assert.equal(served, 3);
 * ```
 */
export class TaskTracker {
	#size = 0;
	#closed = false;
	/** How often it has been closed and empty: whoever waits compares it with what it was. */
	#times = 0;
	readonly #waiting = new Set<Waker>();

	/** What it counts: tasks that have not ended, futures and tokens that have not been dropped. */
	get size(): number {
		return this.#size;
	}

	/** Whether it counts nothing. */
	get isEmpty(): boolean {
		return this.#size === 0;
	}

	/** Whether it is closed: tasks can be spawned all the same. */
	get isClosed(): boolean {
		return this.#closed;
	}

	/**
	 * Lets `wait` end when all tasks have. Spawning stays possible.
	 *
	 * @returns whether it was open
	 * @source `tokio_util::task::TaskTracker::close`
	 */
	close(): boolean {
		if (this.#closed) return false;
		this.#closed = true;
		this.#look();
		return true;
	}

	/**
	 * Lets nobody's `wait` end, from now on; one that has seen it closed and empty ends all the same.
	 *
	 * @returns whether it was closed
	 * @source `tokio_util::task::TaskTracker::reopen`
	 */
	reopen(): boolean {
		const was = this.#closed;
		this.#closed = false;
		return was;
	}

	/**
	 * Starts a task, and counts it until it has ended, its cleanup included.
	 *
	 * @throws {@link TypeError} at the call, if it is no future
	 * @cancelSafety a wait for the handle is cancel safe: dropping it detaches the task, which runs on
	 * @source `tokio_util::task::TaskTracker::spawn`, `spawn_on`
	 */
	spawn<const F extends Waitable>(future: F & Starred<F>, options?: SpawnOptions): JoinHandle<Out<F>, Err<F>> {
		const task = taskOf(into(future), options);
		this.count(task, true);
		return task as never;
	}

	/**
	 * Counts a future, from now on until it has completed or was dropped (`Symbol.dispose`, if it was never polled).
	 *
	 * @throws {@link TypeError} at the call, if it is no future
	 * @errors the failures of the future
	 * @cancelSafety cancel safe if the future is
	 * @source `tokio_util::task::TaskTracker::track_future`
	 */
	track<const F extends Waitable>(future: F & Starred<F>): Future<Out<F>, Err<F>> {
		const root = into(future);
		return new Tracked<Out<F>, Err<F>>(root, this.token());
	}

	/**
	 * Counts one by hand, until the token is released.
	 *
	 * @source `tokio_util::task::TaskTracker::token`
	 */
	token(): TaskTrackerToken {
		this.#size++;
		return new TaskTrackerToken(this);
	}

	/**
	 * Waits until it is closed and counts nothing, at one moment since this call at least: reopening it, or spawning more, comes too late then.
	 *
	 * @cancelSafety cancel safe: but what was missed between two waits is missed
	 * @source `tokio_util::task::TaskTracker::wait`
	 */
	wait(): Future<void> {
		return new Empty(this, this.#closed && this.#size === 0 ? -1 : this.#times);
	}

	/** @internal Counts a task until it has ended; one that is `alone` has nobody else who is told of its failure. */
	count(task: Task, alone: boolean): void {
		this.#size++;
		task.addWaiter(new Counted(alone ? task : null, this));
	}

	/** @internal One less. */
	leave(): void {
		this.#size--;
		this.#look();
	}

	#look(): void {
		if (!this.#closed || this.#size > 0) return;
		this.#times++;
		for (const waker of this.#waiting) waker.wake();
		this.#waiting.clear();
	}

	/** @internal Whether it was closed and empty since it had been so `times` times; else the waker is kept. */
	wasEmpty(times: number, waker: Waker): boolean {
		if (this.#times !== times || (this.#closed && this.#size === 0)) return true;
		this.#waiting.add(waker);
		return false;
	}

	/** @internal */
	forget(waker: Waker): void {
		this.#waiting.delete(waker);
	}
}

/** The place of a task among those of a tracker. */
class Counted implements Waker {
	readonly #task: Task | null;
	readonly #tracker: TaskTracker;

	constructor(task: Task | null, tracker: TaskTracker) {
		this.#task = task;
		this.#tracker = tracker;
	}

	wake(): void {
		if (this.#task !== null) unclaimed(this.#task);
		this.#tracker.leave();
	}
}

/**
 * Counts one in its tracker until it is released: what {@link TaskTracker.token} gives.
 *
 * @source `tokio_util::task::TaskTrackerToken`
 */
export class TaskTrackerToken implements Disposable {
	/** The tracker that counts it. */
	readonly tracker: TaskTracker;
	#released = false;

	/** @internal */
	constructor(tracker: TaskTracker) {
		this.tracker = tracker;
	}

	/** Counts no more; a second call does nothing. */
	release(): void {
		if (this.#released) return;
		this.#released = true;
		this.tracker.leave();
	}

	[Symbol.dispose](): void {
		this.release();
	}

	/** @internal */
	[kRelease](): void {
		this.release();
	}
}

/** A future that is counted until it is over. */
class Tracked<T, E> extends OneBranch<T, E> {
	readonly #token: TaskTrackerToken;

	constructor(root: Iterator<unknown, unknown>, token: TaskTrackerToken) {
		super(root);
		this.#token = token;
	}

	poll(cx: Context): Poll<T> {
		let value: unknown;
		try {
			value = this.run(cx);
		} catch (error) {
			this.#token.release();
			throw error;
		}
		if (value === Pending) return Pending;
		this.#token.release();
		return value as T;
	}

	protected override drop(cx: Context): Poll<void> {
		if (super.drop(cx) === Pending) return Pending;
		this.#token.release();
	}

	/** Also one that was never polled is counted until it is dropped. */
	override return(value?: unknown): IteratorResult<never, T> {
		const unpolled = this.owner === undefined;
		const result = super.return(value);
		if (unpolled) {
			this.branch.root.return?.();
			this.#token.release();
		}
		return result;
	}
}

/** Waits until a tracker is closed and empty. */
class Empty extends Future<void> {
	readonly #tracker: TaskTracker;
	readonly #times: number;
	#waker: Waker | null = null;

	constructor(tracker: TaskTracker, times: number) {
		super();
		this.#tracker = tracker;
		this.#times = times;
	}

	poll(cx: Context): Poll<void> {
		if (this.#waker !== null) this.#tracker.forget(this.#waker);
		if (this.#tracker.wasEmpty(this.#times, cx.waker)) return;
		this.#waker = cx.waker;
		return Pending;
	}

	protected override drop(): void {
		if (this.#waker !== null) this.#tracker.forget(this.#waker);
	}

	/** What a dump says of it. */
	waitsFor(): { what: string } {
		const { isClosed, size } = this.#tracker;
		return { what: `${size} tasks of a TaskTracker${isClosed ? "" : ", which is open"}` };
	}
}
