/** Waiting for a time: `sleep`, `sleepUntil`. */

import { type Duration, type Say, toMs } from "../core/duration.ts";
import { CONSUMED, Future } from "../core/future.ts";
import { type Context, Pending, type Poll, type Waker } from "../core/poll.ts";
import type { Task } from "../core/task.ts";
import { Instant } from "./instant.ts";
import { currentTimers, type Timers } from "./timers.ts";
import type { WheelEntry } from "./wheel.ts";

/**
 * A future that is ready at a time: what {@link sleep} gives.
 *
 * @source `tokio::time::Sleep`
 */
export class Sleep extends Future<void> {
	/** @internal */
	tick = 0;
	/** @internal */
	slot = -1;
	/** @internal */
	before: WheelEntry | null = null;
	/** @internal */
	after: WheelEntry | null = null;
	/** @internal */
	due: number;
	/** @internal */
	sleeper: Waker | null = null;
	/** @internal */
	readonly timers: Timers;

	/** @internal */
	constructor(timers: Timers, due: number, ms: number) {
		super();
		this.timers = timers;
		this.due = due;
		// A negative tick: the time has come.
		if (ms <= 0) this.tick = -1;
	}

	poll(cx: Context): Poll<void> {
		if (this.slot < 0 && (this.tick < 0 || (this.due !== Infinity && !this.timers.arm(this, this.due)))) {
			this.sleeper = null;
			return;
		}
		this.sleeper = cx.waker;
		return Pending;
	}

	/** @internal */
	fire(): void {
		this.tick = -1;
		this.sleeper?.wake();
	}

	protected override drop(): void {
		this.cancel();
	}

	/** @internal Disarms it, also for a future that polls it by hand. */
	cancel(): void {
		this.timers.wheel.remove(this);
		this.sleeper = null;
	}

	/**
	 * Gives it another deadline, in place: also while it is waited for, and after it has completed, when it can be waited for once more.
	 *
	 * @param deadline - an instant, or a duration from now on
	 * @throws {@link RangeError} for NaN; {@link TypeError} for what is neither
	 * @source `tokio::time::Sleep::reset`
	 */
	reset(deadline: Instant | Duration): void {
		this.resetTo(deadline instanceof Instant ? deadline.ms : this.timers.now() + toMs(deadline));
	}

	/** @internal */
	resetTo(due: number): void {
		this.timers.wheel.remove(this);
		this.due = due;
		this.tick = due <= this.timers.now() ? -1 : 0;
		this.done = false;
		// Also one that native code has awaited to its end: the task that did that keeps its outcome.
		if (this.owner === CONSUMED || (this.owner as Partial<Task> | undefined)?.isFinished === true) {
			this.owner = undefined;
			this.sleeper = null;
		}
		if (this.sleeper === null || due === Infinity) return;
		if (this.tick < 0 || !this.timers.arm(this, due)) this.sleeper.wake();
	}

	/** The time at which it is ready. */
	get deadline(): Instant {
		return new Instant(this.due, this.timers);
	}

	/** Whether that time has passed. */
	get isElapsed(): boolean {
		return this.timers.now() >= this.due;
	}
}

/**
 * Ready after a time. The deadline is fixed at this call, by the clock of the current runtime; the timer is armed at the first poll. It
 * never fires early: milliseconds are rounded up. `0` and less is ready at once, `Infinity` never.
 *
 * @param duration - milliseconds, or an object such as `{ seconds: 5 }`
 * @throws {@link RangeError} at the call for NaN; {@link TypeError} for what is no duration
 * @cancelSafety cancel safe: the timer is disarmed
 * @source `tokio::time::sleep`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Instant, run, sleep } from "yamanote";
 *
 * await run(function* () {
 *   const start = Instant.now();
 *   yield* sleep(10);
 *   assert.ok(start.elapsed() >= 10);
 * });
 * ```
 */
export function sleep(duration: Duration<Say>): Sleep {
	const timers = currentTimers();
	const ms = toMs(duration);
	return new Sleep(timers, timers.now() + ms, ms);
}

/**
 * Ready at a time.
 *
 * @param deadline - an instant of the current runtime's clock; one that has passed is ready at once
 * @cancelSafety cancel safe: the timer is disarmed
 * @source `tokio::time::sleep_until`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Instant, run, sleepUntil } from "yamanote";
 *
 * const deadline = Instant.now().plus(5);
 * await run(sleepUntil(deadline));
 * assert.ok(Instant.now().since(deadline) >= 0);
 * ```
 */
export function sleepUntil(deadline: Instant): Sleep {
	if (!(deadline instanceof Instant)) throw new TypeError("sleepUntil: give an Instant");
	return new Sleep(deadline.timers, deadline.ms, deadline.ms - deadline.timers.now());
}
