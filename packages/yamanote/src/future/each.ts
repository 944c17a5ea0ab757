/** A body for each item of a receiver or stream: `each`. */

import { delegate } from "../core/delegate.ts";
import { describe } from "../core/error.ts";
import { FnFuture } from "../core/frame.ts";
import type { Future } from "../core/future.ts";
import type { Err, IntoFuture, StarredResult } from "../core/types.ts";

/** Has items to wait for: the receiving end of a channel. `recv` gives `undefined` when there are no more. */
export interface Receives<T> {
	recv(): Future<T | undefined>;
}

/** What {@link each} takes. */
export type Source<T> = Receives<T> | AsyncIterable<T> | Iterable<T>;

type Body<T> = (item: T) => IntoFuture;

function* receive<T>(source: Receives<T>, body: Body<T>): Generator<unknown, void> {
	for (let item = yield* source.recv(); item !== undefined; item = yield* source.recv()) {
		if ((yield* delegate(body(item))) === false) return;
	}
}

function* iterate<T>(source: AsyncIterable<T> | Iterable<T>, body: Body<T>): Generator<unknown, void> {
	const { [Symbol.asyncIterator]: iterateAsync } = source as Partial<AsyncIterable<T>>;
	const isAsync = iterateAsync !== undefined;
	const it = isAsync ? iterateAsync.call(source) : (source as Iterable<T>)[Symbol.iterator]();
	let open = true;
	try {
		for (;;) {
			const next = it.next();
			const item = (isAsync ? yield* delegate(next) : next) as IteratorResult<T>;
			if (item.done === true) {
				open = false;
				return;
			}
			if ((yield* delegate(body(item.value))) === false) return;
		}
	} finally {
		if (open) {
			const closed = it.return?.();
			if (isAsync && closed !== undefined) yield* delegate(closed);
		}
	}
}

/**
 * Runs a body for each item, one after the other, until there are no more: `for await` for generators. The body ends the loop by returning
 * `false`; a source that is left early is closed.
 *
 * @param source - a receiver (its `recv` is used, so nothing is lost on cancellation), an async iterable, or an iterable
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
		!(Symbol.asyncIterator in Object(source) || Symbol.iterator in Object(source))
	) {
		throw new TypeError(`each: ${describe(source)} is neither a receiver nor iterable`);
	}
	return new FnFuture(iterate(source as Iterable<T>, body as Body<T>));
}
