/** What channels carry. */
import { describe } from "../core/error.ts";
import type { Refused, Unsaid } from "../core/types.ts";

/**
 * Whatever a channel can carry: everything but `undefined`, which stands for "no message".
 *
 * Say `null` where a message has nothing to say. The parameter is for the compiler alone, which prints it.
 */
export type Message<Say = unknown> = NonNullable<unknown> | null | Unsaid<Say>;

/** What the compiler prints of {@link Message} where a channel's messages may be `undefined`. */
export type Some = "anything but `undefined`, which stands for no message: say null";

/** `T`, where it is inferred from a value; refused if it has `undefined`. */
export type Carried<T> = undefined extends T ? Refused<Some> : T;

/** @internal Refuses `undefined`. */
export function checkMessage(value: unknown, where: string): void {
	if (value === undefined) throw new TypeError(`${where}: \`undefined\` means "no message": send null`);
}

/** @internal A count that somebody gave: a whole number in its range. */
export function checkCount(what: string, n: number, min = 0, max: number = Number.MAX_SAFE_INTEGER): void {
	if (Number.isInteger(n) && n >= min && n <= max) return;
	const Bad = typeof n === "number" ? RangeError : TypeError;
	throw new Bad(`${what} must be a whole number from ${min} to ${max}, not ${describe(n)}`);
}
