/** Ticks at a fixed period: `interval`, `intervalAt`. */

import { type Duration, type Say, toMs } from "../core/duration.ts";
import { checkOptions } from "../core/error.ts";
import { Future, PART } from "../core/future.ts";
import { MessageIterator } from "../core/message-iterator.ts";
import { type Context, Pending, type Poll, type Waker } from "../core/poll.ts";
import { Instant } from "./instant.ts";
import { msLeft } from "./left.ts";
import { checkBehavior, type MissedTickBehavior, nextTick } from "./missed-tick.ts";
import { Sleep } from "./sleep.ts";
import { currentTimers, type Timers } from "./timers.ts";

/** Options of {@link interval}. */
export interface IntervalOptions {
	/** What becomes of ticks that were missed. Default `"burst"`. */
	readonly missedTickBehavior?: MissedTickBehavior | undefined;
}

class Tick extends Future<Instant> {
	readonly #interval: Interval;

	constructor(interval: Interval) {
		super();
		this.#interval = interval;
	}

	poll(cx: Context): Poll<Instant> {
		const interval = this.#interval;
		const tick = interval.pollTick(cx);
		if (tick === Pending) interval.wait(this, cx.waker);
		else interval.leave(this);
		return tick;
	}

	protected override drop(): void {
		this.#interval.leave(this);
	}

	/** What a dump says of it. */
	waitsFor(): { what: string } {
		const { period, timer } = this.#interval;
		return { what: `a tick of an interval of ${period} ms, a sleep with ${msLeft(timer)} ms left` };
	}
}

/**
 * Ticks, for ever. It holds a timer only while a tick is waited for, so it can be forgotten.
 *
 * @source `tokio::time::Interval`
 */
export class Interval implements AsyncIterable<Instant> {
	/** The milliseconds between two ticks. */
	readonly period: number;
	/** @internal */
	readonly timer: Sleep;
	/** Who waits for a tick: the timer wakes the last. */
	readonly #waiting: Map<object, Waker> = new Map();
	readonly #timers: Timers;
	#behavior: MissedTickBehavior;

	/** @internal */
	constructor(timers: Timers, start: number, period: number, behavior: MissedTickBehavior) {
		this.period = period;
		this.timer = new Sleep(timers, start, start - timers.now());
		this.timer.owner = PART;
		this.#timers = timers;
		this.#behavior = behavior;
	}

	/** What becomes of ticks that were missed. */
	get missedTickBehavior(): MissedTickBehavior {
		return this.#behavior;
	}

	set missedTickBehavior(behavior: MissedTickBehavior) {
		this.#behavior = checkBehavior(behavior);
	}

	/**
	 * Waits for the next tick, and gives the instant for which it was scheduled (not the one at which it came). If several wait, the
	 * one that was polled last is first.
	 *
	 * @cancelSafety cancel safe: no tick is used up
	 * @source `tokio::time::Interval::tick`
	 */
	tick(): Future<Instant> {
		return new Tick(this);
	}

	/**
	 * The poll of {@link tick}, for futures written by hand. The waker of the last poll counts.
	 *
	 * @source `tokio::time::Interval::poll_tick`
	 */
	pollTick(cx: Context): Poll<Instant> {
		const { timer } = this;
		const now = this.#timers.now();
		const { due } = timer;
		if (now < due && timer.poll(cx) === Pending) return Pending;
		timer.cancel();
		timer.resetTo(nextTick(this.#behavior, due, this.#timers.now(), this.period));
		return new Instant(due, this.#timers);
	}

	/** @internal It was polled, and waits. */
	wait(tick: object, waker: Waker): void {
		this.#waiting.delete(tick);
		this.#waiting.set(tick, waker);
	}

	/** @internal It does not wait any more; who waits besides is woken, and takes the timer over. */
	leave(tick: object): void {
		const waker = this.#waiting.get(tick);
		this.#waiting.delete(tick);
		const { sleeper } = this.timer;
		// Somebody else has the timer, maybe by hand.
		if (sleeper !== null && sleeper !== waker) return;
		this.timer.cancel();
		let last: Waker | null = null;
		for (const waker of this.#waiting.values()) last = waker;
		last?.wake();
	}

	/** The next tick comes one period from now. */
	reset(): void {
		this.timer.resetTo(this.#timers.now() + this.period);
	}

	/** The next tick comes now, and the one after that one period later. */
	resetImmediately(): void {
		this.timer.resetTo(this.#timers.now());
	}

	/**
	 * The next tick comes after a duration from now.
	 *
	 * @throws {@link RangeError} for NaN; {@link TypeError} for what is no duration
	 */
	resetAfter(duration: Duration<Say>): void {
		this.timer.resetTo(this.#timers.now() + toMs(duration));
	}

	/** The next tick comes at an instant. If that has passed, ticks were missed. */
	resetAt(instant: Instant): void {
		this.timer.resetTo(instantOf("resetAt", instant).ms);
	}

	/** The ticks, for native code: `for await (const at of interval(1_000))`. */
	[Symbol.asyncIterator](): AsyncIterableIterator<Instant> {
		return new MessageIterator(() => this.tick());
	}
}

function instantOf(what: string, instant: Instant): Instant {
	if (!(instant instanceof Instant)) throw new TypeError(`${what}: give an Instant`);
	return instant;
}

function make(what: string, timers: Timers, start: number, period: Duration<Say>, options: IntervalOptions): Interval {
	checkOptions(what, options);
	const ms = toMs(period);
	if (!(ms > 0)) throw new RangeError(`${what}: the period must be longer than 0`);
	return new Interval(timers, start, ms, checkBehavior(options.missedTickBehavior ?? "burst"));
}

/**
 * Ticks at a fixed period by the clock of the current runtime; the first tick comes at once.
 *
 * @param period - milliseconds, or an object such as `{ seconds: 5 }`; more than 0
 * @throws {@link RangeError} at the call, if the period is 0 or NaN; {@link TypeError} for what is no duration
 * @source `tokio::time::interval`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { interval, Runtime } from "yamanote";
 *
 * await using runtime = new Runtime({ startPaused: true });
 * await runtime.blockOn(function* () {
 *   const ticks = interval({ seconds: 1 });
 *   const first = yield* ticks.tick();
 *   yield* ticks.tick();
 *   const third = yield* ticks.tick();
 *   assert.equal(third.since(first), 2_000);
 * });
 * ```
 */
export function interval(period: Duration<Say>, options: IntervalOptions = {}): Interval {
	const timers = currentTimers();
	return make("interval", timers, timers.now(), period, options);
}

/**
 * Ticks at a fixed period, the first at an instant: as {@link interval}.
 *
 * @param start - when the first tick comes; if that has passed, ticks were missed
 * @throws {@link RangeError} at the call, if the period is 0 or NaN; {@link TypeError} for what is no instant, or no duration
 * @source `tokio::time::interval_at`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Instant, intervalAt, run } from "yamanote";
 *
 * const start = Instant.now().plus(5);
 * const tick = await run(intervalAt(start, 1_000).tick());
 * assert.equal(tick.compare(start), 0);
 * ```
 */
export function intervalAt(start: Instant, period: Duration<Say>, options: IntervalOptions = {}): Interval {
	const { ms, timers } = instantOf("intervalAt", start);
	return make("intervalAt", timers, ms, period, options);
}
