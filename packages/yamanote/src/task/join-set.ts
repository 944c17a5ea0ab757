/**
 * A set of tasks, whose results are taken as they come: `JoinSet`.
 *
 * Live tasks stand in one list, ended ones whose outcome nobody has taken in another. Whoever waits for the next one is woken once for each
 * task that ends, first come, first served, and once more for all when the set has become empty.
 */
import { reportCleanup } from "../core/branch.ts";
import { delegate } from "../core/delegate.ts";
import { discard } from "../core/discard.ts";
import type { Driver } from "../core/driver.ts";
import { checkOptions, isReason, withOthers } from "../core/error.ts";
import { FnFuture } from "../core/frame.ts";
import { Future } from "../core/future.ts";
import type { AbortHandle } from "../core/handle.ts";
import { into } from "../core/into.ts";
import { MessageIterator } from "../core/message-iterator.ts";
import { type Context, Pending, type Poll } from "../core/poll.ts";
import { S } from "../core/shared.ts";
import { type Task, whenEnded } from "../core/task.ts";
import type { IntoFuture, Starred, TaskContext } from "../core/types.ts";
import { hasFailed, hasValue, unclaimed } from "./failures.ts";
import { Gate, Gated } from "./gate.ts";
import { Member, Members } from "./member.ts";
import { type SpawnOptions, taskOf } from "./spawn.ts";

/** What a {@link JoinSet} of `T` takes: an {@link IntoFuture} that gives a `T`. */
export type Giving<T> =
	| Future<T, unknown>
	| Iterator<unknown, T, never>
	| PromiseLike<T>
	| ((task: TaskContext) => Iterator<unknown, T, never> | PromiseLike<T>);

/** What {@link JoinSet.joinNextWithId} gives: which task has ended, and how. */
export type Joined<T> = PromiseSettledResult<T> & {
	/** The number of the task, as its abort handle has it. */
	readonly id: number;
};

/** Options of a {@link JoinSet}. */
export interface JoinSetOptions {
	/** How many of its tasks run at once; a whole number of at least 1, or `Infinity`. Default: all. The others wait before their first line, in their order. */
	readonly concurrency?: number | undefined;
}

/** A member that passes the gate of its set. */
class GatedMember extends Member {
	gated: Gated | null = null;
}

/**
 * A set of tasks that gives their results in the order in which they end.
 *
 * Disposing it aborts what runs: `using set = new JoinSet()` at once, `await using` and `yield* acquire(new JoinSet())` wait for the cleanup
 * too. Forgetting it does not: its tasks run on, and a failure that nobody takes is reported as that of any task.
 *
 * @typeParam T - what the tasks give
 * @source `tokio::task::JoinSet`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { JoinSet, run, sleep } from "yamanote";
 *
 * const order: number[] = [];
 * await run(function* () {
 *   using set = new JoinSet<number>();
 *   for (const ms of [30, 10, 20]) {
 *     set.spawn(function* () {
 *       yield* sleep(ms);
 *       return ms;
 *     });
 *   }
 *   for (let ms = yield* set.joinNext(); ms !== undefined; ms = yield* set.joinNext()) order.push(ms);
 * });
 * assert.deepEqual(order, [10, 20, 30]);
 * ```
 */
export class JoinSet<T> implements AsyncIterable<T>, Disposable, AsyncDisposable {
	readonly #live = new Members();
	readonly #gate: Gate | null;
	#first: Member | null = null;
	#last: Member | null = null;
	#ended = 0;
	/** Who waits for a task to end, and was not woken for one. */
	readonly #waiting: Set<Taking<T, unknown>> = new Set();

	/** @throws {@link RangeError} if `concurrency` is neither a whole number of at least 1 nor `Infinity` */
	constructor(options: JoinSetOptions = {}) {
		checkOptions("JoinSet", options);
		this.#gate = options.concurrency === undefined ? null : new Gate("JoinSet", options.concurrency);
	}

	/** Tasks whose outcome has not been taken: those that run, and those that have ended. */
	get size(): number {
		return this.#live.size + this.#ended;
	}

	/** Whether there is none. */
	get isEmpty(): boolean {
		return this.size === 0;
	}

	/**
	 * Starts a task in the set, at once, on the current runtime.
	 *
	 * @returns what aborts the task, and nothing else: its result is taken from the set
	 * @throws {@link TypeError} at the call, if it is no future
	 * @source `tokio::task::JoinSet::spawn`, `spawn_on`
	 */
	spawn<const F extends Giving<T>>(future: F & Starred<F>, options?: SpawnOptions): AbortHandle {
		const root = into(future);
		const gated = this.#gate === null ? null : new Gated(this.#gate, root);
		const task = taskOf(gated ?? root, options);
		const member = gated === null ? new Member(task, this) : new GatedMember(task, this);
		if (member instanceof GatedMember) member.gated = gated;
		this.#live.add(member);
		return member;
	}

