/**
 * Which items are handed out next, to be done by whom: either as chunks, or, where threads can, by leave to take them themselves (`claims.ts`).
 *
 * Items that turn out to be slower than those before do not hold up the end: whoever has them gives back what it has not done when the time is
 * over, and that is handed out as a chunk.
 */

import type { WorkerFunction } from "../worker-function.ts";
import type { ChunkDone } from "./chunk-work.ts";
import { allow, type Claims, unclaimed } from "./claims.ts";
import { paced, sizeOf, type Whole } from "./sizing.ts";
import type { Report } from "./thread-chunks.ts";

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

const paces = new WeakMap<WorkerFunction, [items: Pace, chunks: Pace]>();

/** @internal For items, or for whole chunks. */
export function paceOf(fn: WorkerFunction, whole: boolean): Pace {
	let both = paces.get(fn);
	if (both === undefined)
		paces.set(
			fn,
			(both = [
				{ us: 0, seen: 0, slowest: 0, waits: false },
				{ us: 0, seen: 0, slowest: 0, waits: false },
			]),
		);
	return both[whole ? 1 : 0];
}

/** @internal Learns from a chunk, or several. */
export function note(pace: Pace, [n, micros, slowest, waited]: ChunkDone | Report): void {
	pace.us = paced(pace.us, n, micros);
	pace.slowest = Math.max(slowest, pace.slowest / 2);
	pace.seen += n;
	pace.waits = waited;
}

/** A part of the items to be done, and for how long. */
export interface Chunk {
	readonly from: number;
	readonly to: number;
	readonly limitMs: number;
}

/** Instead of a chunk: take what you can. */
export const CLAIM = "claim";

const SHORTEST_MS = 0.4;

/** @internal */
export class Chunking {
	readonly whole: Whole;
	/** The size that the user wants; 0: what is best. */
	readonly #fixed: number;
	readonly pace: Pace;
	/** What threads take themselves; null if all is handed out. */
	#claims: Claims | null = null;
	/** How many have leave to take. */
	#claiming = 0;
	/** What was given back, the first items last. */
	readonly #back: { readonly from: number; readonly to: number }[] = [];
	#next = 0;
	/** Items that nobody has. */
	#left: number;
	done = 0;

	constructor(whole: Whole, fixed: number, pace: Pace) {
		this.whole = whole;
		this.#left = whole.n;
		this.#fixed = fixed;
		this.pace = pace;
	}

	/** Lets threads take what they do. */
	share(claims: Claims): void {
		this.#left = 0;
		this.#next = this.whole.n;
		this.#claims = claims;
	}

	/** The next one; null if all items are handed out. */
	next(): Chunk | typeof CLAIM | null {
		if (this.#left > 0) return this.#chunk();
		const claims = this.#claims;
		if (claims === null || this.#claiming === this.whole.threads || unclaimed(claims) === 0) return null;
		this.#claiming++;
		allow(claims);
		return CLAIM;
	}

	#chunk(): Chunk {
		const { items, limitMs } =
			this.#fixed > 0
				? { items: this.#fixed, limitMs: Infinity }
				: sizeOf(this.whole, this.#left, this.pace.us, SHORTEST_MS);
		const back = this.#back.pop();
		const from = back?.from ?? this.#next;
		const to = Math.min(from + items, back?.to ?? this.whole.n);
		if (back === undefined) this.#next = to;
		else if (to < back.to) this.#back.push({ from: to, to: back.to });
		this.#left -= to - from;
		return { from, to, limitMs };
	}

	/** All of them at once. */
	all(limitMs: number): Chunk {
		const { n } = this.whole;
		this.#left = 0;
		this.#next = n;
		return { from: 0, to: n, limitMs };
	}

	/** What was handed out has ended: some items are done, others, if any, come back. */
	ended(claimed: boolean, made: Report): void {
		const [n, , , , , from, to] = made;
		if (claimed) this.#claiming--;
		if (n === 0) return;
		note(this.pace, made);
		this.done += n;
		if (from === to) return;
		this.#left += to - from;
		this.#back.push({ from, to });
		this.#back.sort((a, b) => b.from - a.from);
	}

	get isDone(): boolean {
		return this.done === this.whole.n;
	}
}
