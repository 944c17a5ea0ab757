/** The types that every signature of the library is made of: what can be waited for, what comes out, what can fail. */
import type { Future } from "./future.ts";

/** What a future yields to its driver. A type only: no value of it exists. A generator that yields anything else has a plain `yield`. */
export interface Wait<out E> {
	readonly "write `yield*` (with the star) to wait for a future": E;
}

/** The iterator of a future, for `yield*`. */
export interface FutureIterator<T, E> extends Iterator<Wait<E>, T, unknown> {}

/**
 * What a generator function of a task returns: write it where a declaration needs an explicit type.
 *
 * @example
 * ```ts
 * import { type Async, asyncFn, sleep } from "yamanote";
 *
 * export const nap = asyncFn(function* (ms: number): Async<string> {
 *   yield* sleep(ms);
 *   return "rested";
 * });
 * ```
 */
export type Async<T, E = never> = Generator<Wait<E>, T, unknown>;

/** What a task body is given: `function* (task) {}`, `async (task) => {}`. Its functions are bound, so it can be destructured. */
export interface TaskContext {
	/** Aborted when the body is cancelled. Made on first use. */
	readonly signal: AbortSignal;
	/** Waits for a future from an async body: cancelled with it, also where the engine has no AsyncLocalStorage. */
	readonly run: <const F extends IntoFuture>(f: F & Starred<F>) => Promise<Out<F>>;
	/** Throws the cancellation if the body is cancelled. */
	readonly throwIfCancelled: () => void;
	/** The number of the task. */
	readonly id: number;
	/** The name of the task, if it was given one. */
	readonly name: string | undefined;
}

/**
 * Whatever can be waited for: a future, a generator, a promise (already running, so it cannot be cancelled), or a function that
 * makes one of them, called at the first poll: `function* () {}`, `async ({ signal }) => {}`.
 */
export type IntoFuture =
	| Future<unknown, unknown>
	| Iterator<unknown, unknown, never>
	| PromiseLike<unknown>
	| ((task: TaskContext) => Iterator<unknown, unknown, never> | PromiseLike<unknown>);

/** The value that comes out of an {@link IntoFuture}. */
export type Out<F> =
	F extends Future<infer T, infer _>
		? T
		: F extends Iterator<infer _, infer T, infer _>
			? T
			: F extends PromiseLike<infer T>
				? T
				: F extends (task: TaskContext) => infer R
					? Out<R>
					: never;

/** The failures that an {@link IntoFuture} declares. */
export type Err<F> =
	F extends Future<infer _, infer E>
		? E
		: F extends Iterator<infer Y, infer _, infer _>
			? ErrorOf<Y>
			: F extends PromiseLike<unknown>
				? never
				: F extends (task: TaskContext) => infer R
					? Err<R>
					: never;

/** The failures in what a generator yields. */
export type ErrorOf<Y> = Y extends Wait<infer E> ? E : never;

/** What a generator yields. */
type YieldOf<F> =
	F extends Future<infer _, infer _>
		? never
		: F extends Iterator<infer Y, infer _, infer _>
			? Y
			: F extends PromiseLike<unknown>
				? never
				: F extends (task: TaskContext) => infer R
					? YieldOf<R>
					: never;

/** Refuses a generator that has a plain `yield`, in one sentence. */
export type Starred<F> =
	unknown extends YieldOf<F> // F is still its constraint: a callback is just being given its parameter types
		? unknown
		: [YieldOf<F>] extends [Wait<unknown>]
			? unknown
			: "this generator has a plain `yield`: write `yield*` to wait for a future";

/** {@link Starred} for each field of an array or record. */
export type StarredAll<F> = { [K in keyof F]: Starred<F[K]> };

/** An array of futures. */
export type Futures = readonly IntoFuture[];

/** A record of futures. */
export interface FutureRecord {
	readonly [key: string]: IntoFuture;
}

/** The values of an array or record of futures, field by field. */
export type Outs<F> = { -readonly [K in keyof F]: Out<F[K]> };

/** The declared failures of all fields of an array or record. */
export type Errs<F> = F extends Futures ? Err<F[number]> : Err<F[keyof F]>;
