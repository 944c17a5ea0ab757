/** What `parallel` goes over: a range, a typed array, a list; and how its items get to the threads. */
import { describe } from "../../core/error.ts";
import { canShare } from "../host-worker.ts";
import { listSource, rangeSource, type Source } from "./chunk-work.ts";
import { type IndexedView, isPrimitive } from "./common.ts";

/** Numbers from `from` (default 0), in steps of `step` (default 1), to `to`, which is not among them. */
export interface Range {
	readonly from?: number | undefined;
	readonly to: number;
	readonly step?: number | undefined;
}

/** A part of a {@link Range}, as a function gets it from `chunks()`. */
export interface RangeChunk {
	readonly from: number;
	readonly to: number;
	readonly step: number;
}

/** Any array of numbers, or of bigints, of one size. */
export type TypedArray =
	| Int8Array
	| Uint8Array
	| Uint8ClampedArray
	| Int16Array
	| Uint16Array
	| Int32Array
	| Uint32Array
	| Float32Array
	| Float64Array
	| BigInt64Array
	| BigUint64Array;

/** @internal */
export interface Items {
	readonly n: number;
	/** Where all threads see them; null: a chunk brings its own. */
	readonly shared: IndexedView | null;
	/** What is shared is a copy. */
	readonly copied: boolean;
	/** For this thread. */
	readonly source: Source;
	/** What a chunk brings. */
	carried(from: number, to: number): readonly [first?: unknown, step?: unknown];
	/** Whether a function cannot change the caller's own. */
	isPlain(whole: boolean): boolean;
}

/** So many numbers fit into the small message of a chunk. */
const FEW = 200;

/** @internal Checks what `parallel` was given. */
export function checkItems(items: unknown): void {
	if (Array.isArray(items) || isTyped(items)) return;
	if (typeof items === "object" && items !== null && "to" in items) {
		rangeOf(items as Range);
		return;
	}
	const hint = typeof items === "object" && items !== null && Symbol.iterator in items ? ": write [...it]" : "";
	throw new TypeError(`parallel: give an array, a typed array, or a range { from, to }, not ${describe(items)}${hint}`);
}

/** @internal As they are now. `whole`: the function gets chunks. */
export function readItems(items: unknown, whole: boolean): Items {
	if (isTyped(items)) return readTyped(items);
	if (!Array.isArray(items)) return readRange(items as Range);
	const list = items as readonly unknown[];
	if (!whole && list.length > FEW && canShare() && list.every((item) => typeof item === "number")) {
		const shared = new Float64Array(new SharedArrayBuffer(list.length * 8));
		shared.set(list as number[]);
		return of(list, shared, true);
	}
	return of(list, null, false);
}

function of(list: ArrayLike<unknown>, shared: IndexedView | null, copied: boolean): Items {
	return {
		n: list.length,
		shared,
		copied,
		source: listSource(list, 0, copied || shared === null),
		carried: (from, to) => (shared === null ? [(list as unknown[]).slice(from, to), null] : []),
		isPlain: (whole) => !Array.isArray(list) || (!whole && list.every(isPrimitive)),
	};
}

function readRange(range: Range): Items {
	const { first, step, n } = rangeOf(range);
	return {
		n,
		shared: null,
		copied: false,
		source: rangeSource(first, step),
		carried: () => [first, step],
		isPlain: () => true,
	};
}

function rangeOf({ from = 0, to, step = 1 }: Range): { first: number; step: number; n: number } {
	for (const [name, value] of Object.entries({ from, to, step }))
		if (typeof value !== "number" || !Number.isFinite(value))
			throw new RangeError(`parallel: ${name} of the range must be a finite number, not ${describe(value)}`);
	if (step === 0) throw new RangeError("parallel: step of the range must not be 0");
	const n = Math.max(0, Math.ceil((to - from) / step));
	if (!Number.isSafeInteger(n)) throw new RangeError("parallel: the range has too many numbers to count them");
	return { first: from, step, n };
}

type ViewClass = new (buffer: ArrayBufferLike, offset: number, length: number) => IndexedView & TypedArray;

const tagOf = Object.getOwnPropertyDescriptor(
	Object.getPrototypeOf(Uint8Array.prototype) as object,
	Symbol.toStringTag,
)?.get;

/** The name of the class, whatever extends it (Node's `Buffer`). */
const nameOf = (view: unknown): string | undefined => tagOf?.call(view) as string | undefined;

function isTyped(items: unknown): items is TypedArray {
	return nameOf(items) !== undefined;
}

function readTyped(view: TypedArray): Items {
	const Class = (globalThis as unknown as Record<string, ViewClass>)[nameOf(view) as string] as ViewClass;
	const { buffer, byteOffset, length } = view;
	const own = new Class(buffer, byteOffset, length);
	if (typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer) return of(own, own, false);
	if (!canShare()) return of(own, null, false);
	const shared = new Class(new SharedArrayBuffer(view.byteLength), 0, length);
	shared.set(own as never);
	return of(own, shared, true);
}
