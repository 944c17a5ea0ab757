/** Failures as values: `attempt`. */
import type { Future } from "../core/future.ts";
import { into } from "../core/into.ts";
import { OneBranch } from "../core/one-branch.ts";
import { type Context, Pending, type Poll } from "../core/poll.ts";
import type { Err, IntoFuture, Out, Starred, Waitable } from "../core/types.ts";

type ErrorClass = abstract new (...args: never) => Error;

/** What {@link attempt} gives: the value, or the failure. */
export type Attempt<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/** The classes whose failures are known to be dealt with: not those that TypeScript cannot tell from `Error`, since all others would go with them. */
type Told<E> = E extends unknown ? (Error extends E ? never : E) : never;

class Attempting<T, E> extends OneBranch<Attempt<T, E>> {
	readonly #classes: readonly ErrorClass[];

	constructor(root: Iterator<unknown, unknown>, classes: readonly ErrorClass[]) {
		super(root);
		this.#classes = classes;
	}

	poll(cx: Context): Poll<Attempt<T, E>> {
		try {
			const value = this.run(cx);
			return value === Pending ? Pending : { ok: true, value: value as T };
		} catch (error) {
			if (this.#classes.length > 0 && !this.#classes.some((c) => error instanceof c)) throw error;
			return { ok: false, error: error as E };
		}
	}
}

/**
 * Runs a future, and gives its failure as a value: `{ ok: true, value }` or `{ ok: false, error }`.
 *
 * With classes, only failures of these classes (`instanceof`) become values, and leave the declared failures; the rest is thrown. A class
 * that TypeScript cannot tell from `Error`, such as `RangeError`, leaves them as they are. Without classes every failure becomes a value, of
 * type `unknown`: a native `catch` cannot say more either.
 *
 * @errors what is not of the classes
 * @cancelSafety cancel safe if the future is
 * @source `match` on a `Result`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { attempt, Elapsed, run, sleep, timeout } from "yamanote";
 *
 * const r = await run(attempt(timeout(1, sleep(1_000)), Elapsed));
 * assert.equal(r.ok, false);
 * ```
 */
export function attempt<const F extends Waitable>(future: F & Starred<F>): Future<Attempt<Out<F>, unknown>>;
export function attempt<const F extends IntoFuture, const C extends readonly [ErrorClass, ...ErrorClass[]]>(
	future: F & Starred<F>,
	...classes: C
): Future<Attempt<Out<F>, InstanceType<C[number]>>, Exclude<Err<F>, Told<InstanceType<C[number]>>>>;
export function attempt(future: unknown, ...classes: ErrorClass[]): Future<unknown, unknown> {
	for (const c of classes)
		if (typeof c !== "function") throw new TypeError("attempt: give error classes after the future");
	return new Attempting(into(future), classes);
}
