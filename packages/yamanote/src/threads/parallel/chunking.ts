/**
 * How many items go into a chunk.
 *
 * A chunk is as long, in time, as a part of what is left: long at first, so that handing out costs little, short in the end, so that all threads
 * end together. How long an item takes is measured as it goes. Items that turn out to be slower than those before do not hold up the end: a
 * chunk gives back what it has not done when its time is over.
 */

/** How long an item takes, as far as it is known: kept for each function, from one operation to the next. */
export interface Pace {
	/** Microseconds an item; 0: not known. */
	us: number;
	/** How many items were measured. */
	seen: number;
	/** Microseconds that the slowest of late may have taken. */
	slowest: number;
	/** The function waits. */
	waits: boolean;
}

/** A part of the items to be done, and for how long. */
export interface Chunk {
	readonly from: number;
	readonly to: number;
	readonly limitMs: number;
}

const LONGEST_MS = 10;
const SHORTEST_MS = 0.4;
/** Chunks for each thread that what is left is divided into. */
const PARTS = 1.5;
/** While the pace is not known. */
const FIRST_PARTS = 8;
const FIRST_MS = 1;
const FASTEST_US = 1e-9;
/** What is measured over less than this tells little. */
const TELLING_US = 100;
const TELLING_ITEMS = 100;

/** @internal */
export class Chunking {
	readonly #n: number;
	readonly #threads: number;
	/** The size that the user wants; 0: what is best. */
	readonly #fixed: number;
	/** The most items of a chunk while the pace is not known. */
	readonly #firstMost: number;
	readonly pace: Pace;
	/** What was given back, the first items last. */
	readonly #back: { readonly from: number; readonly to: number }[] = [];
	#next = 0;
	/** Items that nobody has. */
	#left: number;
	done = 0;

	constructor(n: number, threads: number, fixed: number, pace: Pace, firstMost: number) {
		this.#n = this.#left = n;
		this.#threads = threads;
		this.#fixed = fixed;
		this.pace = pace;
		this.#firstMost = firstMost;
	}

	/** The next one; null if all items are handed out. */
	next(): Chunk | null {
		if (this.#left === 0) return null;
		const { size, limitMs } = this.#size();
		const back = this.#back.pop();
		const from = back?.from ?? this.#next;
		const to = Math.min(from + size, back?.to ?? this.#n);
		if (back === undefined) this.#next = to;
		else if (to < back.to) this.#back.push({ from: to, to: back.to });
		this.#left -= to - from;
		return { from, to, limitMs };
	}

	/** All of them at once. */
	all(limitMs: number): Chunk {
		this.#left = 0;
		this.#next = this.#n;
		return { from: 0, to: this.#n, limitMs };
	}

	#size(): { readonly size: number; readonly limitMs: number } {
		const { us } = this.pace;
		if (this.#fixed > 0) return { size: this.#fixed, limitMs: Infinity };
		if (us === 0) {
			const size = Math.ceil(this.#n / (this.#threads * FIRST_PARTS));
			return { size: Math.min(size, this.#firstMost), limitMs: FIRST_MS };
		}
		const part = (this.#left * us) / 1_000 / (this.#threads * PARTS);
		const ms = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, part));
		return { size: Math.max(1, Math.floor((ms * 1_000) / us)), limitMs: ms * 2 };
	}

	/** A chunk has ended: so many of its items are done, the others come back. */
	ended({ from, to }: Chunk, n: number, micros: number, slowest: number, waited: boolean): void {
		const { pace } = this;
		const us = Math.max(FASTEST_US, micros / n);
		const weight = micros >= TELLING_US ? 0.5 : Math.min(0.5, n / (2 * TELLING_ITEMS));
		pace.us = pace.us === 0 ? us : pace.us + (us - pace.us) * weight;
		pace.slowest = Math.max(slowest, pace.slowest / 2);
		pace.seen += n;
		pace.waits = waited;
		this.done += n;
		if (from + n === to) return;
		this.#left += to - from - n;
		this.#back.push({ from: from + n, to });
		this.#back.sort((a, b) => b.from - a.from);
	}

	get isDone(): boolean {
		return this.done === this.#n;
	}
}
