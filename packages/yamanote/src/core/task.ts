/**
 * A task: one object that is the driver of its root, its own waker, and its own join handle.
 *
 * State machine: idle -> QUEUED -> running -> idle | DONE. A wake while it is queued or done does nothing; a wake during its own poll
 * queues it once more. CANCEL is sticky: from the poll that sees it on, the task unwinds, and it ends cancelled whatever it returns.
 */
import { promiseOf } from "./ambient.ts";
import type { ContextToken } from "./context-token.ts";
import { discard } from "./discard.ts";
import {
	advance,
	type CleanupLimits,
	type Driver,
	ended,
	notIterable,
	type Rare,
	rareOf,
	setRoot,
	unwind,
} from "./driver.ts";
import { CancelledError, CleanupTimeout, isReason, NotIterableError, RuntimeClosedError } from "./error.ts";
import type * as flags from "./flags.ts";
import { OwnedHandle } from "./owned-handle.ts";
import { type Context, kFuture, type Poll, Pending as pending, type Waker } from "./poll.ts";
import type { RuntimeCore } from "./runtime-core.ts";
import { S as shared } from "./shared.ts";
import { rethrown, sealed } from "./stack.ts";
import { capture, TRACER, WAITS } from "./trace.ts";
import { observe, remember, tell } from "./unobserved.ts";

// Constants of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;
const Pending: typeof pending = pending;
const waits = WAITS;
// Numbers are put in their places: the compiler sees to it that they are those of `flags.ts`.
const QUEUED: typeof flags.QUEUED = 1;
const DONE: typeof flags.DONE = 2;
const FAILED: typeof flags.FAILED = 4;
const CANCEL: typeof flags.CANCEL = 8;
const OBSERVED: typeof flags.OBSERVED = 16;
const DETACHED: typeof flags.DETACHED = 32;
const STARTED: typeof flags.STARTED = 64;
const POLL: typeof flags.POLL = 256;
const MANY_POLLS: typeof flags.MANY_POLLS = 0x4000_0000;
const NO_NEWS: typeof flags.NO_NEWS = 128;
const BUDGET: typeof flags.BUDGET = 128;

/** @internal */
export class Task<out T = unknown, out E = unknown> implements Driver {
	/** The outcome once it has ended (of one that failed, read `error`); the reason while it is being cancelled. */
	value: unknown = undefined;
	flags: number = QUEUED;
	readonly runtime: RuntimeCore;
	readonly context: ContextToken | null;
	root: Iterator<unknown, unknown> = ended;
	generator = false;
	top: Driver["top"] = null;
	before: Task | null = null;
	after: Task | null = null;
	waiters: Waker | Set<Waker> | null = null;
	rare: Rare | null = null;
	declare readonly "~error": E;

	constructor(root: Iterator<unknown, unknown>, runtime: RuntimeCore) {
		if (runtime.closed) throw new RuntimeClosedError(runtime.name);
		setRoot(this as Task, root);
		this.runtime = runtime;
		this.context = runtime.context();
		const next = runtime.live;
		this.after = next;
		if (next !== null) next.before = this as Task;
		runtime.live = this as Task;
		runtime.alive++;
		runtime.spawned++;
		S.hooks?.spawned?.(this as Task);
		runtime.push(this as Task);
	}

	get waker(): Waker {
		return this;
	}

	get task(): Task {
		return this as Task;
	}

	wake(): void {
		if ((this.flags & (QUEUED | DONE)) !== 0) return;
		this.flags |= QUEUED;
		this.runtime.push(this as Task);
	}

	/** One poll, by the run queue. */
	run(): void {
		const { hooks } = S;
		this.flags = (this.flags & ~QUEUED) + (this.flags < MANY_POLLS ? POLL : 0);
		// It was woken in the poll in which it ended.
		if ((this.flags & DONE) !== 0) return;
		S.current = this as Task;
		S.budget = BUDGET;
		hooks?.pollStart?.(this as Task);
		if ((this.flags & CANCEL) === 0) {
			try {
				const value = advance(this, this.root);
				if (value !== Pending) end(this as Task, true, value);
			} catch (error) {
				end(this as Task, false, error);
			}
		}
		// Also when it has just cancelled itself: it is unwound as soon as its own poll has returned.
		if ((this.flags & (CANCEL | DONE)) === CANCEL && unwind(this, this.limits.cleanupTimeout)) unwound(this as Task);
		if (this.context?.leaky === true) this.context.restore();
		hooks?.pollEnd?.(this as Task);
	}

	/** It has failed, and nobody has looked. Does nothing if that is known. */
	remember(): void {
		const rare = rareOf(this);
		if (rare.failure !== null) return;
		const failure = remember(this.runtime, this, this.value);
		rare.failure = failure;
		if ((this.flags & DETACHED) !== 0) tell(this.runtime, failure, "detached");
	}

