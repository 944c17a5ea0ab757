/** A result that nobody receives is not leaked: guards and permits of ours that a discarded value holds are released. */

/** @internal Marks a value that must be released when nobody receives it: a guard, a permit, a channel end. */
export const kRelease: unique symbol = Symbol.for("yamanote.release.v1") as never;

/** @internal Releases what a discarded result holds: itself, or the items of the arrays and records that combinators make. */
export function discard(value: unknown, depth = 3): void {
	if (typeof value !== "object" || value === null) return;
	const release = (value as { [kRelease]?: () => void })[kRelease];
	if (typeof release === "function") release.call(value);
	else if (depth > 0) {
		if (Array.isArray(value)) for (const item of value) discard(item, depth - 1);
		else if (Object.getPrototypeOf(value) === Object.prototype)
			for (const item of Object.values(value)) discard(item, depth - 1);
	}
}

/** @internal Somebody keeps this value for others: a result that has it is discarded without a release. */
export function keep(value: unknown): void {
	if (typeof value === "object" && value !== null && kRelease in value)
		Object.defineProperty(value, kRelease, { value: undefined, configurable: true });
}

/** @internal It is kept no more. */
export function unkeep(value: unknown): void {
	if (typeof value === "object" && value !== null) delete (value as { [kRelease]?: unknown })[kRelease];
}
