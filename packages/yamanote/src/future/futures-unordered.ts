/** A set of futures that gives their values as they come: `FuturesUnordered`. */
import { type Branch, Lent, reportCleanup } from "../core/branch.ts";
import { Composite } from "../core/composite.ts";
import { discard } from "../core/discard.ts";
import type { Driver } from "../core/driver.ts";
import { type Future, PART } from "../core/future.ts";
import type { Held, Tied } from "../core/held.ts";
import { into } from "../core/into.ts";
import { type Context, Pending, type Poll, type Waker } from "../core/poll.ts";
import type { Err, Out, StarredEach, Waitable } from "../core/types.ts";
import { tie } from "./by-ref.ts";
import { Group } from "./group.ts";

interface Result {
	readonly ok: boolean;
	readonly outcome: unknown;
}

/** Drives the members, whoever waits for the next value. */
class Engine extends Group<void> implements Tied {
	readonly members: Set<Branch> = new Set();
	readonly results: Result[] = [];
	/** Who waits: any of them may drive the members, so all are woken. */
	readonly waiting: Set<Waker> = new Set();
	/** All of them; and why the members are cancelled. */
	readonly #all: Waker & { reason: unknown } = { wake: () => this.#wakeAll(), reason: undefined };
	/** It is no future of its own: the set polls it by hand. */
	override owner: Driver | undefined = PART;
	#index = 0;
	/** What it is tied to, which forgets it while it is empty. */
	readonly #held: Held | undefined;

	constructor() {
		super();
		this.waker = this.#all;
		this.#held = tie(this);
	}

	get over(): boolean {
		return this.members.size === 0 && this.results.length === 0;
	}

	[Symbol.asyncDispose](): Promise<void> {
		return new Close(this) as never;
	}

	#wakeAll(): void {
		for (const w of this.waiting) w.wake();
		this.waiting.clear();
	}

	add(root: Iterator<unknown, unknown>): void {
		if (this.over) this.#held?.add(this);
		const m = new Lent(root, this as never, this.#index++);
		this.members.add(m);
		this.enqueue(m);
		this.#wakeAll();
	}

	/** The next result; null if all members wait, undefined if there are none. */
	take(cx: Context): Result | null | undefined {
		// Before they are polled, since they may be woken meanwhile.
		this.waiting.add(cx.waker);
		if (this.results.length === 0 && this.cleaning === null) this.pollWoken();
		const result = this.results.shift();
		if (result === undefined && this.members.size > 0) return null;
		this.waiting.delete(cx.waker);
		// For the others there may be another, or an end.
		if (this.results.length > 0 || this.members.size === 0) this.#wakeAll();
		return result;
	}

	protected ended(m: Branch, ok: boolean, outcome: unknown): boolean {
		this.members.delete(m);
		this.results.push({ ok, outcome });
		return false;
	}

	/** A failure of one cancels nobody else. */
	protected get failure(): undefined {
		return undefined;
	}

	branches(): Iterable<Branch> {
		return this.members;
	}

	/** Cancels all members. False while cleanup waits. */
	close(cx: Context): boolean {
		const { reason } = cx as Partial<Driver>;
		this.#all.reason = reason;
		this.waiting.add(cx.waker);
		if (!this.unwound()) return false;
		this.cleaning = null;
		for (const { ok, outcome } of this.results.splice(0)) {
			if (ok) discard(outcome);
			else reportCleanup(outcome, reason);
		}
		this.members.clear();
		this.#wakeAll();
		return true;
	}

	protected outcome(): void {}
	protected discardResults(): void {}
}

class Next<T, E> extends Composite<IteratorResult<T, undefined>, E> {
	readonly #engine: Engine;
	constructor(engine: Engine) {
		super();
		this.#engine = engine;
	}
	/** @internal The drivers within, for dumps. */
	branches(): Iterable<Driver> {
		return this.#engine.members;
	}

	poll(cx: Context): Poll<IteratorResult<T, undefined>> {
		const result = this.#engine.take(cx);
		if (result === null) return Pending;
		if (result === undefined) return { done: true, value: undefined };
		if (!result.ok) throw result.outcome;
		return { done: false, value: result.outcome as T };
	}

	protected override drop(cx: Context): void {
		this.#engine.waiting.delete(cx.waker);
	}
}

class Close extends Composite<void> {
	readonly #engine: Engine;
	constructor(engine: Engine) {
		super();
		this.#engine = engine;
	}
	poll(cx: Context): Poll<void> {
		return this.#engine.close(cx) ? undefined : Pending;
	}
}

/**
 * A set of futures, owned and polled together, whose values come in the order in which they are ready. Futures can be added at any time.
 *
 * Its futures make progress only while somebody waits in {@link FuturesUnordered.next}; a `JoinSet` spawns tasks instead. Made in
 * the code of a generator, it is cancelled with the enclosing `asyncFn` call or task; elsewhere, in an async function too, dispose it.
 *
 * @source `futures::stream::FuturesUnordered`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { FuturesUnordered, run, sleep } from "yamanote";
 *
 * function* after(ms: number) {
 *   yield* sleep(ms);
 *   return ms;
 * }
 * const order = await run(function* () {
 *   const set = new FuturesUnordered([after(20), after(1), after(10)]);
 *   const seen: number[] = [];
 *   for (let next = yield* set.next(); !next.done; next = yield* set.next()) seen.push(next.value);
 *   return seen;
 * });
 * assert.deepEqual(order, [1, 10, 20]);
 * ```
 */
export class FuturesUnordered<out F extends Waitable> implements AsyncIterable<Out<F>, undefined>, AsyncDisposable {
	readonly #engine: Engine;

	/** @throws {@link TypeError} if an item is no future */
	constructor(futures: Iterable<F> & StarredEach<F> = [] as never) {
		// First their roots: if one is refused, none is taken.
		const roots = [...(futures as Iterable<F>)].map((f) => into(f));
		this.#engine = new Engine();
		for (const root of roots) this.#engine.add(root);
	}

	/**
	 * Adds a future; it is polled with the others from the next wait on.
	 *
	 * @throws {@link TypeError} if it is no future
	 */
	push(future: F): void {
		this.#engine.add(into(future));
	}

	/** How many futures have not given their value yet. */
	get length(): number {
		return this.#engine.members.size + this.#engine.results.length;
	}

	/**
	 * The next value: `{ done: false, value }`, or `{ done: true }` when the set is empty. A failure is thrown, and the set goes on.
	 *
	 * @errors the failures of the futures
	 * @cancelSafety cancel safe: no value is lost, and the futures stay in the set
	 */
	next(): Future<IteratorResult<Out<F>, undefined>, Err<F>> {
		return new Next(this.#engine);
	}

	/** Ends a `for await`: cancels the futures. */
	return(): Promise<IteratorResult<Out<F>, undefined>> {
		return new Close(this.#engine).then(() => ({ done: true, value: undefined }));
	}

	[Symbol.asyncIterator](): AsyncIterator<Out<F>, undefined> {
		return this as never;
	}

	/** Cancels the futures, and waits for their cleanup. */
	[Symbol.asyncDispose](): Promise<void> {
		return new Close(this.#engine).then();
	}
}
