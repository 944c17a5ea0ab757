/**
 * Answering most calls of `next` without a detour.
 *
 * `next` and `poll` of all futures meet in one place, where a program with many kinds of futures is slow: the engine looks up every field. So the
 * commonest waits have a `next` of their own, in each class, where the engine knows what kind it is. It begins with these functions, and leaves
 * to the `next` of all futures whatever is not plain.
 */
import type { Driver } from "../core/driver.ts";
import { CONSUMED as consumed, Future } from "../core/future.ts";
import { S as shared } from "../core/shared.ts";
import { TRACER as tracer } from "../core/trace.ts";

// Constants of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;
const CONSUMED = consumed;
const TRACER = tracer;

/** @internal Who polls the future, if it is a plain poll by its owner, with some budget left; else null. */
export function polledBy({ owner }: Future<unknown, unknown>): Driver | null {
	const d = S.current;
	return d === TRACER || (owner !== d && owner !== undefined) || S.suspended !== null || S.budget === 0 ? null : d;
}

/** @internal The `next` of all futures. */
export function detour<T>(future: Future<T, unknown>): IteratorResult<never, T> {
	return Future.prototype.next.call(future) as never;
}

/** @internal It is ready: what it has must be given now. */
export function claim(future: Future<unknown, unknown>): void {
	S.budget--;
	future.owner = CONSUMED;
}

/** @internal Ready, with this value. */
export function ready<T>(future: Future<T, unknown>, value: T): IteratorResult<never, T> {
	future.value = value;
	future.done = true;
	return future as never;
}
