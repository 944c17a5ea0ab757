/** Moving instead of copying: `transfer`. */
import { describe } from "../core/error.ts";
import * as kinds from "./codec/kinds.ts";

const key = Symbol.for("yamanote.transfer.v1");
const home = globalThis as unknown as Record<symbol, WeakSet<object> | undefined>;
const marks = (): WeakSet<object> => (home[key] ??= new WeakSet());

/** @internal */
export function isMarked(o: object): boolean {
	return marks().has(o);
}

/** @internal It has moved, or is about to. */
export function unmark(o: object): void {
	marks().delete(o);
}

/**
 * Marks a value, so that the next call that sends it moves it to the other thread instead of copying it: here it is empty afterwards. Moving
 * costs the same for any size.
 *
 * Buffers, and views of them, can be moved or copied; message ports and streams can only move. A function of a worker writes
 * `return transfer(bytes)` to move its result. A Node `Buffer` that shares its memory with others is copied all the same.
 *
 * @param value - a buffer, a typed array, a port, a stream, an image bitmap…
 * @returns the same value
 * @throws {@link TypeError} if it is nothing that can move
 * @source moving a value into the closure of `spawn_blocking`
 *
 * @example
 * ```ts no-run
 * // images.worker.ts
 * import { defineWorker, transfer } from "yamanote/threads";
 *
 * export const images = defineWorker(import.meta.url, {
 *   invert(pixels: Uint8Array) {
 *     for (let i = 0; i < pixels.length; i++) pixels[i] = 255 - pixels[i]!;
 *     return transfer(pixels);
 *   },
 * });
 * ```
 *
 * ```ts no-run
 * import { transfer } from "yamanote/threads";
 * import { images } from "./images.worker.ts";
 *
 * const inverted = await images.invert(transfer(new Uint8Array(4_000_000)));
 * ```
 */
export function transfer<T extends object>(value: T): T {
	const prototype =
		typeof value === "object" && value !== null ? (Object.getPrototypeOf(value) as object | null) : null;
	const kind = prototype === null ? kinds.UNKNOWN : kinds.kindOf(prototype);
	if (kind >= kinds.VIEW) {
		const { buffer, byteLength } = value as unknown as ArrayBufferView;
		// Node cuts small Buffers out of a common block, which cannot move.
		if (kind === kinds.VIEW + kinds.NODE_BUFFER_VIEW && byteLength !== buffer.byteLength) return value;
		if (kinds.kindOf(Object.getPrototypeOf(buffer) as object) === kinds.BUFFER) marks().add(buffer);
	} else if (kind === kinds.BUFFER || kind === kinds.MOVED || kind === kinds.CLONED) marks().add(value);
	else if (kind !== kinds.SHARED && kind !== kinds.MEMORY)
		throw new TypeError(`transfer: ${describe(value)} cannot move: send it as it is`);
	return value;
}
