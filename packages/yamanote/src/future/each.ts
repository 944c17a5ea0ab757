/** A body for each item of a receiver or stream: `each`. */

import { delegate } from "../core/delegate.ts";
import { checkFunction, checkOptions } from "../core/error.ts";
import { FnFuture } from "../core/frame.ts";
import type { Future } from "../core/future.ts";
import { S } from "../core/shared.ts";
import type { Err, IntoFuture, Returnable, StarredResult } from "../core/types.ts";
import { ready } from "./basic.ts";
import { concurrently } from "./concurrent.ts";
import {
	callOf,
	checkPlaces,
	checkSource,
	closeQuietly,
	closeSource,
	isReceiver,
	isThenable,
	iteratorOf,
	type Receives,
	type Source,
} from "./items.ts";

/** Options of {@link each}. */
export interface EachOptions {
	/** How many bodies run at once: a whole number of at least 1, or `Infinity`. Default: 1, one after the other. */
	readonly concurrency?: number | undefined;
}

type Body<T> = (item: T) => IntoFuture;

function* receive<T>(source: Receives<T> & Partial<AsyncDisposable>, body: Body<T>): Generator<unknown, void> {
	// A stream of a worker would hold its thread until somebody closes it; a receiver is left as it is.
	let open = typeof source[Symbol.asyncDispose] === "function";
	function* close(): Generator<unknown, void> {
		yield* delegate(source[Symbol.asyncDispose]?.());
	}
	try {
		for (let item = yield* source.recv(); item !== undefined; item = yield* source.recv()) {
			if ((yield* delegate(callOf(body, item))) === false) return;
		}
		open = false;
	} catch (error) {
		if (open) {
			open = false;
			yield* delegate(closeQuietly(close, error));
		}
		throw error;
	} finally {
		if (open) yield* delegate(close());
	}
}

function* iterate<T>(source: Exclude<Source<T>, Receives<T>>, body: Body<T>): Generator<unknown, void> {
	const it = iteratorOf(source);
	let open = true;
	let waits = false;
	function* close(): Generator<unknown, void> {
		const closed = closeSource(source, it, waits);
		if (isThenable(closed)) yield* delegate(closed);
	}
	try {
		for (;;) {
			let item: IteratorResult<T>;
			// Spends budget, so that items and bodies that are ready at once cannot hold the loop.
			if (S.budget > 0) S.budget--;
			else yield* ready(undefined);
			try {
				const next = it.next();
				waits = isThenable(next);
				item = (waits ? yield* delegate(next) : next) as IteratorResult<T>;
				waits = false;
			} catch (error) {
				// It has ended by itself.
				open = false;
				throw error;
			}
			if (item.done === true) {
				open = false;
				return;
			}
			if ((yield* delegate(callOf(body, item.value))) === false) return;
		}
	} catch (error) {
		if (open) {
			open = false;
			yield* delegate(closeQuietly(close, error));
		}
		throw error;
	} finally {
		if (open) yield* delegate(close());
	}
}

/**
 * Runs a body for each item until there are no more: one after the other, as `for await` does, or so many at once as `concurrency` says. Nothing
 * is kept of them, so that a source may go on for ever. An item is taken only when there is a place for its body.
 *
 * The body ends the loop by returning `false`: nothing more is taken then, and bodies that run beside it go on to their end. At a failure the
 * others are cancelled, their cleanup is waited for, and the failure is thrown. A source that is left early is closed; the item that an async
 * iterable, other than a receiver, has been asked for by then is dropped.
 *
 * @param source - a receiver (its `recv` is used, so nothing is lost on cancellation), a stream of the web or of Node, an async iterable, or
 *   an iterable. A stream is closed at once when its reader is cancelled; an async generator when it gives its next item. What an
 *   async generator awaits belongs to no task: it is not cancelled with the loop, and goes by the default runtime. Where that matters,
 *   `for await` in an async function, or a task that sends to a channel, has it in the task
 * @param body - is given the item: a generator function, an async function, or a function that gives a future or a task:
 * `(url) => async ({ signal }) => …`
 * @param options - `concurrency`: how many bodies run at once
 * @throws {@link TypeError}, {@link RangeError} at the call, for bad arguments
 * @errors the failures of the body, and of the source
 * @cancelSafety of a receiver nothing is lost between items; an item whose body was cancelled is
 * @source `while let Some(item) = rx.recv().await`, `futures::stream::TryStreamExt::try_for_each_concurrent`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { each, run, sleep } from "yamanote";
 *
 * const seen: number[] = [];
 * await run(each([1, 2, 3], function* (n) {
 *   yield* sleep(1);
 *   seen.push(n);
 * }));
 * assert.deepEqual(seen, [1, 2, 3]);
 *
 * let running = 0;
 * let most = 0;
 * await run(each(new Set(["a", "b", "c", "d"]), function* () {
 *   most = Math.max(most, ++running);
 *   yield* sleep(1);
 *   running--;
 * }, { concurrency: 3 }));
 * assert.equal(most, 3);
 * ```
 */
export function each<T, const R extends Returnable>(
	source: Source<T>,
	body: ((item: T) => R) & StarredResult<R>,
	options: EachOptions = {},
): Future<void, Err<R>> {
	checkSource("each", source);
	checkFunction("each", body);
	checkOptions("each", options);
	const { concurrency = 1 } = options;
	checkPlaces("each", "concurrency", concurrency);
	const f = body as Body<T>;
	if (concurrency > 1) return new FnFuture(concurrently(source, concurrency, (item) => callOf(f, item), itself));
	return new FnFuture(isReceiver(source) ? receive(source, f) : iterate(source, f));
}

function itself(value: unknown): unknown {
	return value;
}
