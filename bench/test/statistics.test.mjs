import { describe, expect, it } from "vitest";
import {
	exponent,
	geometricMean,
	meanRatio,
	median,
	quantile,
	random,
	ratio,
	spread,
	verdict,
} from "../lib/statistics.mjs";

const noisy = (value, noise, rounds, seed) => {
	const next = random(seed);
	return Array.from({ length: rounds }, () => value * (1 + noise * (2 * next() - 1)));
};

describe("median, quantile, spread, geometricMean", () => {
	it("takes the middle of an odd number of values, in whatever order", () => {
		expect(median([9, 1, 5])).toBe(5);
	});

	it("takes the mean of the two middle ones of an even number", () => {
		expect(median([10, 1, 2, 3])).toBe(2.5);
	});

	it("leaves its input as it was", () => {
		const values = [3, 1, 2];
		median(values);
		expect(values).toEqual([3, 1, 2]);
	});

	it("interpolates between neighbours and reaches both ends", () => {
		expect(quantile([0, 10], 0.25)).toBe(2.5);
		expect(quantile([4, 8, 6], 0)).toBe(4);
		expect(quantile([4, 8, 6], 1)).toBe(8);
	});

	it("refuses an empty list instead of giving NaN", () => {
		expect(() => median([])).toThrow(RangeError);
		expect(() => geometricMean([])).toThrow(RangeError);
	});

	it("gives half the range as a part of the median", () => {
		expect(spread([90, 100, 110])).toBeCloseTo(0.1);
		expect(spread([7])).toBe(0);
	});

	it("means ratios so that a half and a double cancel out", () => {
		expect(geometricMean([0.5, 2])).toBeCloseTo(1);
	});
});

describe("random", () => {
	it("gives the same numbers for the same seed and others for another", () => {
		const [a, b, c] = [random(1), random(1), random(2)];
		const some = (next) => [next(), next(), next()];
		const first = some(a);
		expect(some(b)).toEqual(first);
		expect(some(c)).not.toEqual(first);
		for (const x of first) expect(x >= 0 && x < 1).toBe(true);
	});
});

describe("ratio and verdict", () => {
	it("finds a difference that is larger than the noise", () => {
		const r = ratio(noisy(80, 0.05, 10, 1), noisy(100, 0.05, 10, 2));
		expect(r.value).toBeCloseTo(0.8, 1);
		expect(r.low).toBeLessThanOrEqual(r.value);
		expect(r.high).toBeGreaterThanOrEqual(r.value);
		expect(verdict(r)).toBe("faster");
	});

	it("says slower the other way round", () => {
		expect(verdict(ratio(noisy(120, 0.05, 10, 1), noisy(100, 0.05, 10, 2)))).toBe("slower");
	});

	it("refuses a verdict where the spread is larger than the difference", () => {
		expect(verdict(ratio(noisy(98, 0.3, 10, 1), noisy(100, 0.3, 10, 2)))).toBeUndefined();
	});

	it("refuses a verdict on equal figures", () => {
		expect(verdict(ratio([5, 5, 5, 5, 5], [5, 5, 5, 5, 5]))).toBeUndefined();
	});

	it("refuses a verdict on one or two rounds, however large the difference", () => {
		expect(verdict(ratio([1], [100]))).toBeUndefined();
		expect(verdict(ratio([1, 1], [100, 100]))).toBeUndefined();
		expect(verdict(ratio([1, 1, 1], [100, 100, 100]))).toBe("faster");
	});

	it("means ratios between the means of the ends of their intervals, on the fewest rounds", () => {
		const mean = meanRatio([
			{ value: 0.5, low: 0.4, high: 0.6, rounds: 5 },
			{ value: 2, low: 1.6, high: 2.4, rounds: 3 },
		]);
		expect(mean.value).toBeCloseTo(1);
		expect(mean.low).toBeCloseTo(0.8);
		expect(mean.high).toBeCloseTo(1.2);
		expect(mean.rounds).toBe(3);
		expect(verdict(mean)).toBeUndefined();
		expect(verdict(meanRatio([{ value: 0.5, low: 0.4, high: 0.6, rounds: 1 }]))).toBeUndefined();
	});

	it("spans the most extreme ratios while there are too few rounds for a bootstrap", () => {
		expect(ratio([10, 12, 11], [20, 24, 22])).toMatchObject({ value: 0.5, low: 10 / 24, high: 12 / 20 });
	});

	it("resamples rounds as pairs, so that what slowed both leaves the interval narrow", () => {
		const machine = [1, 3, 1, 2, 1, 3, 2, 1, 2, 3];
		const r = ratio(
			machine.map((slow) => 90 * slow),
			machine.map((slow) => 100 * slow),
		);
		expect(r.low).toBeCloseTo(0.9);
		expect(r.high).toBeCloseTo(0.9);
	});

	it("covers the true ratio in about 95 of 100 experiments", () => {
		let covered = 0;
		for (let seed = 0; seed < 100; seed++) {
			const r = ratio(noisy(100, 0.2, 15, seed), noisy(100, 0.2, 15, seed + 1000), { resamples: 300, seed });
			if (r.low <= 1 && r.high >= 1) covered++;
		}
		expect(covered).toBeGreaterThanOrEqual(88);
	});

	it("gives the same interval every time", () => {
		const pair = [noisy(100, 0.2, 9, 1), noisy(100, 0.2, 9, 2)];
		expect(ratio(...pair)).toEqual(ratio(...pair));
	});

	it("refuses rounds that do not come in pairs", () => {
		expect(() => ratio([1, 2], [1])).toThrow(RangeError);
	});
});

describe("exponent", () => {
	const grown = (f) => [1e3, 1e4, 1e5].map((size) => ({ size, total: f(size) }));

	it("is 1 for a linear cost, 2 for a quadratic one and 0 for a constant", () => {
		expect(exponent(grown((n) => 7 * n))).toBeCloseTo(1);
		expect(exponent(grown((n) => n * n))).toBeCloseTo(2);
		expect(exponent(grown(() => 3))).toBeCloseTo(0);
	});

	it("puts n log n between linear and the limit for a defect", () => {
		const slope = exponent(grown((n) => n * Math.log2(n)));
		expect(slope).toBeGreaterThan(1.05);
		expect(slope).toBeLessThan(1.15);
	});

	it("refuses a single size", () => {
		expect(() => exponent([{ size: 10, total: 1 }])).toThrow(RangeError);
	});
});
