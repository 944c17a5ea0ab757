/** The pausable clock: `pause`, `advance`, `resume`. */

import { type Duration, type Say, toMs } from "../core/duration.ts";
import { Future } from "../core/future.ts";
import { hostNow } from "../core/host.ts";
import { type Context, Pending, type Poll } from "../core/poll.ts";
import { PausedClock } from "../runtime/paused-clock.ts";
import { NotPausedError } from "./error.ts";
import { currentTimers, type Timers } from "./timers.ts";

/**
 * Stops the clock of the current runtime: time passes only by {@link advance}, and by itself when every task waits and no host work is in
 * flight; then it jumps to the next deadline.
 *
 * @source `tokio::time::pause`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Instant, pause, Runtime, sleep } from "yamanote";
 *
 * const runtime = new Runtime();
 * await runtime.blockOn(function* () {
 *   pause();
 *   const start = Instant.now();
 *   yield* sleep({ days: 1 });
 *   assert.equal(start.elapsed(), 86_400_000);
 * });
 * await runtime.shutdown();
 * ```
 */
export function pause(): void {
	const timers = currentTimers();
	const { runtime } = timers;
	if (runtime.clock !== null) return;
	// A paused clock stands at a whole millisecond.
	timers.shift = Math.ceil(timers.now());
	runtime.clock = new PausedClock(runtime);
	timers.release();
	if (runtime.queue.size === 0) timers.idle();
}

/**
 * Lets the paused clock of the current runtime run on, from the time at which it stands.
 *
 * @throws `NotPausedError` at the call, if it is not paused
 * @source `tokio::time::resume`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { advance, Instant, resume, Runtime, sleep } from "yamanote";
 *
 * const runtime = new Runtime({ startPaused: true });
 * await runtime.blockOn(function* () {
 *   const start = Instant.now();
 *   yield* advance({ hours: 1 });
 *   resume();
 *   yield* sleep(1); // a millisecond of real time
 *   assert.ok(start.elapsed() > 3_600_000);
 * });
 * await runtime.shutdown();
 * ```
 */
export function resume(): void {
	const timers = currentTimers();
	const { runtime } = timers;
	if (runtime.clock === null) throw new NotPausedError("resume");
	runtime.clock.stop();
	runtime.clock = null;
	timers.shift -= hostNow();
	timers.rearm();
}

/** @internal Moves a paused clock on by `ms`, and fires what is due. */
export function moveClock(timers: Timers, ms: number): void {
	if (timers.runtime.clock === null) throw new NotPausedError("advance");
	timers.shift += ms;
	timers.wheel.advance(Math.floor(timers.shift));
}

class Advance extends Future<void> {
	readonly #timers: Timers;
	readonly #ms: number;
	#advanced = false;

	constructor(timers: Timers, ms: number) {
		super();
		this.#timers = timers;
		this.#ms = ms;
	}

	poll(cx: Context): Poll<void> {
		if (this.#advanced) return;
		moveClock(this.#timers, this.#ms);
		this.#advanced = true;
		// Behind the tasks that were woken.
		cx.waker.wake();
		return Pending;
	}
}

/**
 * Moves the paused clock of the current runtime on, wakes what is due, and gives way to it once.
 *
 * @throws {@link RangeError} at the call, for a duration without end
 * @errors `NotPausedError` if the clock is not paused
 * @cancelSafety once it was polled the clock has moved; dropped before that, it does nothing
 * @source `tokio::time::advance`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { advance, Runtime, sleep, spawn } from "yamanote";
 *
 * const runtime = new Runtime({ startPaused: true });
 * await runtime.blockOn(function* () {
 *   const nap = spawn(sleep(1_000));
 *   yield* advance(999);
 *   assert.equal(nap.isFinished, false);
 *   yield* advance(1);
 *   assert.equal(nap.isFinished, true);
 * });
 * await runtime.shutdown();
 * ```
 */
export function advance(duration: Duration<Say>): Future<void> {
	const ms = toMs(duration);
	if (ms === Infinity) throw new RangeError("advance: a clock cannot be moved on by Infinity");
	return new Advance(currentTimers(), ms);
}
