/** Durations: milliseconds as a number, `{ seconds: 5 }`, or a `Temporal.Duration`. */
import { describe } from "./error.ts";
import type { Unsaid } from "./types.ts";

/** A span of time as an object; fields add up. A `Temporal.Duration` (of days at most) is one. */
export interface DurationFields {
	readonly days?: number;
	readonly hours?: number;
	readonly minutes?: number;
	readonly seconds?: number;
	readonly milliseconds?: number;
	readonly microseconds?: number;
	readonly nanoseconds?: number;
}

/**
 * A span of time: milliseconds, or an object such as `{ seconds: 5 }`. `Infinity` means never.
 *
 * The parameter is for the compiler alone, which prints it where something else is given.
 */
export type Duration<Say = unknown> = number | DurationFields | Unsaid<Say>;

/** What the compiler prints of a {@link Duration} that is a parameter of its own. */
export type Say = "milliseconds, or an object such as { seconds: 5 }";

/** In milliseconds; 0 for what has no fixed length. */
const units: { readonly [unit: string]: number } = {
	years: 0,
	months: 0,
	weeks: 0,
	days: 86_400_000,
	hours: 3_600_000,
	minutes: 60_000,
	seconds: 1_000,
	milliseconds: 1,
	microseconds: 1e-3,
	nanoseconds: 1e-6,
};

/**
 * A duration in milliseconds; a negative one is 0.
 *
 * @throws {@link RangeError} for NaN, and for an object with years, months or weeks; {@link TypeError} for anything that is no duration
 * @internal
 */
export function toMs(duration: Duration): number {
	let ms = typeof duration === "number" ? duration : undefined;
	if (typeof duration === "object" && duration !== null) {
		for (const unit in units) {
			const n = (duration as { readonly [unit: string]: unknown })[unit];
			const length = units[unit] as number;
			if (length === 0) {
				if (n) throw new RangeError(`a duration cannot have ${unit}: give days at most`);
			} else if (n !== undefined) {
				ms = (ms ?? 0) + (typeof n === "number" ? n : Number.NaN) * length;
			}
		}
	}
	if (ms === undefined)
		throw new TypeError(
			`a duration is a number of milliseconds, or an object such as { seconds: 5 }, not ${describe(duration)}`,
		);
	if (Number.isNaN(ms)) throw new RangeError("a duration cannot be NaN");
	return ms > 0 ? ms : 0;
}
