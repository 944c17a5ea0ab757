/** Deadlines that what is called can see: `deadline`, `currentDeadline`. */

import { type Duration, toMs } from "../core/duration.ts";
import type { Future } from "../core/future.ts";
import { into } from "../core/into.ts";
import type { Err, Out, Starred, Waitable } from "../core/types.ts";
import type { Elapsed } from "./error.ts";
import { Instant } from "./instant.ts";
import { currentDue } from "./nearest.ts";
import { Timeout } from "./timeout.ts";
import { currentTimers } from "./timers.ts";

/**
 * The nearest deadline that the running code stands under: of every `timeout`, `timeoutAt` and `deadline` around it in its task, and of the
 * scope that its task is a child of. `undefined` if there is none. An independent task (`spawn`) stands under none.
 *
 * It is known while a task is polled: in generators, and in an async function until its first `await`.
 *
 * @source none: Go's `context.Deadline`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { asyncFn, currentDeadline, Instant, run, timeout } from "yamanote";
 *
 * // Asks a server only for as long as somebody will listen.
 * const query = asyncFn(function* () {
 *   return currentDeadline()?.since(Instant.now()) ?? Infinity;
 * });
 * const left = await run(timeout(5_000, timeout(100, query())));
 * assert.ok(left <= 100);
 * ```
 */
export function currentDeadline(): Instant | undefined {
	const due = currentDue();
	return due === Infinity ? undefined : new Instant(due, currentTimers());
}

/**
 * Gives a future a deadline, or the one that the running code stands under already, if that is nearer: so whoever sets it can answer for the
 * delay before its own caller gives up. Otherwise as `timeout`.
 *
 * @param limit - a duration from now on, or an instant
 * @throws {@link RangeError} at the call for NaN; {@link TypeError} for what is no duration, or no future
 * @errors `Elapsed` (`YAMANOTE_ELAPSED`), and the failures of the future
 * @cancelSafety cancel safe if the future is
 * @source none: Go's `context.WithDeadline`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { asyncFn, attempt, deadline, Elapsed, run, sleep, timeout } from "yamanote";
 *
 * const search = asyncFn(function* () {
 *   const found = yield* attempt(deadline({ seconds: 30 }, sleep({ minutes: 1 })), Elapsed);
 *   return found.ok ? "found" : "not in time";
 * });
 * // The caller's 5 ms are nearer than 30 s: `search` is told then, and still answers.
 * assert.equal(await run(timeout(5, search())), "not in time");
 * ```
 */
export function deadline<const F extends Waitable>(
	limit: Duration | Instant,
	future: F & Starred<F>,
): Future<Out<F>, Err<F> | Elapsed> {
	const timers = limit instanceof Instant ? limit.timers : currentTimers();
	const now = timers.now();
	const at = limit instanceof Instant ? limit.ms : now + toMs(limit);
	const due = Math.min(at, currentDue());
	return new Timeout(into(future), timers, due, Math.max(0, due - now));
}
