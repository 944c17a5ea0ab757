/**
 * How many items are taken at once.
 *
 * As many as take a part of the time that is left: many at first, so that taking costs little, few in the end, so that all threads end together.
 * How long an item takes is measured as it goes.
 */

/** So many items, and how long they may take before the rest is given back. */
export interface Size {
	readonly items: number;
	readonly limitMs: number;
}

/** What there is to divide. */
export interface Whole {
	readonly n: number;
	readonly threads: number;
	/** The most items at once while nothing is known of them. */
	readonly firstMost: number;
}

export const LONGEST_MS = 10;
/** Parts for each thread that what is left is divided into. */
const PARTS = 1.5;
/** While the pace is not known. */
const FIRST_PARTS = 8;
const FIRST_MS = 1;
const FASTEST_US = 1e-9;
/** What is measured over less than this tells little. */
const TELLING_US = 100;
const TELLING_ITEMS = 100;

/**
 * @internal
 * @param us - microseconds an item; 0: not known
 * @param shortestMs - less is not worth the taking
 * @param longestMs - the most
 */
export function sizeOf(
	{ n, threads, firstMost }: Whole,
	left: number,
	us: number,
	shortestMs: number,
	longestMs: number = LONGEST_MS,
): Size {
	if (us === 0) return { items: Math.min(Math.ceil(n / (threads * FIRST_PARTS)), firstMost), limitMs: FIRST_MS };
	const part = (left * us) / 1_000 / (threads * PARTS);
	const ms = Math.min(longestMs, Math.max(shortestMs, part));
	return { items: Math.max(1, Math.floor((ms * 1_000) / us)), limitMs: ms * 2 };
}

/** @internal The microseconds an item, after `n` of them took `micros`. */
export function paced(us: number, n: number, micros: number): number {
	const now = Math.max(FASTEST_US, micros / n);
	if (us === 0) return now;
	const weight = micros >= TELLING_US ? 0.5 : Math.min(0.5, n / (2 * TELLING_ITEMS));
	return us + (now - us) * weight;
}
