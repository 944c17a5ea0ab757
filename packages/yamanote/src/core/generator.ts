/**
 * The generators of the engine, told from iterators that only look like them: the prototype's own `next` resumes them, without a look at
 * the object. Each generator function has a hidden class of its own, so that `it.next` is a slow look-up wherever many kinds pass by.
 */

const functionPrototype: { readonly prototype: Iterator<unknown, unknown> } = Object.getPrototypeOf(function* () {});
const { prototype } = functionPrototype;

/** @internal As `it.next()`, for a generator: `resume.call(it)`. */
export const resume: (this: Iterator<unknown, unknown>) => IteratorResult<unknown, unknown> = prototype.next as never;

/** @internal A generator of this realm. */
export function isGenerator(it: unknown): boolean {
	return Object.prototype.isPrototypeOf.call(prototype, it as object);
}

/** @internal What it makes are generators of this realm. */
export function isGeneratorFunction(f: unknown): boolean {
	return Object.getPrototypeOf(f) === functionPrototype;
}

/** @internal The iterator, as a generator. */
export function* generated(it: Iterator<unknown, unknown>): Generator<unknown, unknown> {
	return yield* { [Symbol.iterator]: () => it };
}
