/** Trying again: `retry`. */

import { delegate } from "../core/delegate.ts";
import { CancelledError, checkFunction, describe } from "../core/error.ts";
import { FnFuture } from "../core/frame.ts";
import type { Future } from "../core/future.ts";
import type { AnyFunction, Err, IntoFuture, Out, Starred, TaskContext, Waitable } from "../core/types.ts";
import { checkPlaces } from "../future/items.ts";
import { sleep } from "./sleep.ts";

/** Options of {@link retry}. */
export interface RetryOptions {
	/** How often it is tried in all: a whole number of at least 1, or `Infinity`. */
	readonly times: number;
	/** Milliseconds before the second try, doubled for each further one; or a function of the number of failures so far. Default 0. */
	readonly backoffMs?: number | ((failures: number) => number) | undefined;
	/** The longest pause in milliseconds. Default: no limit. */
	readonly maxBackoffMs?: number | undefined;
	/** Makes each pause a random part of itself, from none to all, so that clients do not come back together. Default false. */
	readonly jitter?: boolean | undefined;
	/** Whether a failure is worth another try. Default: each is. A cancellation (`CancelledError`) never is. */
	readonly when?: ((error: unknown, failures: number) => boolean) | undefined;
}

/** Refuses what cannot be tried again. */
export type StarredTry<F> = object extends F
	? unknown
	: F extends AnyFunction
		? Starred<F>
		: "a future can be tried once: give a function that makes one for each try, `() => f(x)`";

function* attempts(o: RetryOptions, f: (task: TaskContext) => IntoFuture): Generator<unknown, unknown> {
	for (let failures = 1; ; failures++) {
		try {
			return yield* delegate(f);
		} catch (error) {
			if (failures >= o.times || error instanceof CancelledError || o.when?.(error, failures) === false) throw error;
		}
		const base = typeof o.backoffMs === "function" ? o.backoffMs(failures) : (o.backoffMs ?? 0) * 2 ** (failures - 1);
		const pause = Math.min(base, o.maxBackoffMs ?? Infinity);
		// Without a pause, too: it spends budget, so that tries that fail at once cannot hold the loop.
		yield* sleep(pause > 0 ? (o.jitter === true ? pause * Math.random() : pause) : 0);
	}
}

/**
 * Tries until it succeeds, `times` times at most, with pauses that double; throws the last failure. Cancelling it ends the try or the pause.
 *
 * @param options - how often, and how long to pause
 * @param f - makes the future of one try: `({ signal }) => fetch(url, { signal })`, a generator function, or a function that gives a future
 * @throws {@link TypeError}, {@link RangeError} at the call, for bad options
 * @errors the failure of the last try
 * @cancelSafety cancel safe if a try is
 * @source `tower::retry`, for one operation
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { retry, run } from "yamanote";
 *
 * let tries = 0;
 * const answer = await run(retry({ times: 3, backoffMs: 1 }, async () => {
 *   if (++tries < 3) throw new Error("busy");
 *   return "served";
 * }));
 * assert.equal(answer, "served");
 * assert.equal(tries, 3);
 * ```
 */
export function retry<const F extends Waitable>(options: RetryOptions, f: F & StarredTry<F>): Future<Out<F>, Err<F>> {
	const { times, backoffMs = 0, maxBackoffMs = 0, when } = options ?? {};
	checkPlaces("retry", "times", times);
	for (const ms of [backoffMs, maxBackoffMs])
		if (typeof ms !== "function" && !(typeof ms === "number" && ms >= 0))
			throw new RangeError(`retry: a pause must be milliseconds of at least 0, not ${String(ms)}`);
	if (when !== undefined) checkFunction("retry: when", when);
	if (typeof f !== "function") throw new TypeError(`retry: give a function that makes a future, not ${describe(f)}`);
	return new FnFuture(attempts(options, f as (task: TaskContext) => IntoFuture));
}
