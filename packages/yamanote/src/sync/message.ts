/** What channels carry. */

/**
 * Whatever a channel can carry: everything but `undefined`, which stands for "no message".
 *
 * Say `null` where a message has nothing to say.
 */
export type Message = NonNullable<unknown> | null;

/** Refuses types that have `undefined`, where the type is inferred from a value. */
export type Refused<T> = undefined extends T
	? ["a channel carries no `undefined`, which stands for no message: use null"]
	: [];

/** @internal Refuses `undefined`. */
export function checkMessage(value: unknown, where: string): void {
	if (value === undefined)
		throw new TypeError(`${where}: \`undefined\` stands for "no message" and cannot be sent; send null`);
}

/** @internal A count that somebody gave: a whole number in its range. */
export function checkCount(what: string, n: number, min: number, max: number): void {
	if (typeof n !== "number") throw new TypeError(`${what} must be a number, not ${typeof n}`);
	if (!(Number.isInteger(n) && n >= min && n <= max)) {
		throw new RangeError(`${what} must be a whole number from ${min} to ${max}, not ${n}`);
	}
}
