/** Resources for as long as a call lasts: `acquire`. */
import { describe } from "../core/error.ts";
import { Future } from "../core/future.ts";
import type { Poll } from "../core/poll.ts";
import { tie } from "./by-ref.ts";

/** Adapts a synchronous `dispose`. */
class Sync implements AsyncDisposable {
	readonly #resource: Disposable;
	constructor(resource: Disposable) {
		this.#resource = resource;
	}
	async [Symbol.asyncDispose](): Promise<void> {
		this.#resource[Symbol.dispose]();
	}
}

class Acquire<T> extends Future<T> {
	readonly #resource: T;
	readonly #disposable: AsyncDisposable;

	constructor(resource: T, disposable: AsyncDisposable) {
		super();
		this.#resource = resource;
		this.#disposable = disposable;
	}

	poll(): Poll<T> {
		tie(this.#disposable);
		return this.#resource;
	}
}

/**
 * Ties a resource to the enclosing `asyncFn` call (or task, or branch): it is disposed when that ends, by value, failure or cancellation, in
 * reverse order, and the caller goes on when that is done. It is what `await using` is in an async function.
 *
 * @param resource - has `Symbol.asyncDispose` or `Symbol.dispose`
 * @throws {@link TypeError} at the call, if it has neither
 * @cancelSafety cancel safe: the resource is tied in the poll that gives it
 * @source `Drop`, which in Rust cannot wait
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { acquire, asyncFn, run } from "yamanote";
 *
 * const log: string[] = [];
 * const query = asyncFn(function* () {
 *   yield* acquire({ async [Symbol.asyncDispose]() { log.push("closed"); } });
 *   log.push("used");
 * });
 * await run(query());
 * assert.deepEqual(log, ["used", "closed"]);
 * ```
 */
export function acquire<T extends AsyncDisposable | Disposable>(resource: T): Future<T> {
	if (typeof (resource as Partial<AsyncDisposable> | null)?.[Symbol.asyncDispose] === "function")
		return new Acquire(resource, resource as AsyncDisposable);
	if (typeof (resource as Partial<Disposable> | null)?.[Symbol.dispose] === "function")
		return new Acquire(resource, new Sync(resource as Disposable));
	throw new TypeError(`acquire: ${describe(resource)} has neither Symbol.asyncDispose nor Symbol.dispose`);
}
