/** From promises and callbacks to futures. */
import { discard } from "../core/discard.ts";
import { checkFunction, checkOptions, describe } from "../core/error.ts";
import { FromPromise } from "../core/from-promise.ts";
import { Future } from "../core/future.ts";
import { type Context, Pending, type Poll, type Waker } from "../core/poll.ts";

/** Options of {@link fromPromise}. */
export interface FromPromiseOptions<E> {
	/** Makes the declared failure from what the promise was rejected with. */
	readonly catch?: ((error: unknown) => E) | undefined;
}

function promised<T>(made: PromiseLike<T>): PromiseLike<T> {
	if (typeof made?.then !== "function")
		throw new TypeError(`fromPromise: the function returned ${describe(made)}: give one that starts a promise`);
	return made;
}

/** One that makes its failure from what the promise was rejected with, if it is told how. */
class Declared<T, E> extends FromPromise<T, E> {
	readonly #mapError: ((error: unknown) => unknown) | undefined;

	constructor(promise: PromiseLike<T> | (() => PromiseLike<T>), mapError?: (error: unknown) => unknown) {
		super(promise);
		this.#mapError = mapError;
	}

	override poll(cx: Context): Poll<T> {
		if (this.state === "failed" && this.#mapError !== undefined) throw this.#mapError(this.result);
		return super.poll(cx);
	}
}

class Abortable<T, E> extends Declared<T, E> {
	readonly #controller: AbortController;

	constructor(f: (signal: AbortSignal) => PromiseLike<T>, mapError?: (error: unknown) => unknown) {
		const controller = new AbortController();
		super(() => promised(f(controller.signal)), mapError);
		this.#controller = controller;
	}

	protected override drop(): void {
		super.drop();
		this.#controller.abort();
	}
}

/**
 * A promise as a future. Given a function, it is called at the first poll, with a signal that is aborted when the future is dropped; a
 * promise runs already, so it cannot be cancelled. The promise itself is not waited for when the future is dropped.
 *
 * @param promise - a promise, or a function that starts one
 * @errors what `catch` makes of the rejection; without it, the rejection as it is, undeclared
 * @cancelSafety cancel safe if the started work is: what it would have given is lost
 * @source none: promises are eager
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fromPromise, run } from "yamanote";
 *
 * class Down extends Error {
 *   readonly code = "DOWN";
 * }
 * const load = fromPromise(async (signal) => (signal.aborted ? "" : Promise.reject(new Error("refused"))), {
 *   catch: (cause) => new Down("the service is down", { cause }),
 * });
 * await assert.rejects(run(load), Down);
 * ```
 */
export function fromPromise<T, E = never>(
	promise: PromiseLike<T> | ((signal: AbortSignal) => PromiseLike<T>),
	options: FromPromiseOptions<E> = {},
): Future<T, E> {
	checkOptions("fromPromise", options);
	if (options.catch !== undefined) checkFunction("fromPromise: catch", options.catch);
	if (typeof promise === "function") return new Abortable<T, E>(promise, options.catch);
	if (typeof promise?.then !== "function")
		throw new TypeError(`fromPromise: give a promise or a function that starts one, not ${describe(promise)}`);
	return new Declared<T, E>(promise, options.catch);
}

/** What a callback API is started with by {@link fromCallback}. */
export interface Settle<T> {
	/** Completes the future. Only the first of `resolve` and `reject` counts. */
	resolve(value: T): void;
	/** Fails the future. */
	reject(error: unknown): void;
}

class FromCallback<T, E> extends Future<T, E> {
	readonly #start: (settle: Settle<T>) => (() => void) | void;
	#stop: (() => void) | void = undefined;
	#state: "new" | "waiting" | "ok" | "failed" | "dropped" = "new";
	#result: unknown;
	#waker: Waker | null = null;

	constructor(start: (settle: Settle<T>) => (() => void) | void) {
		super();
		this.#start = start;
	}

	poll(cx: Context): Poll<T> {
		if (this.#state === "new") {
			this.#state = "waiting";
			const stop = this.#start({ resolve: (v) => this.#settle("ok", v), reject: (e) => this.#settle("failed", e) });
			if (stop != null && typeof stop !== "function")
				throw new TypeError(
					`fromCallback: start returned ${describe(stop)}: it must return a function that stops the work, or nothing`,
				);
			this.#stop = stop;
		}
		if (this.#state === "waiting") {
			this.#waker = cx.waker;
			return Pending;
		}
		this.#end();
		if (this.#state === "failed") throw this.#result;
		return this.#result as T;
	}

	#settle(state: "ok" | "failed", result: unknown): void {
		if (this.#state === "dropped" && state === "ok") discard(result);
		if (this.#state !== "waiting") return;
		this.#state = state;
		this.#result = result;
		this.#waker?.wake();
	}

	#end(): void {
		const stop = this.#stop;
		this.#stop = undefined;
		stop?.();
	}

	protected override drop(): void {
		if (this.#state === "ok") discard(this.#result);
		this.#state = "dropped";
		this.#waker = null;
		this.#end();
	}
}

/**
 * A callback API as a future. It is started at the first poll; the function that `start` returns is called once, when the future has
 * completed or is dropped: it removes listeners, clears timers.
 *
 * @param start - starts the work, and returns how to stop it
 * @errors what is given to `reject`, undeclared unless `E` is written
 * @cancelSafety cancel safe if stopping the work is
 * @source none
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fromCallback, run } from "yamanote";
 *
 * const soon = fromCallback<string>(({ resolve }) => {
 *   const timer = setTimeout(() => resolve("rung"), 1);
 *   return () => clearTimeout(timer);
 * });
 * assert.equal(await run(soon), "rung");
 * ```
 */
export function fromCallback<T, E = never>(start: (settle: Settle<T>) => (() => void) | void): Future<T, E> {
	checkFunction("fromCallback", start);
	return new FromCallback<T, E>(start);
}
