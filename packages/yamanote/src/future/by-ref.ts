/** Lending a future: `byRef`. */
import { Lent } from "../core/branch.ts";
import { Composite } from "../core/composite.ts";
import { type Driver, rareOf } from "../core/driver.ts";
import type { Future } from "../core/future.ts";
import { Held, type Tied } from "../core/held.ts";
import { into } from "../core/into.ts";
import { type Context, Pending, type Poll } from "../core/poll.ts";
import { S } from "../core/shared.ts";
import type { Err, Out, Starred, Waitable } from "../core/types.ts";

/** The driver of a lent future: it outlives the selects that lose. */
class Loan extends Lent {
	readonly loan: ByRef<unknown, unknown>;
	constructor(root: Iterator<unknown, unknown>, loan: ByRef<unknown, unknown>) {
		super(root, loan as never);
		this.loan = loan;
	}
}

class ByRef<T, E> extends Composite<T, E> {
	readonly #loan: Loan;
	#ended = false;

	constructor(root: Iterator<unknown, unknown>) {
		super();
		this.#loan = new Loan(root, this as never);
	}

	poll(cx: Context): Poll<T> {
		this.#loan.parent = cx.waker;
		let value: unknown;
		try {
			value = this.#loan.run();
		} catch (error) {
			this.#ended = true;
			throw error;
		}
		if (value === Pending) return Pending;
		this.#ended = true;
		return value as T;
	}

	/** @internal The drivers within, for dumps. */
	branches(): Iterable<Driver> {
		return this.#ended ? [] : [this.#loan];
	}

	/** @internal */
	get over(): boolean {
		return this.#ended;
	}

	/** A borrower lost: the future stays as it is, and can be lent again. */
	override return(value?: unknown): IteratorResult<never, T> {
		if (!this.#ended) this.owner = undefined;
		return { done: true, value } as never;
	}

	/** The frame that made the loan ends: what has not completed is cancelled. */
	[Symbol.asyncDispose](): Promise<void> {
		return { __proto__: null, [Symbol.iterator]: () => new Cancelling(this.#ended ? null : this.#loan) } as never;
	}
}

/** Waits for the cleanup of a lent future; cannot be cancelled. */
class Cancelling extends Composite<void> {
	readonly #loan: Loan | null;
	constructor(loan: Loan | null) {
		super();
		this.#loan = loan;
	}
	poll(cx: Context): Poll<void> {
		if (this.#loan === null) return;
		this.#loan.parent = cx.waker;
		if (!this.#loan.cancel()) return Pending;
	}
}

/**
 * Lends a future: polling the loan polls the future, and a loan that loses a `select` neither cancels nor consumes it. The same loan can be
 * lent again and again. What has not completed when the enclosing `asyncFn` call or task ends is cancelled with it.
 *
 * @param future - whatever can be waited for; a `Future` that is lent again, once it was polled, gives the same loan
 * @throws {@link TypeError} at the call, if it is no future
 * @errors the failures of the future
 * @cancelSafety cancel safe: that is its purpose
 * @source `&mut future` in `tokio::select!`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { byRef, run, select, sleep } from "yamanote";
 *
 * const ticks = await run(function* () {
 *   const work = byRef(sleep(25));
 *   for (let ticks = 0; ; ticks++) {
 *     const first = yield* select({ work, tick: sleep(5) }, { biased: true });
 *     if (first.key === "work") return ticks;
 *   }
 * });
 * assert.ok(ticks >= 1);
 * ```
 */
export function byRef<const F extends Waitable>(future: F & Starred<F>): Future<Out<F>, Err<F>> {
	if (future instanceof ByRef) return future as never;
	const lent = (future as { owner?: { loan?: Future<Out<F>, Err<F>> } } | undefined)?.owner?.loan;
	if (lent !== undefined) return lent;
	const loan = new ByRef<Out<F>, Err<F>>(into(future));
	if (S.current !== null) tie(loan);
	return loan;
}

/**
 * Ties a resource to the enclosing frame, or to the driver where its root is no frame: it is released when that ends.
 *
 * @internal
 */
export function tie(resource: Tied): Held | undefined {
	const { frame, current } = S;
	if (frame !== null) return frame.hold(resource);
	if (current === null) return undefined;
	const rare = rareOf(current);
	rare.held ??= new Held();
	rare.held.add(resource);
	return rare.held;
}
