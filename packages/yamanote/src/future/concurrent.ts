/**
 * The items of a source, a few at a time: what `mapConcurrent` and `each` with `concurrency` have in common.
 *
 * One member at most waits for the next item (`Pull`), and takes the place that the item will have. A body begins in the step that has brought
 * its item, so that no cancellation comes between: an item was either left to the source, or its body has begun.
 */
import { Branch } from "../core/branch.ts";
import { delegate } from "../core/delegate.ts";
import { rareOf } from "../core/driver.ts";
import { into } from "../core/into.ts";
import { Pending } from "../core/poll.ts";
import { S } from "../core/shared.ts";
import type { IntoFuture } from "../core/types.ts";
import { Group } from "./group.ts";
import {
	type AnyIterator,
	closeQuietly,
	closeSource,
	closesAtOnce,
	closingReporter,
	isThenable,
	iteratorOf,
	type Source,
} from "./items.ts";

/** The member that waits for the next item. */
class Pull extends Branch {
	/** What a dump calls it. */
	get label(): string {
		return "next item";
	}
}

/** Makes the future of an item. */
type Start<I> = (item: I, index: number) => IntoFuture;

/** Is given the value of each body, and its item's index. `false` ends the loop: nothing more is taken, and what runs goes on to its end. */
type Took = (value: unknown, index: number) => unknown;

class Concurrent<I> extends Group<void> {
	readonly #iterator: AnyIterator<I>;
	readonly #limit: number;
	readonly #start: Start<I>;
	readonly #took: Took;
	readonly #running: Set<Branch> = new Set();
	#started = 0;
	#pull: Pull | null = null;
	/** Nothing more is taken. */
	#over = false;
	/** The source has not ended by itself. */
	open = true;
	#failure: { readonly error: unknown } | null = null;

	constructor(iterator: AnyIterator<I>, limit: number, start: Start<I>, took: Took) {
		super();
		this.#iterator = iterator;
		this.#limit = limit;
		this.#start = start;
		this.#took = took;
	}

	/** An item was asked for, and has not come. */
	get pulls(): boolean {
		return this.#pull !== null;
	}

	protected override pollWoken(): boolean {
		// First those that run: they make room.
		if (!super.pollWoken()) this.#fill();
		return this.#decided();
	}

	#decided(): boolean {
		return this.#failure !== null || (this.#over && this.#running.size === 0);
	}

	/** Takes items while there are places, each for a part of the budget: items and bodies that are ready at once cannot hold the loop. */
	#fill(): void {
		while (this.#failure === null && !this.#over && this.#pull === null && this.#running.size < this.#limit) {
			if (S.budget <= 0) {
				this.waker?.wake();
				return;
			}
			S.budget--;
			try {
				const next = this.#iterator.next();
				if (isThenable(next)) {
					this.#pull = new Pull(into(next), this as never);
					this.#begin(this.#pull);
				} else this.#item(next as IteratorResult<I>);
			} catch (error) {
				this.#ends(error);
			}
		}
	}

	/** The source has failed, and so ended by itself. */
	#ends(error: unknown): void {
		this.open = false;
		this.#failure = { error };
	}

	#item(next: IteratorResult<I>): void {
		let member: Branch;
		try {
			if (next.done === true) {
				this.open = false;
				this.#over = true;
				return;
			}
			const index = this.#started++;
			member = new Branch(into(this.#start(next.value, index)), this as never, index);
		} catch (error) {
			this.#failure = { error };
			return;
		}
		this.#begin(member);
	}

	/** Polls a new member for the first time. */
	#begin(m: Branch): void {
		this.#running.add(m);
		let ok = true;
		let outcome: unknown;
		try {
			outcome = m.run();
		} catch (error) {
			ok = false;
			outcome = error;
		}
		if (outcome !== Pending) this.ended(m, ok, outcome);
	}

	protected ended(m: Branch, ok: boolean, outcome: unknown): boolean {
		this.#running.delete(m);
		if (m === this.#pull) this.#pulled(ok, outcome);
		else if (!ok) this.#failure = { error: outcome };
		else if (this.#took(outcome, m.index) === false) this.#stop();
		return this.#decided();
	}

	#pulled(ok: boolean, outcome: unknown): void {
		// Nobody wants it any more: the wait was given up, and is still to be closed as one that has not ended.
		if (this.#over) return;
		this.#pull = null;
		if (!ok) this.#ends(outcome);
		else this.#item(outcome as IteratorResult<I>);
	}

	/** No item is wanted any more. The wait for one is cancelled at its next poll. */
	#stop(): void {
		this.#over = true;
		if (this.#pull === null) return;
		rareOf(this.#pull).disposed = true;
		this.#pull.wake();
	}

	protected get failure(): unknown {
		return this.#failure?.error;
	}

	branches(): Iterable<Branch> {
		return this.#running;
	}

	protected outcome(): void {
		if (this.#failure !== null) throw this.#failure.error;
	}

	protected discardResults(): void {}

	/** What a dump says of it. */
	waitsFor(): { what: string } {
		const next = this.#pull !== null && this.#running.has(this.#pull);
		const items = this.#running.size - (next ? 1 : 0);
		if (items === 0) return { what: "the next item" };
		return { what: `${items} item${items === 1 ? "" : "s"} in hand${next ? ", and the next" : ""}` };
	}
}

/**
 * Runs the future that `start` makes of each item, at most `limit` at once. At the first failure the others are cancelled, and their cleanup is waited for. A source
 * that is left early is closed, after them.
 *
 * @internal
 */
export function* concurrently<I>(
	source: Source<I>,
	limit: number,
	start: Start<I>,
	took: Took,
): Generator<unknown, void> {
	const iterator = iteratorOf(source);
	const all = new Concurrent(iterator, limit, start, took);
	function* close(): Generator<unknown, void> {
		const closed = closeSource(source, iterator, all.pulls);
		if (!isThenable(closed)) return;
		// An async generator that is busy with its next item closes when it has made that, whenever it is.
		if (!all.pulls || closesAtOnce(source)) yield* delegate(closed);
		else Promise.resolve(closed).catch(closingReporter());
	}
	try {
		yield* all as unknown as Iterable<unknown, void>;
	} catch (error) {
		if (all.open) {
			all.open = false;
			yield* delegate(closeQuietly(close, error));
		}
		throw error;
	} finally {
		if (all.open) yield* delegate(close());
	}
}
