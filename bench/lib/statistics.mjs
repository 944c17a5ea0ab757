// Medians, spreads, bootstrap intervals, verdicts and growth exponents. Pure: the same input gives the same output.

/** The middle value; the mean of the two middle ones of an even number. */
export function median(values) {
	return quantile(values, 0.5);
}

/** The q-quantile (0 to 1), with linear interpolation. */
export function quantile(values, q) {
	if (values.length === 0) throw new RangeError("no values");
	const sorted = [...values].sort((a, b) => a - b);
	const at = (sorted.length - 1) * q;
	const low = Math.floor(at);
	const high = Math.ceil(at);
	return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

/** Half of the range, as a part of the median: 0.05 for values within 5% of it. */
export function spread(values) {
	return (Math.max(...values) - Math.min(...values)) / 2 / median(values);
}

export function geometricMean(values) {
	if (values.length === 0) throw new RangeError("no values");
	return Math.exp(values.reduce((sum, x) => sum + Math.log(x), 0) / values.length);
}

/** A small generator of numbers in [0, 1), the same for the same seed (mulberry32). */
export function random(seed) {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** From so many rounds on a bootstrap says something; below, the interval is the worst case of what was seen. */
export const BOOTSTRAP_ROUNDS = 5;

/** With fewer rounds nothing is known of the spread, so there is no verdict. */
export const VERDICT_ROUNDS = 3;

/**
 * The ratio of two medians with a 95% interval.
 *
 * `ours[i]` and `theirs[i]` were measured next to each other, in round i, so rounds are resampled as pairs and what
 * slowed both does not widen the interval. With fewer rounds than BOOTSTRAP_ROUNDS it spans the most extreme ratios.
 *
 * @param {number[]} ours
 * @param {number[]} theirs
 */
export function ratio(ours, theirs, { resamples = 2000, seed = 1 } = {}) {
	const rounds = ours.length;
	if (rounds !== theirs.length) throw new RangeError("rounds come in pairs");
	const value = median(ours) / median(theirs);
	if (rounds < BOOTSTRAP_ROUNDS) {
		return {
			value,
			rounds,
			low: Math.min(...ours) / Math.max(...theirs),
			high: Math.max(...ours) / Math.min(...theirs),
		};
	}
	const next = random(seed);
	const ratios = [];
	for (let r = 0; r < resamples; r++) {
		const picked = ours.map(() => Math.floor(next() * rounds));
		ratios.push(median(picked.map((i) => ours[i])) / median(picked.map((i) => theirs[i])));
	}
	return { value, rounds, low: quantile(ratios, 0.025), high: quantile(ratios, 0.975) };
}

/** "faster", "slower", or undefined: the spread is larger than the difference, so nothing can be said. */
export function verdict({ value, low, high, rounds }) {
	if (rounds < VERDICT_ROUNDS) return undefined;
	if (high < 1 && value < 1) return "faster";
	if (low > 1 && value > 1) return "slower";
	return undefined;
}

/** The geometric mean of ratios, between the means of the ends of their intervals: nothing narrower is known of rows that were disturbed alike. */
export function meanRatio(ratios) {
	const mean = (key) => geometricMean(ratios.map((r) => r[key]));
	return {
		value: mean("value"),
		low: mean("low"),
		high: mean("high"),
		rounds: Math.min(...ratios.map((r) => r.rounds)),
	};
}

export const NO_VERDICT = "no verdict: spread larger than difference";

/**
 * How a cost grows: the slope of log(total) over log(size), by least squares. 1 is linear, 2 quadratic.
 *
 * @param {{ size: number, total: number }[]} points at least two, of different sizes
 */
export function exponent(points) {
	const xs = points.map((p) => Math.log(p.size));
	const ys = points.map((p) => Math.log(p.total));
	const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
	const mx = mean(xs);
	const my = mean(ys);
	const varies = xs.reduce((sum, x) => sum + (x - mx) ** 2, 0);
	if (!(varies > 0)) throw new RangeError("an exponent needs two sizes");
	return xs.reduce((sum, x, i) => sum + (x - mx) * (ys[i] - my), 0) / varies;
}

/** Growth above this is a defect. */
export const MAX_EXPONENT = 1.1;
