// Measures one cost at growing sizes.

/** A size is left out when its repetitions would take longer than this. */
const LIMIT_SECONDS = 15;

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
			points.push({ size, total: await measure(size) });
		} catch (failure) {
			if (i === 0) throw failure;
			return { points, failure };
		}
	}
	return { points };
}

/** Whether the next size would take too long if cost went on growing as between the last two. */
function tooSlow(points, size, repetitions, limitSeconds) {
	const last = points.at(-1);
	if (!last) return false;
	const before = points.at(-2);
	const slope = before ? Math.log(last.total / before.total) / Math.log(last.size / before.size) : 1;
	const predicted = last.total * (size / last.size) ** Math.max(1, slope);
	return (predicted * repetitions) / 1e9 > limitSeconds;
}
