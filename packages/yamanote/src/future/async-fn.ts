/** Named operations: `asyncFn`, `promiseFn`, `run`. */
import { describe } from "../core/error.ts";
import { FnFuture } from "../core/frame.ts";
import type { Future } from "../core/future.ts";
import { generated, isGenerator, isGeneratorFunction } from "../core/generator.ts";
import type { Err, Out, Starred } from "../core/types.ts";
import { type RunOptions, start } from "./run.ts";

type Body = Iterator<unknown, unknown, never>;

/**
 * `F`, hidden from the compiler until it knows `A`: so a parameter without a type has that of its default, `(limit = 3)` a number, rather than
 * that of an item of `A`.
 */
type Given<A, F> = A extends unknown[] ? F : never;

/** The generator before the compiler has looked at the function. */
interface Unseen {
	readonly unseen: never;
}

/** Refuses what makes no generator, and a plain `yield`, in one sentence. */
type Operation<G> = Unseen extends G
	? unknown
	: G extends Body
		? Starred<G>
		: "give a generator function: write `function*` for `async`, and `yield*` for `await`";

/** An argument that is missing unless the function has a `this` of its own: the overload is passed over, and none shows `this: unknown`. */
type HasThis<This, G> = unknown extends This ? (Unseen extends G ? [] : [never]) : [];

/** What another function than a generator function returned, as a generator. */
function checkedGenerator(f: unknown, gen: unknown): Body {
	if (isGenerator(gen)) return gen as Body;
	if (typeof (gen as Body | null)?.next !== "function")
		throw new TypeError(`asyncFn: ${describe(f)} returned ${describe(gen)}: give a generator function (\`function*\`)`);
	return generated(gen as Body) as Body;
}

function checked(what: string, f: unknown): void {
	if (typeof f !== "function") throw new TypeError(`${what}: give a generator function, not ${describe(f)}`);
}

/** Makes an operation of a generator function that has a `this` of its own: its calls must have that `this`. */
export function asyncFn<This, A extends unknown[] = [], G = Unseen>(
	f: Given<A, (this: This, ...args: A) => G> & Operation<G>,
	...own: HasThis<This, G>
): (this: This, ...args: A) => Future<Out<G>, Err<G>>;
/**
 * Makes an operation of a generator function: `function*` stands for `async`, `yield*` for `await`. Each call gives a {@link Future}: it
 * runs nothing until it is polled, can be cancelled at each `yield*`, and is resumed in the same time however deep its callers are.
 *
 * `this`, generic parameters, defaults, name and length of the function are kept. Its name is known inside as the bare generator that it was
 * before: an operation that calls itself does so by the name of its constant.
 *
 * @throws {@link TypeError} at the call, if it is given no function, or one that makes no generator
 * @source `async fn`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { asyncFn, run, sleep } from "yamanote";
 *
 * const greet = asyncFn(function* (name: string) {
 *   yield* sleep(1);
 *   return `hello ${name}`;
 * });
 * assert.equal(await run(greet("Ada")), "hello Ada");
 * assert.equal(await greet("Bob"), "hello Bob");
 * ```
 */
export function asyncFn<A extends unknown[] = [], G = Unseen>(
	f: Given<A, (...args: A) => G> & Operation<G>,
): (...args: A) => Future<Out<G>, Err<G>>;
export function asyncFn<This, A extends unknown[], G>(f: unknown): (this: This, ...args: A) => Future<Out<G>, Err<G>> {
	checked("asyncFn", f);
	const g = f as (this: This, ...args: A) => G;
	const sure = isGeneratorFunction(f);
	return named(g, function (this: This, ...args: A) {
		const gen = g.apply(this, args);
		return new FnFuture<Out<G>, Err<G>>(sure ? (gen as Body) : checkedGenerator(g, gen));
	});
}

/** Makes an `async` function of a generator function that has a `this` of its own: its calls must have that `this`. */
export function promiseFn<This, A extends unknown[] = [], G = Unseen>(
	f: Given<A, (this: This, ...args: A) => G> & Operation<G>,
	...own: HasThis<This, G>
): (this: This, ...args: A) => Promise<Out<G>>;
/**
 * Makes an `async` function of a generator function: `asyncFn` and `run` in one, a drop-in for an existing `async function`.
 *
 * As with `run`, a call in an async body that is itself a task is cancelled with that body. Elsewhere nothing can cancel it: for a signal
 * make an operation (`asyncFn`), and `run(operation(…), { signal })`.
 *
 * @source none: `block_on` for each call
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { promiseFn, sleep } from "yamanote";
 *
 * const load = promiseFn(function* (id: number) {
 *   yield* sleep(1);
 *   return { id };
 * });
 * assert.deepEqual(await load(7), { id: 7 });
 * ```
 */
export function promiseFn<A extends unknown[] = [], G = Unseen>(
	f: Given<A, (...args: A) => G> & Operation<G>,
): (...args: A) => Promise<Out<G>>;
export function promiseFn<This, A extends unknown[], G>(f: unknown): (this: This, ...args: A) => Promise<Out<G>> {
	checked("promiseFn", f);
	const g = f as (this: This, ...args: A) => G;
	const sure = isGeneratorFunction(f);
	return named(g, function (this: This, ...args: A) {
		let gen: G;
		try {
			gen = g.apply(this, args);
		} catch (error) {
			// As an async function: what its parameters throw is a rejection.
			return Promise.reject(error);
		}
		return start(new FnFuture<Out<G>>(sure ? (gen as Body) : checkedGenerator(g, gen)), {} satisfies RunOptions);
	});
}

function named<F extends (...args: never[]) => unknown>(
	from: { readonly name: string; readonly length: number },
	f: F,
): F {
	Object.defineProperty(f, "name", { value: from.name, configurable: true });
	Object.defineProperty(f, "length", { value: from.length, configurable: true });
	return f;
}
