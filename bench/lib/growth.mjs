// Measures one cost at growing sizes, and judges how it grows.
import { exponent, MAX_EXPONENT } from "./statistics.mjs";

/** A size is left out when its repetitions would take longer than this. */
const LIMIT_SECONDS = 15;

/** Between the two largest sizes a count may grow by so much: counts are exact, bytes are sampled. */
const CONSTANT = { steps: 1.01, polls: 1.01, wakes: 1.01, bytes: 1.03 };

/** What happens once in more operations than this is a matter of the shape's batches. */
const RARE = 1 / 20;

/** A count whose growth falls so much from one size to the next approaches a limit: what is done at the beginning loses its weight. */
const FALLS = 1 / 4;

/** Two exponents of timings that differ by less are alike. */
const ALIKE = 0.05;

/** A step from one size to the next that is steeper is measured once more, and the lesser counts: what others do with the machine only adds. */
const STEEP = 1.25;

/**
 * The totals at each size, until one would be too slow or fails.
 *
 * @param {number[]} sizes ascending
 * @param {(size: number) => Promise<number>} measure nanoseconds (or bytes) for all of a size
 * @param {{ repetitions?: number, limitSeconds?: number }} [options]
 * @returns {Promise<{ points: { size: number, total: number }[], failure?: Error }>}
 */
export async function totals(sizes, measure, { repetitions = 1, limitSeconds = LIMIT_SECONDS } = {}) {
	const points = [];
	for (const [i, size] of sizes.entries()) {
		if (tooSlow(points, size, repetitions, limitSeconds)) break;
		try {
			let total = await measure(size);
			if (stepTo(points, size, total) > STEEP) total = Math.min(total, await measure(size));
			points.push({ size, total });
		} catch (failure) {
			if (i === 0) throw failure;
			return { points, failure };
		}
	}
	return { points };
}

/** The exponent of the step from the last point to this one; undefined for the first. */
function stepTo(points, size, total) {
	const last = points.at(-1);
	return last && Math.log(total / last.total) / Math.log(size / last.size);
}

/** Whether the next size would take too long if cost went on growing as between the last two. */
function tooSlow(points, size, repetitions, limitSeconds) {
	const last = points.at(-1);
	if (!last) return false;
	const slope = stepTo(points.slice(0, -1), last.size, last.total) ?? 1;
	const predicted = last.total * (size / last.size) ** Math.max(1, slope);
	return (predicted * repetitions) / 1e9 > limitSeconds;
}

/** The exponent of some points; undefined where there are too few. */
export const growth = (points) => (points?.length > 1 ? exponent(points) : undefined);

/**
 * The counts that grow with the size, each with the exponent of its total between the two largest sizes.
 *
 * @param {{ size: number, steps: number, polls: number, wakes: number, bytes: number }[]} counts for one operation, at each size
 */
export function growing(counts) {
	const slopes = (kind) =>
		counts.slice(1).map((c, i) => 1 + Math.log(c[kind] / counts[i][kind]) / Math.log(c.size / counts[i].size));
	const grown = [];
	for (const [kind, most] of Object.entries(CONSTANT)) {
		if (!(counts.at(-1)?.[kind] > RARE)) continue;
		const [before, slope] = [undefined, undefined, ...slopes(kind)].slice(-2);
		if (slope > most && !(slope - 1 < FALLS * (before - 1))) grown.push({ kind, slope });
	}
	return grown;
}

/**
 * What an exponent means. Above MAX_EXPONENT it is a defect, with one exception: where the counts say that each operation does
 * the same at every size, and the engine's own promises grow alike in the same shape (or, if they have no such shape, ours does not grow
 * when the collector has nothing to copy), it is the memory that grows dearer, and not our work.
 *
 * @param {{ slope?: number, failure?: Error, counts?: Parameters<typeof growing>[0], native?: number, uncollected?: number }} row
 * @returns {"" | "memory" | "defect"}
 */
export function judge({ slope, failure, counts, native, uncollected }) {
	const counted = counts !== undefined && counts.length > 1;
	const grown = counted ? growing(counts) : [];
	if (failure || grown.some((count) => count.slope > MAX_EXPONENT)) return "defect";
	if (!(slope > MAX_EXPONENT)) return "";
	if (!counted || grown.length > 0) return "defect";
	const alike = native === undefined ? uncollected <= MAX_EXPONENT : native >= slope - ALIKE;
	return alike ? "memory" : "defect";
}
