/** A store for a future: `withContext`. */
import type { Future } from "../core/future.ts";
import { into } from "../core/into.ts";
import { OneBranch } from "../core/one-branch.ts";
import type { Context, Poll } from "../core/poll.ts";
import type { Err, Out, Starred, Waitable } from "../core/types.ts";

/** What {@link withContext} needs of an `AsyncLocalStorage`. */
export interface ContextStorage<V> {
	run<R>(value: V, f: () => R): R;
}

class WithContext<T, E, V> extends OneBranch<T, E> {
	readonly #storage: ContextStorage<V>;
	readonly #value: V;

	constructor(root: Iterator<unknown, unknown>, storage: ContextStorage<V>, value: V) {
		super(root);
		this.#storage = storage;
		this.#value = value;
	}

	poll(cx: Context): Poll<T> {
		return this.#storage.run(this.#value, () => this.run(cx)) as Poll<T>;
	}

	protected override drop(cx: Context): Poll<void> {
		return this.#storage.run(this.#value, () => super.drop(cx));
	}
}

/**
 * Runs a future with a value in an `AsyncLocalStorage`: it is entered at every poll, and at its cleanup, and nothing else sees it.
 *
 * @param storage - an `AsyncLocalStorage`, or anything with its `run`
 * @throws {@link TypeError} at the call, if `storage` has no `run`, or `future` is no future
 * @errors the failures of the future
 * @cancelSafety cancel safe if the future is
 * @source `tokio::task_local!` (`scope`)
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { AsyncLocalStorage } from "node:async_hooks";
 * import { run, sleep, withContext } from "yamanote";
 *
 * const tenant = new AsyncLocalStorage<string>();
 * const seen = await run(withContext(tenant, "acme", function* () {
 *   yield* sleep(1);
 *   return tenant.getStore();
 * }));
 * assert.equal(seen, "acme");
 * ```
 */
export function withContext<V, const F extends Waitable>(
	storage: ContextStorage<V>,
	value: V,
	future: F & Starred<F>,
): Future<Out<F>, Err<F>> {
	if (typeof storage?.run !== "function") throw new TypeError("withContext: give an AsyncLocalStorage first");
	return new WithContext(into(future), storage, value);
}
