/**
 * The future: a computation that does nothing until it is polled, and stops when it is dropped.
 *
 * A future is its own iterator and its own iterator result, so that `yield*` of one that is ready costs no allocation. `next()` polls it
 * for the driver on whose stack it is: it checks the owner, spends the cooperative budget, and answers `this`.
 *
 * One owner: the driver that polled it first. `owner` is `undefined` before the first poll, and the `consumed` mark at the end.
 */
import { promiseOf } from "./ambient.ts";
import { type Driver, ended, notIterable } from "./driver.ts";
import { FutureConsumedError, FutureInUseError, NotIterableError } from "./error.ts";
import { STARTED } from "./flags.ts";
import { type Context, kFuture, type Poll, Pending as pending } from "./poll.ts";
import { currentRuntime } from "./runtime-core.ts";
import { S as shared } from "./shared.ts";
import { Task } from "./task.ts";
import { capture, TRACER, WAITS } from "./trace.ts";
import type { FutureIterator } from "./types.ts";

// Constants of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;
const Pending: typeof pending = pending;

const consumed: Driver = { ...TRACER };
/** @internal The owner of a future that has completed or was dropped. */
export const CONSUMED: Driver = consumed;
/** @internal The owner of a future that is part of something else, which polls it by hand. */
export const PART: Driver = /* @__PURE__ */ Object.create(TRACER);

/**
 * A lazy value: nothing runs before the first poll, and dropping it cancels what it does.
 *
 * Wait for one with `yield*` in a task, or with `await` in any async function (the first `then` starts it on the current runtime, every
 * later one shares the outcome). To write one by hand, extend this class and implement {@link Future.poll}; `pollFn` is the short form.
 *
 * @typeParam T - the value
 * @typeParam E - the failures that are declared (never all that can be thrown)
 * @source `std::future::Future`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { type Context, Future, Pending, type Poll, run } from "yamanote";
 *
 * class Twice extends Future<string> {
 *   #polled = false;
 *   poll(cx: Context): Poll<string> {
 *     if (this.#polled) return "done";
 *     this.#polled = true;
 *     cx.waker.wake();
 *     return Pending;
 *   }
 * }
 * assert.equal(await run(new Twice()), "done");
 * ```
 */
export abstract class Future<out T, out E = never> implements PromiseLike<T> {
	/** @internal An iterator result of itself. */
	done = false;
	/** @internal */
	value: unknown = undefined;
	/** @internal */
	owner: Driver | undefined = undefined;

	/** @internal */
	constructor() {
		if (S.hooks !== null) created(this);
	}

	static [Symbol.hasInstance](value: unknown): boolean {
		if (this !== Future) return Function.prototype[Symbol.hasInstance].call(this, value);
		return typeof value === "object" && value !== null && (value as { [kFuture]?: unknown })[kFuture] === true;
	}

	/**
	 * Tries to complete. Answers the value, throws the failure, or answers {@link Pending} having stored `cx.waker`, which it wakes when
	 * there is progress to make. Never blocks. It may be called again at any time before it has completed, and must cope.
	 */
	abstract poll(cx: Context): Poll<T>;

	/**
	 * The future is dropped before it has completed: deregisters wakers, gives back what was taken. Called at most once, unless it answers
	 * {@link Pending} since its cleanup takes time: then again, when `cx.waker` was woken.
	 */
	protected drop(_cx: Context): Poll<void> {}

	/** @internal */
	next(): IteratorResult<never, T> {
		const d = S.current;
		if (this.owner !== d || d === null) {
			if (this.owner !== undefined || d === null || d === TRACER) return this.elsewhere(d) ?? this;
			this.owner = d;
		}
		if (S.suspended !== null) throw notIterable();
		if (S.budget > 0) {
			let r: Poll<T>;
			try {
				r = this.poll(d);
			} catch (error) {
				S.budget--;
				this.owner = consumed;
				throw error;
			}
			if (r !== Pending) {
				S.budget--;
				this.owner = consumed;
				this.done = true;
				this.value = r;
				return this as never;
			}
		} else d.wake();
		S.suspended = this;
		return this as never;
	}

	/** @internal Becomes the root of a driver. */
	asRoot(d: Driver): void {
		d.root = this as never;
		d.generator = false;
	}

	/**
	 * `next()` by somebody who is not the owner. Callers say `?? this`, though it always gives something: JavaScriptCore takes the frame of a
	 * function that ends by `return f()` off the stack before the call, and a trace looks for that frame.
	 *
	 * @internal
	 */
	elsewhere(d: Driver | null): IteratorResult<never, T> {
		if (d === null) throw new NotIterableError();
		if (d === TRACER) {
			capture(this.next, this);
			return this as never;
		}
		const { owner } = this;
		if (isStarter(owner)) return owner.next() as never;
		if (owner === consumed || owner === undefined || owner.root === ended) throw new FutureConsumedError();
		if (owner instanceof Disposed && owner.by === d) {
			if (this.drop(d) === Pending) {
				S.suspended = this;
				return this as never;
			}
			this.owner = consumed;
			throw new FutureConsumedError();
		}
		const { loan } = owner as { loan?: Future<T> };
		if (loan !== undefined) return loan.next();
		throw new FutureInUseError();
	}

