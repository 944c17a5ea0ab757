/** Running a body while a lock is held: `withLock`, `withRead`, `withWrite`. */

import { delegate } from "../core/delegate.ts";
import { checkFunction } from "../core/error.ts";
import { FnFuture } from "../core/frame.ts";
import type { Future } from "../core/future.ts";
import { PromiseWait } from "../core/held.ts";
import { kFuture } from "../core/poll.ts";
import type { Err, Out, TaskContext } from "../core/types.ts";

/** What can be waited for, as the result of a body. */
type Waitable = Future<unknown, unknown> | Iterator<unknown, unknown, never> | PromiseLike<unknown>;

/** The value of a body: what its future, generator or promise gives, or else what it returned. */
export type BodyOut<R> = [R] extends [Waitable] ? Out<R> : R;

/** The failures that a body declares. */
export type BodyErr<R> = [R] extends [Waitable] ? Err<R> : never;

/** @internal Locks, runs the body, and unlocks when it has ended, however it ends. */
export function withLock<G extends Disposable, E, R>(
	lock: Future<G, E>,
	body: (guard: G, task: TaskContext) => R,
): Future<BodyOut<R>, BodyErr<R> | E> {
	checkFunction("a lock's body", body);
	return new FnFuture(locked(lock, body as (guard: G, task?: TaskContext) => unknown)) as never;
}

function* locked<G extends Disposable>(
	lock: Future<G, unknown>,
	body: (guard: G, task?: TaskContext) => unknown,
): Generator<unknown, unknown> {
	using guard = yield* lock;
	if (Object.prototype.toString.call(body) === "[object AsyncFunction]") {
		return yield* delegate((task: TaskContext) => body(guard, task));
	}
	const made = body(guard);
	if (typeof made !== "object" || made === null) return made;
	if (
		(made as { [kFuture]?: boolean })[kFuture] === true ||
		Object.prototype.toString.call(made) === "[object Generator]"
	) {
		return yield* delegate(made);
	}
	if (typeof (made as PromiseLike<unknown>).then !== "function") return made;
	// A promise goes on when the wait for it is cancelled; whoever made it believes that the lock is held until it has ended.
	let ended = false;
	try {
		const value = yield* delegate(made);
		ended = true;
		return value;
	} catch (error) {
		ended = true;
		throw error;
	} finally {
		if (!ended) yield* new PromiseWait((made as PromiseLike<unknown>).then(nothing, nothing));
	}
}

function nothing(): void {}
