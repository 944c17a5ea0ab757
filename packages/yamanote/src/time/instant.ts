/** A point in time of a runtime's clock. */

import { type Duration, type Say, toMs } from "../core/duration.ts";
import { describe } from "../core/error.ts";
import { currentTimers, type Timers } from "./timers.ts";

/**
 * A point in time, by the monotonic clock of a runtime (which may be paused). Wall-clock changes do not move it.
 *
 * @source `tokio::time::Instant`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Instant } from "yamanote";
 *
 * const start = Instant.now();
 * assert.equal(start.plus({ seconds: 1 }).since(start), 1_000);
 * ```
 */
export class Instant {
	/** @internal */
	readonly ms: number;
	/** @internal */
	readonly timers: Timers;

	/** @internal */
	constructor(ms: number, timers: Timers) {
		this.ms = ms;
		this.timers = timers;
	}

	static [Symbol.hasInstance](value: unknown): boolean {
		return typeof (value as Instant | null)?.ms === "number" && typeof (value as Instant).timers?.arm === "function";
	}

	/** The time now, by the clock of the current runtime. */
	static now(): Instant {
		const timers = currentTimers();
		return new Instant(timers.now(), timers);
	}

	/** Milliseconds since this instant; 0 if it lies ahead. */
	elapsed(): number {
		return Math.max(0, this.timers.now() - this.ms);
	}

	/** Milliseconds from `earlier` to this instant; 0 if `earlier` is later. */
	since(earlier: Instant): number {
		return Math.max(0, this.ms - checkInstant("since", earlier).ms);
	}

	/** The instant `duration` after this one. */
	plus(duration: Duration<Say>): Instant {
		return new Instant(this.ms + toMs(duration), this.timers);
	}

	/** The instant `duration` before this one. */
	minus(duration: Duration<Say>): Instant {
		return new Instant(this.ms - toMs(duration), this.timers);
	}

	/** Below 0, 0 or above 0, as this instant is before, at or after the other: for `sort`. */
	compare(other: Instant): number {
		return this.ms - checkInstant("compare", other).ms;
	}
}

/** @internal */
export function checkInstant(what: string, value: Instant): Instant {
	if (!(value instanceof Instant)) throw new TypeError(`${what}: give an Instant, not ${describe(value)}`);
	return value;
}