	/** @internal Dropped by its owner: `return()` down the generator that waits for it. */
	return(value?: unknown): IteratorResult<never, T> {
		const d = S.current;
		const { owner } = this;
		if (owner !== consumed && (owner === undefined || owner === d || (owner instanceof Disposed && owner.by === d))) {
			if (owner !== undefined && this.drop(d as Driver) === Pending) {
				S.suspended = this;
				S.dropping = true;
				return this as never;
			}
			this.owner = consumed;
		}
		return { done: true, value } as never;
	}

	[Symbol.iterator](): FutureIterator<T, E> {
		return this as never;
	}

	/** @internal The wait is refused: drops the future, and fails at the `yield*` of it. */
	throw(error: unknown): never {
		this.return();
		S.suspended = null;
		S.dropping = false;
		throw error;
	}

	/**
	 * Drops the future: what it waits for is deregistered, code that has begun is cancelled. If it is pending in a task, that task drops it in
	 * its next poll, and its wait fails with `FutureConsumedError`.
	 */
	[Symbol.dispose](): void {
		const { owner } = this;
		if (owner === consumed || owner instanceof Disposed) return;
		if (isStarter(owner)) owner.abort();
		else if (owner !== undefined) {
			this.owner = new Disposed(owner) as never;
			owner.wake();
		} else {
			// Nobody owns it: it was never polled, or by hand.
			this.return();
			this.owner = consumed;
			if (this.drop(consumed) === Pending) reap((cx) => this.drop(cx));
		}
	}

	/** @internal Starts it as a task of the current runtime, for native code; the outcome is kept. */
	start(): Task<T, E> {
		const { owner } = this;
		if (owner === undefined) {
			const task = new Task<T, E>(this as never, currentRuntime());
			task.flags |= STARTED;
			this.owner = task as Task;
			return task;
		}
		if (isStarter(owner)) return owner as unknown as Task<T, E>;
		throw owner === consumed ? new FutureConsumedError() : new FutureInUseError();
	}

	/** Starts the future on the current runtime, once, and shares its outcome: `await future` in native code calls this. */
	then<A = T, B = never>(
		onValue?: ((value: T) => A | PromiseLike<A>) | null,
		onError?: ((error: unknown) => B | PromiseLike<B>) | null,
	): Promise<A | B> {
		const fresh = this.owner === undefined;
		let task: Task<T, E>;
		try {
			task = this.start();
		} catch (error) {
			return Promise.reject(error).then(undefined, onError) as never;
		}
		return promiseOf(task as Task<T>, fresh).then(onValue, onError);
	}

	/** As `promise.catch`: starts the future. */
	catch<B = never>(onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
		return this.then(undefined, onError);
	}

	/** As `promise.finally`: starts the future. */
	finally(f?: (() => void) | null): Promise<T> {
		return this.then().finally(f);
	}
}

// Apart from its caller, as all that is rare: an optimiser takes so many bytes of code into one function, and no more.
/** @internal A future was made, and somebody watches. */
export function created(future: object): void {
	S.hooks?.created?.(future as Future<unknown, unknown>);
}

/**
 * Makes futures of what a class makes that does not extend the other, whose fields its constructor sets itself. V8 does not look into `super()`
 * within a `try`, or below a `using`: it costs 10 to 20 ns there, so the futures of which most are made do without.
 *
 * @internal
 */
export function inherit(sub: { readonly prototype: object }, base: { readonly prototype: object }): void {
	Object.setPrototypeOf(sub.prototype, base.prototype);
}

// A task of another copy of the library is recognised as well.
function isStarter(owner: Driver | undefined): owner is Task {
	return (((owner as Partial<Task> | undefined)?.flags ?? 0) & STARTED) !== 0;
}

/** The owner of a future that was disposed while it was pending: `by` drops it in its own poll. */
class Disposed {
	readonly by: Driver;
	readonly root: Driver["root"];
	constructor(by: Driver) {
		this.by = by;
		this.root = by.root;
	}
}

/** @internal Goes on with cleanup that waits, as a task. */
export function reap(drop: (cx: Context) => Poll<void>): Task {
	return new Task(new Reaper(drop), currentRuntime());
}

class Reaper implements Iterator<unknown, unknown> {
	readonly #drop: (cx: Context) => Poll<void>;
	constructor(drop: (cx: Context) => Poll<void>) {
		this.#drop = drop;
	}
	next(): IteratorResult<unknown, unknown> {
		const d = S.current as Driver;
		if (d === TRACER) capture(this.next, this);
		else if (this.#drop(d) !== Pending) return { done: true, value: undefined };
		S.suspended = this;
		return WAITS;
	}
	/** It is cleanup: a cancellation, as of a shutdown, does not cut it short. */
	return(): IteratorResult<unknown, unknown> {
		const r = this.next();
		S.dropping = r.done !== true;
		return r;
	}
}

(Future.prototype as { [kFuture]?: boolean })[kFuture] = true;
