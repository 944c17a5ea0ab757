/** A function over many items, a few at a time: `mapConcurrent`. */

import { Branch } from "../core/branch.ts";
import { discard } from "../core/discard.ts";
import { describe } from "../core/error.ts";
import type { Future } from "../core/future.ts";
import { into } from "../core/into.ts";
import { MessageIterator } from "../core/message-iterator.ts";
import type { Err, IntoFuture, Out, StarredResult } from "../core/types.ts";
import type { Receives } from "./each.ts";
import { Group } from "./group.ts";
import { type AnyIterator, callOf, closeSource, closingReporter, isThenable, iteratorOf } from "./items.ts";

type Items<I> = Iterable<I> | AsyncIterable<I>;

/** The index of the member that waits for the next item of an async iterable. */
const PULL = -1;

/** The messages of a receiver: its own iterator may be one that nobody can cancel, and one that is left would take a message all the same. */
class ReceiverIterator<I> implements AnyIterator<I> {
	readonly #source: Receives<I> & Partial<AsyncDisposable>;
	readonly #messages: MessageIterator<I>;

	constructor(source: Receives<I>) {
		this.#source = source;
		this.#messages = new MessageIterator(() => source.recv());
	}

	next(): PromiseLike<IteratorResult<I>> {
		return this.#messages.next();
	}

	/** A receiver is left as it is; a stream of a worker would hold its thread until somebody closes it. */
	return(): unknown {
		return this.#source[Symbol.asyncDispose]?.();
	}
}

class MapConcurrent<I, T, E> extends Group<T[], E> {
	readonly #items: Items<I>;
	readonly #f: (item: I, index: number) => IntoFuture;
	readonly #limit: number;
	readonly #running: Set<Branch> = new Set();
	readonly #values: T[] = [];
	/** Taken at the first poll. */
	#iterator: AnyIterator<I> | null = null;
	#started = 0;
	#begun = false;
	#pulling = false;
	#exhausted = false;
	#failure: { readonly error: unknown } | null = null;

	constructor(items: Items<I>, limit: number, f: (item: I, index: number) => IntoFuture) {
		super();
		this.#items = items;
		this.#limit = limit;
		this.#f = f;
	}

	protected override pollWoken(): boolean {
		if (!this.#begun) {
			this.#begun = true;
			this.#fill();
		}
		return this.#decided() || super.pollWoken() || this.#decided();
	}

	#decided(): boolean {
		return this.#failure !== null || (this.#exhausted && this.#running.size === 0);
	}

	/** Starts items while there are places. */
	#fill(): void {
		try {
			while (!this.#exhausted && !this.#pulling && this.#running.size < this.#limit) {
				const next = this.#take();
				if (isThenable(next)) {
					this.#pulling = true;
					this.#start(into(next), PULL);
				} else this.#item(next as IteratorResult<I>);
			}
		} catch (error) {
			this.#failure = { error };
		}
	}

	/** What the iterator gives next. One that fails has ended by itself. */
	#take(): unknown {
		try {
			this.#iterator ??=
				typeof (this.#items as Partial<Receives<I>>).recv === "function"
					? new ReceiverIterator(this.#items as unknown as Receives<I>)
					: iteratorOf(this.#items);
			return this.#iterator.next();
		} catch (error) {
			this.#exhausted = true;
			throw error;
		}
	}

	#item(next: IteratorResult<I>): void {
		if (next.done === true) this.#exhausted = true;
		else {
			const index = this.#started++;
			this.#start(into(callOf(this.#f, next.value, index)), index);
		}
	}

	#start(root: Iterator<unknown, unknown>, index: number): void {
		const m = new Branch(root, this as never, index);
		this.#running.add(m);
		this.enqueue(m);
		this.waker?.wake();
	}

	protected ended(m: Branch, ok: boolean, outcome: unknown): boolean {
		this.#running.delete(m);
		if (!ok) {
			this.#failure = { error: outcome };
			if (m.index === PULL) this.#exhausted = true;
			return true;
		}
		if (m.index === PULL) {
			this.#pulling = false;
			try {
				this.#item(outcome as IteratorResult<I>);
			} catch (error) {
				this.#failure = { error };
				return true;
			}
		} else this.#values[m.index] = outcome as T;
		this.#fill();
		return this.#decided();
	}

	protected get failure(): unknown {
		return this.#failure?.error;
	}

	protected rest(): Iterable<Branch> {
		return this.#running;
	}

	protected outcome(): T[] {
		if (this.#failure === null) return this.#values;
		this.discardResults();
		throw this.#failure.error;
	}

	protected discardResults(): void {
		discard(this.#values);
		if (this.#exhausted) return;
		this.#exhausted = true;
		const report = closingReporter();
		try {
			// An async iterator's own cleanup is its own affair: it is not waited for.
			const closed = this.#iterator === null ? undefined : closeSource(this.#items, this.#iterator, this.#pulling);
			if (isThenable(closed)) Promise.resolve(closed).catch(report);
		} catch (error) {
			report(error);
		}
	}
}

/**
 * Calls `f` for each item, at most `limit` at once, and gives the results in the order of the items. At the first failure the rest is
 * cancelled, their cleanup is waited for, and the failure is thrown. Items are taken only as places fall free.
 *
 * @param items - an iterable, or an async iterable; it is closed when not all of it was taken. Of a receiver `recv` is used, so that no message
 * is lost on cancellation, and it is left as it is
 * @param limit - how many run at once: a whole number of at least 1, or `Infinity`
 * @param f - makes a future of an item and its index: a generator function, an async function (its waits for futures are
 * cancelled), or a function that gives a future: `(url) => fromPromise((signal) => fetch(url, { signal }))`
 * @throws {@link TypeError}, {@link RangeError} at the call, for bad arguments
 * @errors the failures of the futures, and of the iterable
 * @cancelSafety cancel safe if the futures are; results that were there are released
 * @source `futures::stream::StreamExt::buffered`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { mapConcurrent, run, sleep } from "yamanote";
 *
 * const lengths = await run(mapConcurrent(["a", "bb", "ccc"], 2, function* (word) {
 *   yield* sleep(1);
 *   return word.length;
 * }));
 * assert.deepEqual(lengths, [1, 2, 3]);
 * ```
 */
export function mapConcurrent<I, const R>(
	items: Items<I>,
	limit: number,
	f: ((item: I, index: number) => R) & StarredResult<R>,
): Future<Out<R>[], Err<R>> {
	if (
		items === null ||
		items === undefined ||
		!(Symbol.iterator in Object(items) || Symbol.asyncIterator in Object(items))
	) {
		throw new TypeError(`mapConcurrent: ${describe(items)} is not iterable`);
	}
	if (limit !== Infinity && !(Number.isInteger(limit) && limit >= 1))
		throw new RangeError(`mapConcurrent: the limit must be a whole number of at least 1, not ${String(limit)}`);
	if (typeof f !== "function") throw new TypeError(`mapConcurrent: give a function, not ${describe(f)}`);
	return new MapConcurrent<I, Out<R>, Err<R>>(items, limit, f as (item: I, index: number) => IntoFuture);
}
