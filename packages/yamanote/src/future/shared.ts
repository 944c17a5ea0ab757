/** One future for many: `shared`. */
import { type Branch, Lent } from "../core/branch.ts";
import { keep } from "../core/discard.ts";
import { type Driver, notIterable } from "../core/driver.ts";
import { FutureConsumedError, NotIterableError } from "../core/error.ts";
import { Future, reap } from "../core/future.ts";
import { into } from "../core/into.ts";
import { type Context, Pending, type Poll, type Waker } from "../core/poll.ts";
import { S } from "../core/shared.ts";
import { rethrown } from "../core/stack.ts";
import { capture, TRACER, WAITS } from "../core/trace.ts";
import type { Err, Out, Starred, Waitable } from "../core/types.ts";

class SharedFuture<T, E> extends Future<T, E> {
	readonly #branch: Branch;
	readonly #waiting: Set<Waker> = new Set();
	#state: "pending" | "running" | "ok" | "failed" = "pending";
	/** It was disposed of while it ran. */
	#disposed = false;
	#outcome: unknown;

	constructor(root: Iterator<unknown, unknown>) {
		super();
		this.#branch = new Lent(root, {
			wake: () => {
				for (const w of this.#waiting) w.wake();
			},
		});
	}

	poll(cx: Context): Poll<T> {
		// Polled by what it waits for itself: that can only wait.
		if (this.#state === "pending" && this.#branch.woken) {
			this.#state = "running";
			// Before it runs, since it may be woken while it does.
			this.#waiting.add(cx.waker);
			let state: "pending" | "ok" | "failed" = "ok";
			try {
				this.#outcome = this.#branch.run();
				if (this.#outcome === Pending) state = "pending";
			} catch (error) {
				this.#outcome = error;
				state = "failed";
			}
			this.#state = state;
			if (this.#disposed) this[Symbol.dispose]();
			// One of those who see it may be dropped with it: it is the others', too.
			if (state === "ok") keep(this.#outcome);
			if (state !== "pending") this.#wakeAll();
		}
		if (this.#state === "ok") return this.#outcome as T;
		if (this.#state === "failed") throw this.#outcome;
		this.#waiting.add(cx.waker);
		return Pending;
	}

	/** Nobody owns it: whoever polls it drives it, and all see the outcome. */
	override next(): IteratorResult<never, T> {
		const d = S.current;
		if (d === null) throw new NotIterableError();
		if (S.suspended !== null) throw notIterable();
		if (d === TRACER) capture(this.next, this);
		else {
			let r: Poll<T>;
			try {
				r = this.poll(d);
			} catch (error) {
				throw rethrown(error, this.next);
			}
			if (r !== Pending) return { done: true, value: r };
		}
		S.suspended = this;
		return WAITS;
	}

	/** @internal The drivers within, for dumps. */
	branches(): Iterable<Driver> {
		return [this.#branch];
	}

	/** A waiter is dropped. Another that waits drives the future on. */
	override return(value?: unknown): IteratorResult<never, T> {
		if (S.current !== null && this.#waiting.delete(S.current) && this.#branch.woken)
			for (const w of this.#waiting) w.wake();
		return { done: true, value } as never;
	}

	#wakeAll(): void {
		for (const w of this.#waiting) w.wake();
		this.#waiting.clear();
	}

	/** Whoever waits, or will, fails; cleanup that waits goes on as a task. */
	override [Symbol.dispose](): void {
		this.#disposed = true;
		if (this.#state !== "pending") return;
		this.#state = "failed";
		this.#outcome = new FutureConsumedError();
		if (!this.#branch.cancel()) reap((cx) => this.#branch.drop(cx));
		this.#wakeAll();
	}
}

/**
 * A future that any number of tasks can wait for, any number of times: all see its value, or its failure. It is driven by those who wait; when
 * none does, it stands still. Disposing it cancels it: whoever waits fails with {@link FutureConsumedError}.
 *
 * @throws {@link TypeError} at the call, if it is no future
 * @errors the failures of the future
 * @cancelSafety cancel safe: one waiter that is dropped does not disturb the others
 * @source `futures::future::Shared`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { join, run, shared, sleep } from "yamanote";
 *
 * let loads = 0;
 * const config = shared(function* () {
 *   loads++;
 *   yield* sleep(1);
 *   return "config";
 * });
 * function* user() {
 *   return yield* config;
 * }
 * assert.deepEqual(await run(join([user(), user()])), ["config", "config"]);
 * assert.equal(loads, 1);
 * ```
 */
export function shared<const F extends Waitable>(future: F & Starred<F>): Future<Out<F>, Err<F>> {
	return new SharedFuture(into(future));
}
