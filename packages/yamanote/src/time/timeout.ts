/** Limits in time: `timeout`, `timeoutAt`. */
import { type Duration, type Say, toMs } from "../core/duration.ts";
import type { Future } from "../core/future.ts";
import { into } from "../core/into.ts";
import { OneBranch } from "../core/one-branch.ts";
import { type Context, type Poll, Pending as pending } from "../core/poll.ts";
import { around } from "../core/surroundings.ts";
import type { Err, Out, Starred, Waitable } from "../core/types.ts";
import { Elapsed } from "./error.ts";
import { Instant } from "./instant.ts";
import { Sleep } from "./sleep.ts";
import { currentTimers, type Timers } from "./timers.ts";

// A constant of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const Pending: typeof pending = pending;

/** @internal */
export class Timeout<T, E> extends OneBranch<T, E> {
	/** @internal */
	readonly sleep: Sleep;
	readonly #ms: number;
	/** @internal The time has passed: the future is being cancelled. */
	elapsed = false;

	constructor(root: Iterator<unknown, unknown>, timers: Timers, due: number, ms: number) {
		super(root);
		this.sleep = new Sleep(timers, due, ms);
		this.#ms = ms;
	}

	poll(cx: Context): Poll<T> {
		const { branch } = this;
		branch.parent = cx.waker;
		if (!this.elapsed) {
			if (branch.woken) {
				const outer = around.due;
				const { due } = this.sleep;
				if (due < outer) around.due = due;
				let value: unknown;
				try {
					value = branch.run();
				} finally {
					around.due = outer;
					// Also if it has failed.
					if (value !== Pending) this.sleep.cancel();
				}
				if (value !== Pending) return value as T;
			}
			// By hand, so that a future that has used up the budget cannot hold back its deadline.
			if (this.sleep.poll(cx) === Pending) return Pending;
			this.elapsed = true;
		}
		if (!branch.cancel()) return Pending;
		throw new Elapsed(this.#ms);
	}

	protected override drop(cx: Context): Poll<void> {
		this.sleep.cancel();
		return super.drop(cx);
	}
}

/**
 * Gives a future a limit in time: its value if it is ready in time; else it is cancelled, its cleanup is waited for, and {@link Elapsed} is
 * thrown. A value that is ready in the same poll beats the deadline.
 *
 * The deadline is fixed at this call. `Infinity` sets none; `0` and less gives the future one poll.
 *
 * @param duration - milliseconds, or an object such as `{ seconds: 5 }`
 * @throws {@link RangeError} at the call for NaN; {@link TypeError} for what is no duration, or no future
 * @errors {@link Elapsed} (`YAMANOTE_ELAPSED`), and the failures of the future
 * @cancelSafety cancel safe if the future is
 * @source `tokio::time::timeout`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Elapsed, run, sleep, timeout } from "yamanote";
 *
 * await assert.rejects(run(timeout(5, sleep(1_000))), Elapsed);
 * ```
 */
export function timeout<const F extends Waitable>(
	duration: Duration<Say>,
	future: F & Starred<F>,
): Future<Out<F>, Err<F> | Elapsed> {
	const ms = toMs(duration);
	const timers = currentTimers();
	return new Timeout(into(future), timers, timers.now() + ms, ms);
}

/**
 * Gives a future a deadline: as {@link timeout}, with an {@link Instant}.
 *
 * @errors {@link Elapsed} (`YAMANOTE_ELAPSED`), and the failures of the future
 * @cancelSafety cancel safe if the future is
 * @source `tokio::time::timeout_at`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Instant, ready, run, timeoutAt } from "yamanote";
 *
 * assert.equal(await run(timeoutAt(Instant.now().plus(50), ready("in time"))), "in time");
 * ```
 */
export function timeoutAt<const F extends Waitable>(
	deadline: Instant,
	future: F & Starred<F>,
): Future<Out<F>, Err<F> | Elapsed> {
	if (!(deadline instanceof Instant)) throw new TypeError("timeoutAt: give an Instant");
	return new Timeout(into(future), deadline.timers, deadline.ms, deadline.ms - deadline.timers.now());
}
