/** The smallest futures: `ready`, `pending`, `lazy`, `pollFn`, `fail`. */
import type { Driver } from "../core/driver.ts";
import { describe } from "../core/error.ts";
import { created, Future, inherit } from "../core/future.ts";
import { type Context, Pending, type Poll } from "../core/poll.ts";
import { S as shared } from "../core/shared.ts";

// A constant of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;

class PollFn<T> {
	done = false;
	value: unknown = undefined;
	owner: Driver | undefined = undefined;
	readonly #f: (cx: Context) => Poll<T>;

	constructor(f: (cx: Context) => Poll<T>) {
		this.#f = f;
		if (S.hooks !== null) created(this);
	}

	poll(cx: Context): Poll<T> {
		return this.#f(cx);
	}
}

inherit(PollFn, Future);

/**
 * A future by its poll function: the short form of a subclass of {@link Future}.
 *
 * @param f - answers the value, or `Pending` having stored `cx.waker`; may throw the failure
 * @cancelSafety as `f`: it is told nothing when the future is dropped (a subclass is: `drop`)
 * @source `std::future::poll_fn`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Pending, pollFn, run } from "yamanote";
 *
 * let polls = 0;
 * const third = pollFn((cx) => {
 *   if (++polls === 3) return "third time";
 *   cx.waker.wake();
 *   return Pending;
 * });
 * assert.equal(await run(third), "third time");
 * ```
 */
export function pollFn<T, E = never>(f: (cx: Context) => Poll<T>): Future<T, E> {
	if (typeof f !== "function") throw new TypeError(`pollFn: give a function, not ${describe(f)}`);
	return new PollFn(f) as never;
}

/**
 * A future that is ready with a value.
 *
 * @cancelSafety cancel safe: dropped before its poll, it releases nothing; a guard in it stays held
 * @source `std::future::ready`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ready, run } from "yamanote";
 *
 * assert.equal(await run(ready(7)), 7);
 * ```
 */
export function ready<T>(value: T): Future<T> {
	return new PollFn(() => value) as never;
}

class Never {
	done = false;
	value: unknown = undefined;
	owner: Driver | undefined = undefined;

	constructor() {
		if (S.hooks !== null) created(this);
	}

	poll(): Poll<never> {
		return Pending;
	}
}

inherit(Never, Future);

/**
 * A future that is never ready: a branch that only waits to be cancelled.
 *
 * @cancelSafety cancel safe: there is nothing to lose
 * @source `std::future::pending`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { pending, race, ready, run } from "yamanote";
 *
 * assert.equal(await run(race([pending(), ready("first")])), "first");
 * ```
 */
export function pending(): Future<never> {
	return new Never() as never;
}

/**
 * A future whose value a function computes at the first poll.
 *
 * @param f - computes the value, or throws the failure
 * @cancelSafety cancel safe: dropped before its poll, it never calls the function
 * @source `futures::future::lazy`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { lazy, run } from "yamanote";
 *
 * let called = false;
 * const answer = lazy(() => {
 *   called = true;
 *   return 42;
 * });
 * assert.equal(called, false);
 * assert.equal(await run(answer), 42);
 * ```
 */
export function lazy<T>(f: () => T): Future<T> {
	if (typeof f !== "function") throw new TypeError(`lazy: give a function, not ${describe(f)}`);
	return new PollFn(() => f()) as never;
}

/** Refuses an error class that TypeScript cannot tell from `Error`. */
export type Distinct<E> = Error extends E
	? 'give this error class a field of its own, such as `readonly code = "NOT_FOUND"`: TypeScript cannot tell it from Error'
	: unknown;

/**
 * A future that fails: `return yield* fail(new NotFound())` declares `NotFound` among the failures of the generator.
 *
 * @param error - of a class with a field of its own: TypeScript tells classes apart by their fields
 * @errors the error, at the first poll
 * @cancelSafety cancel safe: there is nothing to lose
 * @source `Err(e)?`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { asyncFn, fail, run } from "yamanote";
 *
 * class NotFound extends Error {
 *   readonly code = "NOT_FOUND";
 * }
 * const find = asyncFn(function* (id: number) {
 *   if (id !== 7) return yield* fail(new NotFound());
 *   return "found";
 * });
 * await assert.rejects(run(find(8)), NotFound);
 * ```
 */
export function fail<E extends Error>(error: E & Distinct<E>): Future<never, E> {
	return new PollFn(() => {
		throw error;
	}) as never;
}
