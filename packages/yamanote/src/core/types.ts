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
	readonly run: <const F extends Waitable>(f: F & Starred<F>) => Promise<Out<F>>;
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

/** What a parameter is constrained by that takes an {@link IntoFuture}: wider, so that {@link Starred} can refuse what is none in a sentence. */
export type Waitable = IntoFuture | object | string | number | bigint | boolean | symbol;

/** Why something cannot be waited for; `never` if it can. */
type Refusal<F> =
	F extends Future<infer _, infer _>
		? never
		: F extends Iterator<infer Y, infer _, infer _>
			? PlainYield<Y>
			: F extends PromiseLike<unknown>
				? never
				: F extends (task: TaskContext) => infer R
					? RefusalOfResult<R>
					: F extends (...args: never) => unknown
						? "this function takes arguments: call it, as in `f(x)`, or give a function that does: `() => f(x)`"
						: F extends AsyncIterable<unknown>
							? "an async generator is no future: take its items with `each(items, function* (item) {})`"
							: F extends object
								? "this is no future: give a future, a generator function, an async function, or a promise"
								: Refused<"this is no future: give a future, a generator function, an async function, or a promise">;

/** A sentence that the compiler prints where a literal will not do: beside a primitive, which would leave `never`, or for what is gone. */
export interface Refused<out Say> {
	readonly refused: Say;
}

/** Nothing. In a type alias it makes the compiler print the alias with its argument, so that a message can have a sentence. */
export type Unsaid<Say> = Say extends never ? Say : never;

type RefusalOfResult<R> =
	R extends Future<infer _, infer _>
		? never
		: R extends Iterator<infer Y, infer _, infer _>
			? PlainYield<Y>
			: R extends PromiseLike<unknown>
				? never
				: R extends AsyncIterable<unknown>
					? "an async generator is no future: take its items with `each(items(), function* (item) {})`"
					: "this function returns no future: write `function*` or `async`, or return what is to be waited for";

/** The sentence for a generator with a plain `yield`; `never` for anything else. */
export type PlainYieldOf<R> =
	R extends Future<infer _, infer _> ? never : R extends Iterator<infer Y, infer _, infer _> ? PlainYield<Y> : never;

type PlainYield<Y> = unknown extends Y
	? never
	: [Y] extends [Wait<unknown>]
		? never
		: "this generator has a plain `yield`: write `yield*` to wait for a future";

/** Refuses what is no future, and a generator that has a plain `yield`, in one sentence. */
export type Starred<F> = object extends F // F is still its constraint: a callback is just being given its parameter types
	? unknown
	: [Refusal<F>] extends [never]
		? unknown
		: Refusal<F>;

/** What a function may return that is given items, as far as type parameters say: as {@link Waitable}. {@link StarredResult} says the rest. */
export type Returnable = Waitable | null | undefined | void;

/** {@link Starred} for what a function returns. */
export type StarredResult<R> = object extends R
	? unknown
	: [RefusalOfItem<R>] extends [never]
		? unknown
		: RefusalOfItem<R>;

type RefusalOfItem<R> = R extends AnyFunction ? Refusal<R> : RefusalOfResult<R>;

/** {@link Starred} for the items of an iterable. */
export type StarredEach<F> = object extends F ? unknown : [Refusal<F>] extends [never] ? unknown : Refused<Refusal<F>>;

/** {@link Starred} for each field of an array or record. */
export type StarredAll<F> = { [K in keyof F]: Starred<F[K]> };

/** Any function at all. */
export type AnyFunction = (...args: never) => unknown;

/**
 * What combinators of an array or record are constrained by. Its fields are wider than futures, as {@link Waitable} is; it must not be wider
 * itself, or callbacks among the fields lose the types of their parameters. The argument is a sentence that the compiler prints.
 */
export type Waitables<Say> = readonly Waitable[] | { readonly [key: string]: Waitable } | Unsaid<Say>;

/** An array of futures. */
export type Futures = readonly IntoFuture[];

/** A record of futures. */
export interface FutureRecord {
	readonly [key: string]: IntoFuture;
}

/** The values of an array or record of futures, field by field. */
export type Outs<F> = { -readonly [K in keyof F]: Out<F[K]> };

/** The declared failures of all fields of an array or record. */
export type Errs<F> = F extends readonly unknown[] ? Err<F[number]> : Err<F[keyof F]>;
