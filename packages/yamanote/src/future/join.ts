/** Waiting for several futures at once: `join`, `tryJoin`, `joinSettled`. */
import type { Branch } from "../core/branch.ts";
import { discard } from "../core/discard.ts";
import { checkOptions, withOthers } from "../core/error.ts";
import type { Future } from "../core/future.ts";
import type { Errs, Out, Outs, StarredAll, Waitables } from "../core/types.ts";
import { Group, keysOf, membersOf, none, shaped } from "./group.ts";
import { checkPlaces } from "./items.ts";

/** Options of the joins. */
export interface JoinOptions {
	/** How many futures run at once; a whole number of at least 1, or `Infinity`. Default: all of them. The others start in their order, as places fall free. */
	readonly concurrency?: number | undefined;
}

type ArrayOrRecord = "one array or record of futures: [a, b], { a, b }, [...them]";

const usual: JoinOptions = {};

/** What is done with a failure: it is thrown when all have ended, or at once, or what came of each member is made a value. */
type Mode = typeof ALL | typeof FIRST_FAILURE | ((ok: boolean, outcome: unknown) => unknown);
const ALL = 0;
const FIRST_FAILURE = 1;

class Join<T, E> extends Group<T, E> {
	readonly #keys: readonly string[] | null;
	readonly #mode: Mode;
	#members: readonly Branch[];
	#values: unknown[];
	#left: number;
	/** The next member to start, when concurrency is limited. */
	#next: number;
	#errors: unknown[] | null;

	constructor(keys: readonly string[] | null, mode: Mode) {
		super();
		this.#keys = keys;
		this.#mode = mode;
		this.#members = none;
		this.#values = none;
		this.#left = 0;
		this.#next = 0;
		this.#errors = null;
	}

	begin(members: readonly Branch[], concurrency: number | undefined): this {
		const n = members.length;
		this.#members = members;
		this.#values = new Array(n);
		this.#left = n;
		this.#next = Math.min(n, concurrency ?? n);
		for (let i = 0; i < this.#next; i++) this.enqueue(members[i] as Branch);
		return this;
	}

	protected ended(m: Branch, ok: boolean, outcome: unknown): boolean {
		this.#left--;
		const next = this.#members[this.#next];
		if (!ok) {
			(this.#errors ??= []).push(outcome);
			if (this.#mode === FIRST_FAILURE) return true;
		}
		if (typeof this.#mode === "function") this.#values[m.index] = this.#mode(ok, outcome);
		else if (ok) this.#values[m.index] = outcome;
		if (next !== undefined) {
			this.#next++;
			this.enqueue(next);
			this.waker?.wake();
		}
		return this.#left === 0;
	}

	protected override pollWoken(): boolean {
		return this.#left === 0 || super.pollWoken();
	}

	protected get failure(): unknown {
		return this.#mode === FIRST_FAILURE ? this.#errors?.[0] : undefined;
	}

	protected override get failures(): readonly unknown[] {
		return this.#errors ?? [];
	}

	branches(): Iterable<Branch> {
		return this.#left === 0 ? [] : this.#members;
	}

	protected outcome(): T {
		if (this.#errors !== null && typeof this.#mode !== "function") {
			this.discardResults();
			throw withOthers(this.#errors);
		}
		return shaped(this.#keys, this.#values) as T;
	}

	protected discardResults(): void {
		discard(this.#values);
	}
}

function joined(what: string, futures: unknown, mode: Mode, options: JoinOptions): Future<never, never> {
	checkOptions(what, options);
	const { concurrency } = options;
	if (concurrency !== undefined) checkPlaces(what, "concurrency", concurrency);
	const keys = keysOf(what, futures);
	const all = new Join<never, never>(keys, mode);
	return all.begin(membersOf(what, futures, keys, all, false), concurrency);
}

/**
 * Runs futures at once, and gives all their values. At the first failure the others are cancelled, their cleanup is waited for, and that
 * failure is thrown: `Promise.all` that leaves nothing running.
 *
 * The futures are owned: cancelling the join cancels them. A `JoinHandle` among them is only dropped (its task runs on).
 *
 * @param futures - an array or a record; the result has the same shape
 * @throws {@link TypeError} at the call, if an item is no future
 * @errors the failures of the futures
 * @cancelSafety cancel safe if the futures are; results that were there are released
 * @source `tokio::try_join!`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run, sleep, tryJoin } from "yamanote";
 *
 * function* after(ms: number, text: string) {
 *   yield* sleep(ms);
 *   return text;
 * }
 * const page = await run(tryJoin({ user: after(2, "Ada"), orders: after(1, "none") }));
 * assert.deepEqual(page, { user: "Ada", orders: "none" });
 * ```
 */
export function tryJoin<const F extends Waitables<ArrayOrRecord>>(
	futures: F & StarredAll<F>,
	options: JoinOptions = usual,
): Future<Outs<F>, Errs<F>> {
	return joined("tryJoin", futures, FIRST_FAILURE, options);
}

/**
 * Runs futures at once, lets all of them end, and gives all their values; or throws the failure that came first, with the others as the
 * `AggregateError` in its `cause`.
 *
 * @param futures - an array or a record; the result has the same shape
 * @throws {@link TypeError} at the call, if an item is no future
 * @errors the failures of the futures
 * @cancelSafety cancel safe if the futures are; results that were there are released
 * @source `tokio::join!`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { join, ready, run } from "yamanote";
 *
 * const [a, b] = await run(join([ready(1), ready("two")]));
 * assert.equal(a, 1);
 * assert.equal(b, "two");
 * ```
 */
export function join<const F extends Waitables<ArrayOrRecord>>(
	futures: F & StarredAll<F>,
	options: JoinOptions = usual,
): Future<Outs<F>, Errs<F>> {
	return joined("join", futures, ALL, options);
}

/** The settled results of an array or record of futures. */
export type Settled<F> = { -readonly [K in keyof F]: PromiseSettledResult<Out<F[K]>> };

/**
 * Runs futures at once, lets all of them end, and gives for each `{ status: "fulfilled", value }` or `{ status: "rejected", reason }`. The
 * failures that were there when it is cancelled are reported, as those of `join`; those of a future in `attempt` are not.
 *
 * @param futures - an array or a record; the result has the same shape
 * @throws {@link TypeError} at the call, if an item is no future
 * @cancelSafety cancel safe if the futures are; results that were there are released
 * @source `Promise.allSettled`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { joinSettled, ready, run } from "yamanote";
 *
 * const [a, b] = await run(joinSettled([ready(1), async () => Promise.reject(new Error("no"))]));
 * assert.equal(a.status, "fulfilled");
 * assert.equal(b.status, "rejected");
 * ```
 */
export function joinSettled<const F extends Waitables<ArrayOrRecord>>(
	futures: F & StarredAll<F>,
	options: JoinOptions = usual,
): Future<Settled<F>> {
	return joined("joinSettled", futures, settled, options);
}

function settled(ok: boolean, outcome: unknown): PromiseSettledResult<unknown> {
	return ok ? { status: "fulfilled", value: outcome } : { status: "rejected", reason: outcome };
}
