/** The first of several futures: `select`, `race`. */
import type { Branch } from "../core/branch.ts";
import { discard } from "../core/discard.ts";
import { checkOptions, YamanoteError } from "../core/error.ts";
import type { Future } from "../core/future.ts";
import type { Err, IntoFuture, Out, Starred, StarredAll, Unsaid, Waitable } from "../core/types.ts";
import { Group, membersOf, none } from "./group.ts";

/** All branches of a `select` or `race` were disabled, or there was none: it could never end. */
export class NoBranchError extends YamanoteError {
	declare readonly name: "NoBranchError";
	declare readonly code: "YAMANOTE_NO_BRANCH";

	/** @internal */
	static override get called(): string {
		return "NoBranchError";
	}

	constructor(what: string) {
		super(`${what}: every branch is disabled, so it could never end`);
	}
}

/** Options of {@link select}. */
export interface SelectOptions {
	/** Poll the branches in their order, instead of from a random one on. Default false. */
	readonly biased?: boolean | undefined;
}

/** A branch of a {@link select}: a future, or a disabled one. */
export type SelectBranch = IntoFuture | false | null | undefined;

/** What a {@link select} gives: the name of the branch that came first, and its value. */
export type Selected<F> = {
	[K in keyof F & string]: { readonly key: K; readonly value: Out<Exclude<F[K], false | null | undefined>> };
}[keyof F & string];

/** What `select` takes; the argument is a sentence that the compiler prints. */
export type Branches<Say> = { readonly [key: string]: Waitable | false | null | undefined | Unsaid<Say> };

/** Refuses what is no future in the branches that are enabled. */
export type StarredBranches<F> = { [K in keyof F]: Starred<Exclude<F[K], false | null | undefined>> };

const usual: SelectOptions = {};

class Select<T, E> extends Group<T, E> {
	#members: readonly Branch[];
	readonly #keys: readonly string[] | null;
	readonly #biased: boolean;
	/** Which branch came first; -1 as long as none has. Its outcome is `value`. */
	#winner: number;
	#ok: boolean;

	constructor(keys: readonly string[] | null, biased: boolean) {
		super();
		this.#members = none;
		this.#keys = keys;
		this.#biased = biased;
		this.#winner = -1;
		this.#ok = false;
	}

	begin(what: string, members: readonly Branch[]): this {
		const n = members.length;
		if (n === 0) throw new NoBranchError(what);
		this.#members = members;
		const from = this.#biased ? 0 : Math.floor(Math.random() * n);
		for (let i = from; i < n; i++) this.enqueue(members[i] as Branch);
		for (let i = 0; i < from; i++) this.enqueue(members[i] as Branch);
		return this;
	}

	protected override get shuffles(): boolean {
		return !this.#biased;
	}

	protected override pollWoken(): boolean {
		if (this.#biased && this.head !== this.tail) {
			const woken: Branch[] = [];
			for (let m = this.head; m !== null; m = m.qnext) woken.push(m);
			this.head = this.tail = null;
			for (const m of woken.sort((a, b) => a.index - b.index)) {
				m.qnext = null;
				this.enqueue(m);
			}
		}
		return super.pollWoken();
	}

	protected ended(m: Branch, ok: boolean, outcome: unknown): boolean {
		this.#winner = m.index;
		this.#ok = ok;
		this.value = outcome;
		return true;
	}

	protected get failure(): unknown {
		return this.#ok ? undefined : this.value;
	}

	branches(): Iterable<Branch> {
		return this.#members;
	}

	protected outcome(): T {
		const { value } = this;
		if (!this.#ok) throw value;
		return (this.#keys === null ? value : { key: this.#keys[this.#winner], value }) as T;
	}

	protected discardResults(): void {
		if (this.#ok) discard(this.value);
	}
}

/**
 * Waits for the first of several futures, and cancels the others: gives the name of the branch that came first, and its value. A branch
 * that throws comes first as well. The losers' cleanup has ended when it gives its result.
 *
 * Branches are polled from a random one on, so that none starves, unless `biased`. A branch that is `false`, `null` or `undefined` is
 * disabled: `{ tick: enabled && interval.tick() }`. In a loop, lend a future with `byRef(f)` to keep it when it loses.
 *
 * @param branches - a record; its keys name the branches
 * @throws {@link NoBranchError} at the call, if no branch is enabled; {@link TypeError} if one is no future
 * @errors the failures of the branches
 * @cancelSafety cancel safe if every branch is
 * @source `tokio::select!`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ready, run, select, sleep } from "yamanote";
 *
 * const first = await run(select({ answer: ready(42), tooLate: sleep(1_000) }));
 * if (first.key === "answer") assert.equal(first.value, 42);
 * else assert.fail();
 * ```
 */
export function select<const F extends Branches<"one record of futures, select({ a, b }): race takes an array">>(
	branches: F & StarredBranches<F>,
	options: SelectOptions = usual,
): Future<Selected<F>, Err<Exclude<F[keyof F], false | null | undefined>>> {
	checkOptions("select", options);
	if (typeof branches !== "object" || branches === null || Symbol.iterator in branches)
		throw new TypeError("select: give one record of futures; race takes an array");
	const keys = Object.keys(branches);
	const first = new Select(keys, options.biased === true);
	return first.begin("select", membersOf("select", branches, keys, first, true)) as never;
}

/**
 * Waits for the first of several futures, and cancels the others: `select` without names. A future that throws comes first as well.
 *
 * @param futures - an array
 * @throws {@link NoBranchError} at the call, if it is empty; {@link TypeError} if an item is no future
 * @errors the failures of the futures
 * @cancelSafety cancel safe if every future is
 * @source `Promise.race`, with the losers cancelled
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { race, ready, run, sleep } from "yamanote";
 *
 * assert.equal(await run(race([sleep(1_000), ready("first")])), "first");
 * ```
 */
export function race<const F extends readonly Waitable[]>(
	futures: F & StarredAll<F>,
): Future<Out<F[number]>, Err<F[number]>> {
	if (!Array.isArray(futures)) throw new TypeError("race: give one array of futures; select takes a record");
	const first = new Select(null, false);
	return first.begin("race", membersOf("race", futures, null, first, false)) as never;
}
