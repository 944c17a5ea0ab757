import { describe, expect, it } from "vitest";
import { type Duration, Instant, sleep } from "yamanote";
import { paused } from "../support/clock.ts";

describe("Instant", () => {
	it("counts from now, saturating at 0", async () => {
		await paused(async (clock) => {
			const start = Instant.now();
			expect(start.elapsed()).toBe(0);
			await clock.advance(25);
			expect(start.elapsed()).toBe(25);
			const later = start.plus({ seconds: 1 });
			expect(later.since(start)).toBe(1_000);
			expect(start.since(later)).toBe(0);
			expect(later.elapsed()).toBe(0);
			expect(later.minus(1_000).since(start)).toBe(0);
			expect(start.minus(5).elapsed()).toBe(30);
		});
	});

	it("compares, for sort", async () => {
		await paused(async () => {
			const now = Instant.now();
			const sorted = [now.plus(2), now, now.plus(1)].sort((a, b) => a.compare(b));
			expect(sorted.map((i) => i.since(now))).toEqual([0, 1, 2]);
			expect(now.compare(now)).toBe(0);
		});
	});

	it("is by a clock that never goes back", () => {
		let last = Instant.now();
		for (let i = 0; i < 1_000; i++) {
			const now = Instant.now();
			expect(now.compare(last)).toBeGreaterThanOrEqual(0);
			last = now;
		}
	});
});

describe("a duration", () => {
	const ms = (duration: Duration): number => {
		const nap = sleep(duration);
		return Math.round(nap.deadline.since(Instant.now()) * 1e6) / 1e6;
	};

	it("is milliseconds, or fields that add up", async () => {
		await paused(async () => {
			expect(ms(5)).toBe(5);
			expect(ms(0.25)).toBe(0.25);
			expect(ms({ milliseconds: 5 })).toBe(5);
			expect(ms({ days: 1 })).toBe(86_400_000);
			expect(ms({ hours: 1, minutes: 2, seconds: 3 })).toBe(3_723_000);
			expect(ms({ microseconds: 1_500, nanoseconds: 500_000 })).toBe(2);
			expect(ms({ seconds: 2, milliseconds: -500 })).toBe(1_500);
			expect(ms({ seconds: -2 })).toBe(0);
		});
	});

	it("may be a Temporal.Duration: an object with getters", async () => {
		class TemporalLike {
			get years() {
				return 0;
			}
			get months() {
				return 0;
			}
			get weeks() {
				return 0;
			}
			get days() {
				return 0;
			}
			get hours() {
				return 1;
			}
			get minutes() {
				return 0;
			}
			get seconds() {
				return 30;
			}
		}
		await paused(async () => expect(ms(new TemporalLike())).toBe(3_630_000));
	});

	it("has no years, months or weeks: how long they are depends", () => {
		for (const unit of ["years", "months", "weeks"])
			expect(() => sleep({ [unit]: 1, seconds: 1 })).toThrow(new RegExp(`${unit}.*days at most`));
	});

	it("is refused, with a sentence, if it is none", () => {
		for (const bad of [undefined, null, "5", "five", {}, { second: 5 }, [], true, 5n, () => 5, Symbol("5")])
			expect(() => sleep(bad as never)).toThrow(TypeError);
		for (const bad of [Number.NaN, { seconds: "x" }, { hours: Number.NaN }, { hours: Infinity, minutes: -Infinity }])
			expect(() => sleep(bad as never)).toThrow(RangeError);
		expect(() => sleep("5" as never)).toThrow(/not "5"/);
	});
});