	/** How long its cleanup may take. */
	get limits(): CleanupLimits {
		return this.rare?.limits ?? this.runtime.limits;
	}

	/** Given when it is first asked for. */
	get id(): number {
		const rare = rareOf(this);
		rare.id ||= ++S.ids;
		return rare.id;
	}

	get name(): string | undefined {
		return this.rare?.name;
	}

	set name(name: string | undefined) {
		if (name !== undefined) rareOf(this).name = name;
	}

	label(): string {
		return this.name === undefined ? `#${this.id}` : `"${this.name}" (#${this.id})`;
	}

	/** Tells the runtime of an error that no awaiter can be given. */
	report(error: unknown): void {
		this.runtime.report(error, this.label(), "cleanup", this.rare?.spawnedAt);
	}

	// ---- the join handle

	/** While it is cancelled and has not ended, `value` keeps the reason. */
	get reason(): unknown {
		return (this.flags & (CANCEL | DONE)) === CANCEL ? this.value : undefined;
	}

	/** What it failed with. The error of a cancellation is made when it is first looked at: that of most is not. */
	get error(): unknown {
		if ((this.flags & CANCEL) !== 0) this.value = CancelledError.of(this.value);
		return this.value;
	}

	/** One that has ended is its own iterator result. */
	get done(): boolean {
		return (this.flags & DONE) !== 0;
	}

	get isFinished(): boolean {
		return this.done;
	}

	abort(reason?: unknown): void {
		if ((this.flags & (DONE | CANCEL)) !== 0) return;
		this.flags |= CANCEL;
		this.value = reason;
		this.wake();
	}

	abortHandle(): { readonly id: number; readonly isFinished: boolean; abort(reason?: unknown): void } {
		const task = this;
		return {
			id: this.id,
			get isFinished() {
				return task.isFinished;
			},
			abort: (reason) => task.abort(reason),
		};
	}

	abortOnDrop(): OwnedHandle<T, E> {
		return new OwnedHandle(this);
	}

	detach(): void {
		this.flags |= DETACHED;
		const failure = this.rare?.failure;
		if (failure != null) tell(this.runtime, failure, "detached");
	}

	/**
	 * The handle is dropped: the task runs on, and a result that nobody else waits for is released.
	 *
	 * @param by - who waited: of the failure for which it is cancelled, somebody is told already
	 */
	drop(by?: Driver | null): void {
		if (this.waiters !== null || (this.flags & OBSERVED) !== 0) return;
		if ((this.flags & DONE) === 0) this.flags |= DETACHED;
		else if ((this.flags & FAILED) === 0) {
			discard(this.value);
			this.flags |= OBSERVED;
		} else if (isReason(by?.reason, this.value)) this.claim();
		else if (this.rare?.failure != null) return;
		else if (this.runtime.isNews(this.value, this)) this.remember();
		else this.flags |= OBSERVED;
	}

	/** The outcome is looked at. */
	claim(): void {
		if ((this.flags & FAILED) !== 0) rareOf(this as Task).claims++;
		if ((this.flags & OBSERVED) !== 0) return;
		this.flags |= OBSERVED;
		const failure = this.rare?.failure;
		if (failure == null) return;
		observe(this.runtime, failure);
		const { leftBehind } = this.runtime;
		if (leftBehind?.get(this.value) === this) leftBehind.delete(this.value);
	}

	/** One that was given the failure was cancelled before it could do anything with it: as if it had dropped the handle. */
	unclaim(by: Driver): void {
		const rare = rareOf(this as Task);
		if (--rare.claims > 0 || (this.flags & NO_NEWS) !== 0) return;
		this.flags &= ~OBSERVED;
		rare.failure = null;
		this.drop(by);
	}

	addWaiter(w: Waker): void {
		const { waiters } = this;
		this.flags &= ~DETACHED;
		if (waiters === null) this.waiters = w;
		else if (waiters instanceof Set) waiters.add(w);
		else if (waiters !== w) this.waiters = new Set([waiters, w]);
	}

	removeWaiter(w: Waker): void {
		const { waiters } = this;
		if (waiters === w) this.waiters = null;
		else if (waiters instanceof Set && waiters.delete(w) && waiters.size === 0) this.waiters = null;
	}

	poll(cx: Context): Poll<T> {
		if ((this.flags & DONE) === 0) {
			this.addWaiter(cx.waker);
			return Pending;
		}
		this.claim();
		if ((this.flags & FAILED) !== 0) throw this.error;
		return this.value as T;
	}

	next(): IteratorResult<unknown, T> {
		const d = S.current;
		if (d === null) throw new NotIterableError();
		if (d === TRACER) {
			capture(this.next, this);
			return waits;
		}
		if (S.budget > 0) {
			if ((this.flags & DONE) !== 0) {
				S.budget--;
				if ((this.flags & FAILED) !== 0) {
					// Only the first awaiter's place is added to the stack of the error, which all share.
					const seen = (this.flags & OBSERVED) !== 0;
					this.claim();
					throw seen ? sealed(this.error) : rethrown(this.error, this.next);
				}
				this.claim();
				return this as never;
			}
			if (S.suspended !== null) throw notIterable();
			this.addWaiter(d);
		} else d.wake();
		// One that has ended would be a result that is done.
		S.suspended = waits;
		return waits;
	}

