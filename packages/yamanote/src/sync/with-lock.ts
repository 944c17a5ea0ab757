/** Running a body while a lock is held: `withLock`, `withRead`, `withWrite`. */

import { delegate } from "../core/delegate.ts";
import { checkFunction } from "../core/error.ts";
import { FnFuture } from "../core/frame.ts";
import type { Future } from "../core/future.ts";
import { PromiseWait } from "../core/held.ts";
import { kFuture } from "../core/poll.ts";
import type { Err, Out, PlainYieldOf, TaskContext } from "../core/types.ts";

/** What can be waited for, as the result of a body. */
type Waitable = Future<unknown, unknown> | Iterator<unknown, unknown, never> | PromiseLike<unknown>;

/** The value of a body: what its future, generator or promise gives, or else what it returned. */
export type BodyOut<R> = [R] extends [Waitable] ? Out<R> : R;

/** The failures that a body declares. */
export type BodyErr<R> = [R] extends [Waitable] ? Err<R> : never;

/** Refuses a body that is a generator with a plain `yield`, and one that gives its guard. */
export type StarredBody<R, G> = [PlainYieldOf<R> | GuardIn<BodyOut<R>, G>] extends [never]
	? unknown
	: PlainYieldOf<R> | GuardIn<BodyOut<R>, G>;

/** Refuses a plain function that gives its guard, and an async function in its place. */
export type Released<R, G> = [GuardIn<R, G> | WaitIn<R>] extends [never] ? unknown : GuardIn<R, G> | WaitIn<R>;

type WaitIn<R> = 0 extends 1 & R
	? never
	: R extends PromiseLike<infer V>
		? unknown extends V
			? never
			: "the body must not wait: use Mutex.withLock for one that does"
		: never;

/** The sentence for a guard; `never` for anything else, and also for a type parameter: of that the compiler knows that `D` is unknown. */
type GuardIn<V, G> = 0 extends 1 & V
	? never
	: V extends { [Symbol.dispose]: infer D }
		? unknown extends D
			? never
			: V extends G
				? "the guard is released when this ends: let the body return what you need of it"
				: never
		: never;

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
	const guard = yield* lock;
	/** A promise goes on when the wait for it is cancelled; whoever made it believes that the lock is held until it has ended. */
	let goesOn: PromiseLike<unknown> | null = null;
	// No `using` here: it brings a kilobyte with it where it is not in the language yet.
	try {
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
		goesOn = made as PromiseLike<unknown>;
		const value = yield* delegate(made);
		goesOn = null;
		return value;
	} catch (error) {
		goesOn = null;
		throw error;
	} finally {
		try {
			if (goesOn !== null) yield* new PromiseWait(goesOn.then(nothing, nothing));
		} finally {
			guard[Symbol.dispose]();
		}
	}
}

function nothing(): void {}
