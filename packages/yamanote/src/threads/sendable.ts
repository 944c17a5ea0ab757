/** Classes whose instances cross to other threads: how they are registered, and found again over there. */
import { describe } from "../core/error.ts";

/** The method of an instance that gives what is sent in its place: `[toSend]() { return this.cents; }`. */
export const toSend: unique symbol = Symbol.for("yamanote.toSend.v1") as never;

/** The static method of a class that makes an instance of what was sent: `static [fromSend](cents: bigint) { return new Money(cents); }`. */
export const fromSend: unique symbol = Symbol.for("yamanote.fromSend.v1") as never;

/** How a class that is not one's own crosses: what {@link sendable} is given. */
export interface SendableAs<T, D> {
	/** What is sent in place of the instance: anything that may cross itself. */
	readonly toSend: (value: T) => D;
	/** Makes the instance of it, over there. */
	readonly fromSend: (data: D) => T;
}

/** @internal A registered class. */
export interface Registered {
	readonly name: string;
	readonly prototype: object;
	/** Undefined for an error class whose fields are sent as they are. */
	readonly toSend: ((value: object) => unknown) | undefined;
	readonly fromSend: ((data: unknown) => unknown) | undefined;
}

interface Registry {
	readonly byPrototype: Map<object, Registered>;
	readonly byName: Map<string, Registered>;
}

const key = Symbol.for("yamanote.sendables.v1");
const home = globalThis as unknown as Record<symbol, Registry | undefined>;

/** @internal Shared by all copies of the library in one thread. */
export function registry(): Registry {
	return (home[key] ??= { byPrototype: new Map(), byName: new Map() });
}

// biome-ignore lint/suspicious/noExplicitAny: any class, whatever its constructor takes
type Class<T> = abstract new (...args: any) => T;

/** A class that knows how its instances cross. */
export type SendableClass<D> = Class<{ [toSend](): D }> & { [fromSend](data: D): unknown };

/**
 * Registers a class, so that its instances cross to other threads as what they are. Call it beside the class, in a module that both
 * threads import. Registering the same class again is fine.
 *
 * Three forms: a class with `[toSend]()` and `static [fromSend](data)`; a class that is not one's own, with two functions; and an error
 * class, whose name, message, stack, cause and own fields cross by themselves (its constructor does not run again).
 *
 * @param name - the same in every thread, unique in the program: `"shop/Money"`
 * @throws {@link TypeError} if it is no class, if it does not say how its instances cross, or if the name is taken by another class
 * @source `unsafe impl Send`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { checkSend, fromSend, sendable, toSend } from "yamanote/threads";
 *
 * class Money {
 *   readonly cents: bigint;
 *   constructor(cents: bigint) {
 *     this.cents = cents;
 *   }
 *   [toSend]() {
 *     return this.cents;
 *   }
 *   static [fromSend](cents: bigint) {
 *     return new Money(cents);
 *   }
 * }
 * sendable("shop/Money", Money);
 * checkSend(new Money(7n));
 * assert.throws(() => checkSend({ at: new (class Place {})() }), /value\.at is a Place/);
 * ```
 */
export function sendable<T extends object, D>(name: string, type: Class<T>, as: SendableAs<T, D>): void;
export function sendable<T extends Error>(name: string, type: Class<T>): void;
export function sendable<D>(name: string, type: SendableClass<D>): void;
// biome-ignore lint/suspicious/noExplicitAny: one body for the three forms
export function sendable(name: string, type: unknown, as?: SendableAs<any, any>): void {
	if (typeof name !== "string" || name === "") throw new TypeError("sendable: give a name, the same in every thread");
	const prototype = typeof type === "function" ? (type.prototype as object | undefined) : undefined;
	if (typeof prototype !== "object") throw new TypeError(`sendable: give a class, not ${describe(type)}`);
	const { byName, byPrototype } = registry();
	const before = byName.get(name);
	if (
		before !== undefined &&
		before.prototype !== prototype &&
		before.prototype.constructor.name !== (type as { name: string }).name
	)
		throw new TypeError(`sendable: the name ${JSON.stringify(name)} is taken by another class`);
	const entry = { name, prototype, ...conversions(type as { readonly name: string }, prototype, as) };
	byName.set(name, entry);
	byPrototype.set(prototype, entry);
}

function conversions(
	type: { readonly name: string },
	prototype: object,
	as: SendableAs<object, unknown> | undefined,
): Pick<Registered, "toSend" | "fromSend"> {
	if (as !== undefined) {
		if (typeof as.toSend !== "function" || typeof as.fromSend !== "function")
			throw new TypeError(`sendable: give { toSend, fromSend } for ${type.name}, two functions`);
		return { toSend: as.toSend, fromSend: as.fromSend };
	}
	const from = (type as { [fromSend]?: (data: unknown) => unknown })[fromSend];
	if (typeof (prototype as { [toSend]?: unknown })[toSend] === "function" && typeof from === "function")
		return {
			toSend: (value) => (value as { [toSend](): unknown })[toSend](),
			fromSend: (data) => from.call(type, data),
		};
	if (prototype instanceof Error) return { toSend: undefined, fromSend: undefined };
	throw new TypeError(
		`sendable: ${type.name} needs [toSend]() and static [fromSend](data), or give { toSend, fromSend } as third argument`,
	);
}