	/** @internal The wait is refused: see `Future.throw`. */
	throw(error: unknown): never {
		this.return();
		throw error;
	}

	return(value?: unknown): IteratorResult<unknown, T> {
		if (S.current !== null) this.removeWaiter(S.current);
		this.drop(S.current);
		return { done: true, value } as never;
	}

	[Symbol.iterator](): this {
		return this;
	}

	// ---- promises

	/** A promise of the outcome. It counts as a root waiter until it settles. */
	promise(): Promise<T> {
		return new Promise((resolve, reject) => {
			if ((this.flags & DONE) !== 0) return this.settle(resolve, reject);
			const { runtime } = this;
			runtime.addRoot();
			this.addWaiter({
				wake: () => {
					runtime.removeRoot();
					this.settle(resolve, reject);
				},
			});
		});
	}

	/** It has ended: hands the outcome to a promise. */
	settle(resolve: (value: T) => void, reject: (error: unknown) => void): void {
		this.claim();
		if ((this.flags & FAILED) === 0) resolve(this.value as T);
		else reject(this.error);
	}

	then<A = T, B = never>(
		onValue?: ((value: T) => A | PromiseLike<A>) | null,
		onError?: ((error: unknown) => B | PromiseLike<B>) | null,
	): Promise<A | B> {
		return promiseOf(this as Task<T>, false).then(onValue, onError);
	}

	catch<B = never>(onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
		return this.then(undefined, onError);
	}

	finally(f?: (() => void) | null): Promise<T> {
		return this.then().finally(f);
	}

	[Symbol.dispose](): void {
		this.drop();
	}
}

(Task.prototype as { [kFuture]?: boolean })[kFuture] = true;
(OwnedHandle.prototype as { [kFuture]?: boolean })[kFuture] = true;

/** @internal How often it was polled, up to some millions. */
export function pollsOf(task: Task): number {
	return Math.floor(task.flags / POLL);
}

/** @internal Calls `f` when the task ends, which it has not. */
export function whenEnded(task: Task, f: () => void): void {
	(rareOf(task).onEnd ??= []).push(f);
}

// Functions, and not private methods: a class with those gives each task one more field.

/** The root has ended. */
function end(task: Task, ok: boolean, outcome: unknown): void {
	if ((task.flags & CANCEL) === 0) return finish(task, ok, outcome);
	// It was cancelled during the poll in which it ended.
	if (ok) discard(outcome);
	else rareOf(task).fail(outcome);
	unwound(task);
}

/** It was cancelled, and all is closed. */
function unwound(task: Task): void {
	const { rare, reason } = task;
	const errors = rare?.errors?.filter((e) => !isReason(reason, e)) ?? [];
	if (errors.length === 0) return finish(task, false, reason, true);
	// One that several tasks share is not written to.
	const cancelled = CancelledError.bare(reason instanceof CancelledError ? reason.reason : reason);
	cancelled.suppressed = errors.length === 1 ? errors[0] : new AggregateError(errors, "several errors in cleanup");
	// One that only stands for a branch has no handle that could carry them.
	const late = task.task === task ? errors.filter((e) => e instanceof CleanupTimeout) : errors;
	for (const e of late) task.task.report(e);
	// What is told is told once.
	finish(task, false, cancelled, late.length === errors.length);
}

function finish(task: Task, ok: boolean, outcome: unknown, silent = false): void {
	task.flags |= ok ? DONE : DONE | FAILED;
	task.value = outcome;
	// A leaf that was started keeps its outcome here; a call is not polled itself.
	if ((task.flags & STARTED) !== 0 && kFuture in task.root) (task.root as { owner?: unknown }).owner = task;
	task.root = ended;
	task.generator = false;
	task.top = null;
	const { before, after, runtime, waiters } = task;
	if (before === null) runtime.live = after;
	else before.after = after;
	if (after !== null) after.before = before;
	task.before = task.after = null;
	if (--runtime.alive === 0) runtime.onEmpty?.();
	if (silent) task.flags |= OBSERVED | NO_NEWS;
	else if (waiters === null) {
		if (!ok) task.remember();
		else if ((task.flags & DETACHED) !== 0) discard(outcome);
	}
	S.hooks?.finished?.(task);
	if (waiters !== null) {
		task.waiters = null;
		if (waiters instanceof Set) for (const w of waiters) w.wake();
		else waiters.wake();
	}
	const onEnd = task.rare?.onEnd;
	if (onEnd != null) for (const f of onEnd.splice(0)) f();
}