	/** @internal */
	ended(member: Member): void {
		this.#live.remove(member);
		if (member instanceof GatedMember) this.#gate?.leave(member.gated as Gated);
		if (this.#last === null) this.#first = member;
		else this.#last.after = member;
		this.#last = member;
		this.#ended++;
		if (!this.wakeOne()) unclaimed(member.task);
	}

	/** @internal Wakes who has waited longest. False if nobody does. */
	wakeOne(): boolean {
		for (const first of this.#waiting) {
			this.#waiting.delete(first);
			first.wake();
			return true;
		}
		return false;
	}

	/** @internal The task that ended first of those that are left; null if all run, or if there is none. */
	take(): Task | null {
		const member = this.#first;
		if (member === null) return null;
		this.#first = member.after;
		if (this.#first === null) this.#last = null;
		member.after = null;
		if (--this.#ended === 0 && this.#live.size === 0) while (this.wakeOne());
		return member.task;
	}

	/** @internal */
	wait(taking: Taking<T, unknown>): void {
		this.#waiting.add(taking);
	}

	/** @internal It has taken one unasked: what ends next is for others. */
	forget(taking: Taking<T, unknown>): void {
		this.#waiting.delete(taking);
	}

	/** @internal It does not wait any more: if it was woken for a task that it has not taken, the next one gets that. */
	leave(taking: Taking<T, unknown>): void {
		if (!this.#waiting.delete(taking) && this.#ended > 0) this.wakeOne();
	}

	/**
	 * The value of the task that ends next, or `undefined` if the set is empty. A set of tasks that may give `undefined` themselves is emptied
	 * with `while (!set.isEmpty)`, or by {@link joinNextWithId}.
	 *
	 * @errors the failure of that task; `CancelledError` if it was aborted. It has left the set then, as others do
	 * @cancelSafety cancel safe: no task leaves the set
	 * @source `tokio::task::JoinSet::join_next`
	 */
	joinNext(): Future<T | undefined> {
		return new Taking<T, T | undefined>(this, outcomeOf, undefined);
	}

	/**
	 * Which task has ended next, and how: as {@link joinNext}, and it does not throw the task's failure.
	 *
	 * @cancelSafety cancel safe: no task leaves the set
	 * @source `tokio::task::JoinSet::join_next_with_id`
	 */
	joinNextWithId(): Future<Joined<T> | undefined> {
		return new Taking<T, Joined<T> | undefined>(this, settledOf, undefined);
	}

	/**
	 * The value of a task that has ended, or `undefined` if none has. Never waits.
	 *
	 * @throws the failure of that task; `CancelledError` if it was aborted
	 * @source `tokio::task::JoinSet::try_join_next`
	 */
	tryJoinNext(): T | undefined {
		const task = this.take();
		return task === null ? undefined : outcomeOf<T>(task);
	}

	/**
	 * Which task has ended, and how, or `undefined` if none has. Never waits.
	 *
	 * @source `tokio::task::JoinSet::try_join_next_with_id`
	 */
	tryJoinNextWithId(): Joined<T> | undefined {
		const task = this.take();
		return task === null ? undefined : settledOf<T>(task);
	}

	/**
	 * The values of all tasks, in the order in which they end. At the first failure the others are aborted, their cleanup is waited for, and that
	 * failure is thrown. The set is empty afterwards, and can be used again.
	 *
	 * @errors the failure that came first
	 * @cancelSafety not cancel safe: dropping it aborts the tasks (and waits for their cleanup)
	 * @source `tokio::task::JoinSet::join_all`
	 */
	joinAll(): Future<T[]> {
		return new JoinAll<T>(this, false);
	}

	/**
	 * Aborts all tasks, and waits until all have ended; their results and failures are dropped. The set is empty afterwards.
	 *
	 * @cancelSafety cancel safe: the tasks stay aborted
	 * @source `tokio::task::JoinSet::shutdown`
	 */
	shutdown(): Future<void> {
		return new JoinAll<T>(this, true) as Future<unknown> as Future<void>;
	}

	/**
	 * Aborts every task that runs. They stay in the set until they are taken.
	 *
	 * @source `tokio::task::JoinSet::abort_all`
	 */
	abortAll(reason?: unknown): void {
		this.#live.abort(reason);
	}

	/**
	 * Lets all tasks go: those that run are independent from now on, the results of those that have ended are dropped. A limit goes on to hold
	 * for them.
	 *
	 * @source `tokio::task::JoinSet::detach_all`
	 */
	detachAll(): void {
		for (let m = this.#live.head; m !== null; m = this.#live.head) {
			this.#live.remove(m);
			m.task.removeWaiter(m);
			if (m instanceof GatedMember) {
				const { gated } = m;
				whenEnded(m.task, () => this.#gate?.leave(gated as Gated));
			}
			m.task.drop();
		}
		for (let task = this.take(); task !== null; task = this.take()) {
			unclaimed(task);
			task.drop();
		}
		while (this.wakeOne());
	}

	/** The values of the tasks, in the order in which they end, until the set is empty: for native code. Throws the first failure. */
	[Symbol.asyncIterator](): AsyncIterableIterator<T> {
		const outcomes = new MessageIterator(() => this.joinNextWithId());
		function* next(): Generator<unknown, IteratorResult<T>> {
			const { done, value: outcome } = (yield* delegate(outcomes.next())) as IteratorResult<Joined<T>>;
			if (done === true) return { done, value: undefined };
			if (outcome.status === "rejected") throw outcome.reason;
			return { done: false, value: outcome.value };
		}
		return {
			next: () => new FnFuture(next()) as never,
			return: () => outcomes.return() as never,
			[Symbol.asyncIterator]() {
				return this;
			},
		};
	}

	/** Aborts every task that runs, and lets all of them go. */
	[Symbol.dispose](): void {
		this.abortAll();
		this.detachAll();
	}

	/** As {@link shutdown}: it can be waited for by `yield*` as well as by `await`. */
	[Symbol.asyncDispose](): PromiseLike<void> {
		return this.shutdown();
	}
}

/** The value of an ended task; throws its failure. */
function outcomeOf<T>(task: Task): T {
	task.claim();
	if (!hasValue(task)) throw task.error;
	return task.value as T;
}

function settledOf<T>(task: Task): Joined<T> {
	task.claim();
	const { id } = task;
	if (hasValue(task)) return { id, status: "fulfilled", value: task.value as T };
	return { id, status: "rejected", reason: task.error };
}

/** Waits for the next task of a set. */
class Taking<T, R> extends Future<R> {
	readonly #set: JoinSet<T>;
	readonly #give: (task: Task) => R;
	readonly #none: R;
	#waker: Context["waker"] | null = null;

	constructor(set: JoinSet<T>, give: (task: Task) => R, none: R) {
		super();
		this.#set = set;
		this.#give = give;
		this.#none = none;
	}

	poll(cx: Context): Poll<R> {
		const task = this.#set.take();
		if (task !== null) {
			if (this.#waker !== null) this.#set.forget(this);
			this.#waker = null;
			return this.#give(task);
		}
		if (this.#set.isEmpty) return this.#none;
		this.#waker = cx.waker;
		this.#set.wait(this);
		return Pending;
	}

	wake(): void {
		this.#waker?.wake();
	}

	protected override drop(): void {
		if (this.#waker !== null) this.#set.leave(this);
	}

	/** What a dump says of it. */
	waitsFor(): { what: string } {
		return { what: `the next of ${this.#set.size} tasks of a JoinSet` };
	}
}

/** Takes all tasks of a set; ignores their outcomes if it shuts down. */
class JoinAll<T> extends Future<T[]> {
	readonly #set: JoinSet<T>;
	readonly #ignore: boolean;
	readonly #values: T[] = [];
	readonly #failures: unknown[] = [];
	#aborted = false;
	readonly #next: Taking<T, Task | null>;

	constructor(set: JoinSet<T>, ignore: boolean) {
		super();
		this.#set = set;
		this.#ignore = ignore;
		this.#next = new Taking<T, Task | null>(set, same, null);
	}

	poll(cx: Context): Poll<T[]> {
		if (this.#ignore) this.#abort(undefined);
		for (;;) {
			// Each task costs what taking it by `joinNext` costs, so that others get their turn.
			if (S.current !== null && S.budget-- <= 0) {
				cx.waker.wake();
				return Pending;
			}
			const task = this.#next.poll(cx);
			if (task === Pending) return Pending;
			if (task === null) break;
			this.#take(task);
		}
		if (this.#failures.length === 0) return this.#values;
		discard(this.#values);
		throw withOthers(this.#failures);
	}

	#take(task: Task): void {
		task.claim();
		const { value } = task;
		if (hasValue(task)) {
			if (this.#ignore || this.#failures.length > 0) discard(value);
			else this.#values.push(value as T);
		} else if (!this.#ignore && (this.#failures.length === 0 || hasFailed(task))) {
			this.#failures.push(task.error);
			this.#abort(task.error);
		}
	}

	#abort(reason: unknown): void {
		if (this.#aborted) return;
		this.#aborted = true;
		this.#set.abortAll(reason);
	}

	protected override drop(cx: Context): Poll<void> {
		const { reason } = cx as Partial<Driver>;
		this.#abort(reason);
		discard(this.#values.splice(0));
		for (;;) {
			const task = this.#next.poll(cx);
			if (task === Pending) return Pending;
			if (task === null) break;
			task.claim();
			if (hasValue(task)) discard(task.value);
			else if (hasFailed(task) && !isReason(reason, task.value)) task.report(task.value);
		}
		// What it was to throw.
		for (const error of this.#failures) reportCleanup(error, reason);
	}

	/** What a dump says of it. */
	waitsFor(): { what: string } {
		return this.#next.waitsFor();
	}
}

function same(task: Task): Task {
	return task;
}
