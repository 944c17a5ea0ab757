/** Data parallelism: `parallel(items).map(f)`. */
import { checkOptions } from "../../core/error.ts";
import type { Future } from "../../core/future.ts";
import { checkSource } from "../bundled.ts";
import { behind, checkKill, type FromDefineWorker } from "../define-worker.ts";
import { checkPool } from "../options.ts";
import type { SendItems } from "../send.ts";
import type { ThreadPool } from "../thread-pool.ts";
import { runsHere } from "../thread-state.ts";
import { EACH, FILTER, MAP, MAX, MIN, REDUCE, SUM } from "./common.ts";
import { checkItems, type Range, type RangeChunk, type TypedArray } from "./items.ts";
import { ParallelRun } from "./parallel-run.ts";

/** How far an operation is: what {@link ParallelOptions.onProgress} is told. */
export interface ParallelProgress {
	/** Items that are done. */
	readonly done: number;
	/** All items. */
	readonly total: number;
}

/** How {@link parallel} goes about it. */
export interface ParallelOptions {
	/**
	 * How many items make a chunk. Default: as many as take a part of the time that is left, 10 ms at most, as measured; and a chunk that takes
	 * longer than it should gives back what it has not done. With a number, chunks are the same each time, and so are the last digits of a sum.
	 */
	readonly chunk?: number | undefined;
	/** How many chunks run at once, at most. Default: as many as the pool has threads. */
	readonly concurrency?: number | undefined;
	/** The pool that runs them. Default: the one of the function, or of the runtime. */
	readonly pool?: ThreadPool | undefined;
	/**
	 * Whether few quick items may be done by the caller, on the spot, since asking a thread would take longer. Default true. That is: numbers,
	 * strings and the like, which together take less than 50 µs as measured on threads, where 500 of the function's items were seen, none of
	 * them slow. If they are slower than these, threads take over after 0.2 ms, between two items. False for a function that takes long for
	 * a few rare items, or that must not run in this thread.
	 */
	readonly inPlace?: boolean | undefined;
	/** Called whenever a chunk has ended. A throw makes the operation fail. */
	readonly onProgress?: ((progress: ParallelProgress) => void) | undefined;
}

/**
 * What can be done with groups of items, and with items: {@link Parallel.chunks}, {@link Parallel}.
 *
 * @typeParam T - what the function gets: a group, or an item
 * @source `rayon::iter::ParallelIterator`
 */
export interface ParallelChunks<T> {
	/**
	 * What the function gives for each item, in the order of the items.
	 *
	 * @errors what the function throws first; `WorkerLost`
	 * @cancelSafety cancel safe: chunks that no thread has taken never run, and running ones see `isAborted()` between items
	 * @source `rayon::iter::ParallelIterator::map`
	 */
	map<U, E, A extends unknown[]>(f: FromDefineWorker<[item: T, ...A], Future<U, E>>, ...args: A): Future<U[], E>;
	/**
	 * Calls the function for each item, in no order. For functions that write into shared memory, given as an argument.
	 *
	 * @errors what the function throws first; `WorkerLost`
	 * @cancelSafety as {@link Parallel.map}
	 * @source `rayon::iter::ParallelIterator::for_each`
	 */
	forEach<E, A extends unknown[]>(
		f: FromDefineWorker<[item: T, ...A], Future<unknown, E>>,
		...args: A
	): Future<void, E>;
	/**
	 * The sum of what the function gives for each item; 0 for no items. Chunks are summed up one by one, so the last digits of a sum of fractions
	 * depend on where they begin.
	 *
	 * @errors what the function throws first, `TypeError` if it gives no number; `WorkerLost`
	 * @cancelSafety as {@link Parallel.map}
	 * @source `rayon::iter::ParallelIterator::sum`
	 */
	sum<E, A extends unknown[]>(f: FromDefineWorker<[item: T, ...A], Future<number, E>>, ...args: A): Future<number, E>;
	/**
	 * The least number that the function gives; `undefined` for no items, `NaN` if one is.
	 *
	 * @errors what the function throws first, `TypeError` if it gives no number; `WorkerLost`
	 * @cancelSafety as {@link Parallel.map}
	 * @source `rayon::iter::ParallelIterator::min`
	 */
	min<E, A extends unknown[]>(
		f: FromDefineWorker<[item: T, ...A], Future<number, E>>,
		...args: A
	): Future<number | undefined, E>;
	/**
	 * The greatest number that the function gives; `undefined` for no items, `NaN` if one is.
	 *
	 * @errors what the function throws first, `TypeError` if it gives no number; `WorkerLost`
	 * @cancelSafety as {@link Parallel.map}
	 * @source `rayon::iter::ParallelIterator::max`
	 */
	max<E, A extends unknown[]>(
		f: FromDefineWorker<[item: T, ...A], Future<number, E>>,
		...args: A
	): Future<number | undefined, E>;
}

/**
 * Items, and what can be done with them on all threads: what {@link parallel} gives. Each operation takes a function of `defineWorker`, which
 * gets an item (the item alone), and the arguments behind it, if any: they are sent once to each thread.
 *
 * @typeParam T - an item
 * @typeParam C - several items, as {@link Parallel.chunks} gives them
 * @source `rayon::iter::ParallelIterator`
 */
