/** A body for each item of a receiver or stream: `each`. */

import { delegate } from "../core/delegate.ts";
import { describe } from "../core/error.ts";
import { FnFuture } from "../core/frame.ts";
import type { Future } from "../core/future.ts";
import { S } from "../core/shared.ts";
import type { Err, IntoFuture, StarredResult } from "../core/types.ts";
import { ready } from "./basic.ts";
import { callOf, closeSource, closingReporter, isThenable, iteratorOf } from "./items.ts";

/** Has items to wait for: the receiving end of a channel. `recv` gives `undefined` when there are no more. */
export interface Receives<T> {
	/** @cancelSafety cancel safe, as a `recv` of a channel is */
	recv(): Future<T | undefined>;
}

/** What {@link each} takes. */
export type Source<T> = Receives<T> | ReadableStream<T> | AsyncIterable<T> | Iterable<T>;

type Body<T> = (item: T) => IntoFuture;

/** Something has failed already: what closing the source throws does not take its place. */
function* closeQuietly(close: () => Generator<unknown, void>): Generator<unknown, void> {
	try {
		yield* delegate(close());
	} catch (late) {
		closingReporter()(late);
	}
}

function* receive<T>(source: Receives<T> & Partial<AsyncDisposable>, body: Body<T>): Generator<unknown, void> {
	// A stream of a worker would hold its thread until somebody closes it; a receiver is left as it is.
	let open = typeof source[Symbol.asyncDispose] === "function";
	let failed = false;
	function* close(): Generator<unknown, void> {
		yield* delegate(source[Symbol.asyncDispose]?.());
	}
	try {
		for (let item = yield* source.recv(); item !== undefined; item = yield* source.recv()) {
			if ((yield* delegate(callOf(body, item))) === false) return;
		}
		open = false;
	} catch (error) {
		failed = true;
		throw error;
	} finally {
		if (open) yield* delegate(failed ? closeQuietly(close) : close());
	}
}

function* iterate<T>(source: Exclude<Source<T>, Receives<T>>, body: Body<T>): Generator<unknown, void> {
	const it = iteratorOf(source);
	let open = true;
	let failed = false;
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
		failed = true;
		throw error;
	} finally {
		if (open) yield* delegate(failed ? closeQuietly(close) : close());
	}
}

/**
 * Runs a body for each item, one after the other, until there are no more: `for await` for generators. The body ends the loop by returning
 * `false`; a source that is left early is closed.
 *
 * @param source - a receiver (its `recv` is used, so nothing is lost on cancellation), a stream of the web or of Node, an async iterable, or
 *   an iterable. A stream is closed at once when its reader is cancelled; an async generator when it gives its next item. What an
 *   async generator awaits belongs to no task: it is not cancelled with the loop, and goes by the default runtime. Where that matters,
 *   `for await` in an async function, or a task that sends to a channel, has it in the task
 * @param body - is given the item: a generator function, an async function, or a function that gives a future
 * @throws {@link TypeError} at the call, for bad arguments
 * @errors the failures of the body, and of the source
 * @cancelSafety between items nothing is lost; an item whose body was cancelled is
 * @source `while let Some(item) = rx.recv().await`
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
 * ```
 */
export function each<T, const R>(source: Source<T>, body: ((item: T) => R) & StarredResult<R>): Future<void, Err<R>> {
	if (typeof body !== "function") throw new TypeError(`each: give a function, not ${describe(body)}`);
	if (typeof (source as Receives<T> | null)?.recv === "function")
		return new FnFuture(receive(source as Receives<T>, body as Body<T>));
	if (
		source === null ||
		source === undefined ||
		!["getReader", Symbol.asyncIterator, Symbol.iterator].some((key) => key in Object(source))
	) {
		throw new TypeError(`each: ${describe(source)} is neither a receiver nor iterable`);
	}
	return new FnFuture(iterate(source as Exclude<Source<T>, Receives<T>>, body as Body<T>));
}
