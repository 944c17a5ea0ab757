/** What a pool tells of itself. */

/** A distribution of times, in milliseconds; percentiles are exact to a fifth. */
export interface Histogram {
	readonly count: number;
	readonly mean: number;
	readonly max: number;
	/** The time that `p` percent of the calls did not exceed. */
	percentile(p: number): number;
}

/** What {@link ThreadPool.metrics} gives: a snapshot. */
export interface PoolMetrics {
	/** Threads that are up, or starting. */
	readonly threads: number;
	/** Threads that have nothing to do. */
	readonly idle: number;
	/** Calls that wait for a thread. */
	readonly queued: number;
	/** Calls that a thread runs. */
	readonly running: number;
	/** Calls that returned. */
	readonly completed: number;
	/** Calls that threw. */
	readonly failed: number;
	/** Calls that were dropped before they had ended. */
	readonly cancelled: number;
	/** Calls that lost their worker. */
	readonly lost: number;
	/** Dropped calls whose function still runs. */
	readonly abandoned: number;
	/** Threads started so far. */
	readonly started: number;
	/** From the first poll of a call to its start. */
	readonly waitTime: Histogram;
	/** From start to end, on the thread. */
	readonly runTime: Histogram;
}

const PARTS = 4;
const BUCKETS = 40 * PARTS;

/** @internal Microseconds in buckets, four to each doubling. */
export class Times implements Histogram {
	readonly #buckets: Float64Array;
	count = 0;
	#sum = 0;
	#max = 0;

	constructor(buckets: Float64Array = new Float64Array(BUCKETS)) {
		this.#buckets = buckets;
	}

	record(micros: number): void {
		const us = micros > 1 ? micros : 1;
		const at = Math.min(BUCKETS - 1, Math.floor(Math.log2(us) * PARTS));
		this.#buckets[at] = (this.#buckets[at] as number) + 1;
		this.count++;
		this.#sum += micros;
		if (micros > this.#max) this.#max = micros;
	}

	get mean(): number {
		return this.count === 0 ? 0 : this.#sum / this.count / 1_000;
	}

	get max(): number {
		return this.#max / 1_000;
	}

	percentile(p: number): number {
		if (!(p >= 0 && p <= 100)) throw new RangeError(`percentile: give 0 to 100, not ${p}`);
		let left = (this.count * p) / 100;
		for (let i = 0; i < BUCKETS; i++) {
			left -= this.#buckets[i] as number;
			if (left <= 0 && this.count > 0) return Math.min(2 ** ((i + 1) / PARTS), this.#max) / 1_000;
		}
		return this.max;
	}

	/** As it is now. */
	snapshot(): Histogram {
		const copy = new Times(this.#buckets.slice());
		copy.count = this.count;
		copy.#sum = this.#sum;
		copy.#max = this.#max;
		return copy;
	}
}