export interface Parallel<T, C = unknown> extends ParallelChunks<T> {
	/**
	 * The items for which the function gives true, in their order.
	 *
	 * @errors what the function throws first; `WorkerLost`
	 * @cancelSafety as {@link Parallel.map}
	 * @source `rayon::iter::ParallelIterator::filter`
	 */
	filter<E, A extends unknown[]>(f: FromDefineWorker<[item: T, ...A], Future<boolean, E>>, ...args: A): Future<T[], E>;
	/**
	 * One value of all items: neighbours are put together by the function, in any grouping, but in their order. So it has to give the same
	 * however they are grouped, as a sum or a merge does: `f(f(a, b), c)` is `f(a, f(b, c))`.
	 *
	 * @param initial - stands before the first item, once; without it, no items are a `TypeError`
	 * @errors what the function throws first; `WorkerLost`
	 * @cancelSafety as {@link Parallel.map}
	 * @source `rayon::iter::ParallelIterator::reduce`
	 */
	reduce<E>(f: FromDefineWorker<[a: T, b: T], Future<T, E>>, ...initial: [initial?: T]): Future<T, E>;
	/**
	 * The same items in groups: the function gets several at once, as many as are worth a call (or `{ chunk }`), which is faster for tiny work.
	 * A group is an array; a part of a typed array, without a copy if its memory is shared; or a range `{ from, to, step }`.
	 *
	 * @source `rayon::slice::ParallelSlice::par_chunks`
	 */
	chunks(): ParallelChunks<C>;
}

/**
 * Work on many items, spread over all threads: rayon's place. Items are handed out in chunks, whose size follows what is measured; whoever has
 * done one takes the next, so that all threads end together, however uneven the work.
 *
 * The operation is a lazy future: it starts when it is awaited, and dropping it cancels what is left. The first failure cancels the rest. Items of
 * an array are copied to the threads as chunks go out, so leave the array alone meanwhile; the memory of a typed array over a
 * `SharedArrayBuffer` is seen by all threads, and any other typed array is copied once.
 *
 * @param items - an array, a typed array, or a range `{ from, to, step }`
 * @param options - {@link ParallelOptions}
 * @throws {@link TypeError}, {@link RangeError} at the call, for items or options that are none
 * @source `rayon::iter::IntoParallelIterator`
 *
 * @example
 * ```ts no-run
 * // maths.worker.ts
 * import { defineWorker } from "yamanote/threads";
 *
 * export const maths = defineWorker(import.meta.url, {
 *   isPrime(n: number): boolean {
 *     for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
 *     return n > 1;
 *   },
 *   sumOfSquares(xs: Float64Array): number {
 *     let sum = 0;
 *     for (const x of xs) sum += x * x;
 *     return sum;
 *   },
 * });
 * ```
 *
 * ```ts no-run
 * import { parallel } from "yamanote/threads";
 * import { maths } from "./maths.worker.ts";
 *
 * const primes = await parallel({ from: 0, to: 100_000 }).filter(maths.isPrime);
 * const shared = new Float64Array(new SharedArrayBuffer(8_000_000));
 * const energy = await parallel(shared).chunks().sum(maths.sumOfSquares);
 * ```
 */
export function parallel<A extends TypedArray>(items: A, options?: ParallelOptions): Parallel<A[number], A>;
export function parallel(items: Range, options?: ParallelOptions): Parallel<number, RangeChunk>;
export function parallel<T>(items: SendItems<T>, options?: ParallelOptions): Parallel<T, T[]>;
export function parallel(items: unknown, options: ParallelOptions = {}): unknown {
	checkOptions("parallel", options);
	checkItems(items);
	const { pool, chunk, concurrency } = options;
	checkPool("parallel: pool", pool);
	count("chunk", chunk);
	count("concurrency", concurrency);
	return new Operations(items, options, false);
}

class Operations {
	readonly #items: unknown;
	readonly #options: ParallelOptions;
	readonly #whole: boolean;

	constructor(items: unknown, options: ParallelOptions, whole: boolean) {
		this.#items = items;
		this.#options = options;
		this.#whole = whole;
	}

	#run(what: string, op: number, f: unknown, args: unknown[], begin: [unknown] | null): unknown {
		const { fn, settings } = behind(`parallel().${what}`, f);
		if (fn.streams) throw new TypeError(`parallel().${what}: ${fn.name} streams: write it so that it gives one value`);
		if (!runsHere(fn.table)) checkSource(fn.source);
		const { chunk = 0, concurrency = 0, pool, inPlace = true, onProgress } = this.#options;
		return new ParallelRun({
			items: this.#items,
			op,
			whole: this.#whole,
			fn,
			settings: pool === undefined ? settings : checkKill({ ...settings, pool: pool.core }),
			args,
			begin,
			chunk,
			concurrency,
			inPlace,
			onProgress,
		});
	}

	map(f: unknown, ...args: unknown[]): unknown {
		return this.#run("map", MAP, f, args, null);
	}
	filter(f: unknown, ...args: unknown[]): unknown {
		return this.#run("filter", FILTER, f, args, null);
	}
	forEach(f: unknown, ...args: unknown[]): unknown {
		return this.#run("forEach", EACH, f, args, null);
	}
	sum(f: unknown, ...args: unknown[]): unknown {
		return this.#run("sum", SUM, f, args, null);
	}
	min(f: unknown, ...args: unknown[]): unknown {
		return this.#run("min", MIN, f, args, null);
	}
	max(f: unknown, ...args: unknown[]): unknown {
		return this.#run("max", MAX, f, args, null);
	}
	reduce(f: unknown, ...initial: [unknown?]): unknown {
		return this.#run("reduce", REDUCE, f, [], initial.length === 0 ? null : [initial[0]]);
	}
	chunks(): Operations {
		return new Operations(this.#items, this.#options, true);
	}
}

function count(name: string, value: number | undefined): void {
	if (value === undefined || (Number.isInteger(value) && value >= 1)) return;
	throw new RangeError(`parallel: ${name} must be a whole number of at least 1, not ${String(value)}`);
}
