/** A function over many items, a few at a time: `mapConcurrent`. */
import { delegate } from "../core/delegate.ts";
import { discard } from "../core/discard.ts";
import { checkFunction } from "../core/error.ts";
import { FnFuture } from "../core/frame.ts";
import type { Future } from "../core/future.ts";
import type { Err, IntoFuture, Out, Returnable, StarredResult } from "../core/types.ts";
import { concurrently } from "./concurrent.ts";
import { callOf, checkPlaces, checkSource, type Source } from "./items.ts";

function* map<I>(
	items: Source<I>,
	limit: number,
	f: (item: I, index: number) => IntoFuture,
): Generator<unknown, unknown[]> {
	const values: unknown[] = [];
	let whole = false;
	try {
		const took = (value: unknown, index: number): void => {
			values[index] = value;
		};
		yield* delegate(concurrently(items, limit, (item, index) => callOf(f, item, index), took));
		whole = true;
		return values;
	} finally {
		if (!whole) discard(values);
	}
}

/**
 * Calls `f` for each item, at most `limit` at once, and gives the results in the order of the items. At the first failure the rest is
 * cancelled, their cleanup is waited for, and the failure is thrown. Items are taken only as places fall free.
 *
 * @param items - what {@link each} takes, and as it takes them: no message of a receiver is lost on cancellation, and what is left early is
 * closed. For items without an end, whose results nobody could hold, there is `each` with `concurrency`
 * @param limit - how many run at once: a whole number of at least 1, or `Infinity`
 * @param f - makes a future of an item and its index: a generator function, an async function (its waits for futures are
 * cancelled), or a function that gives a future or a task: `(url) => async ({ signal }) => (await fetch(url, { signal })).text()`
 * @throws {@link TypeError}, {@link RangeError} at the call, for bad arguments
 * @errors the failures of the futures, and of the iterable
 * @cancelSafety cancel safe if the futures are; results that were there are released
 * @source `futures::stream::StreamExt::buffered`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { mapConcurrent, run, sleep } from "yamanote";
 *
 * const lengths = await run(mapConcurrent(["a", "bb", "ccc"], 2, function* (word) {
 *   yield* sleep(1);
 *   return word.length;
 * }));
 * assert.deepEqual(lengths, [1, 2, 3]);
 * ```
 */
export function mapConcurrent<I, const R extends Returnable>(
	items: Source<I>,
	limit: number,
	f: ((item: I, index: number) => R) & StarredResult<R>,
): Future<Out<R>[], Err<R>> {
	checkSource("mapConcurrent", items);
	checkPlaces("mapConcurrent", "the limit", limit);
	checkFunction("mapConcurrent", f);
	return new FnFuture(map(items, limit, f as (item: I, index: number) => IntoFuture));
}
