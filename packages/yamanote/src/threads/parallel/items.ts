/** What `parallel` goes over: a range, a typed array, a list; and how its items get to the threads. */
import { describe } from "../../core/error.ts";
import { canShare } from "../host-worker.ts";
import type { Source } from "./chunk-work.ts";
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

/** @internal What an operation goes over, as this thread has it. */
export interface Items extends Source {
	readonly n: number;
	/** Where all threads see them; null: a chunk brings its own. A copy, if need be, is made when it is first asked for. */
	readonly shared: IndexedView | null;
	/** What is shared is a copy. */
	readonly copied: boolean;
	/** A chunk brings its items, and not just first and step of a range. */
	readonly brings: boolean;
	/** What a chunk brings. */
	carried(from: number, to: number): readonly [first?: unknown, step?: unknown];
	/** Whether a function cannot change the caller's own. */
	readonly isPlain: boolean;
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
	if (!Array.isArray(items)) return new RangeItems(rangeOf(items as Range));
	return new ListItems(items, whole);
}

class ListItems implements Items {
	readonly n: number;
	readonly copied: boolean;
	readonly #list: readonly unknown[];
	readonly #whole: boolean;
	#shared: IndexedView | null = null;

	constructor(list: readonly unknown[], whole: boolean) {
		this.n = list.length;
		this.#list = list;
		this.#whole = whole;
		this.copied = !whole && list.length > FEW && canShare() && list.every((item) => typeof item === "number");
	}

	get brings(): boolean {
		return !this.copied;
	}

	get shared(): IndexedView | null {
		return this.copied ? (this.#shared ??= copyOf(Float64Array as never, this.#list as number[])) : null;
	}

	get isPlain(): boolean {
		return !this.#whole && (this.copied || this.#list.every(isPrimitive));
	}

	at(i: number): unknown {
		return this.#list[i];
	}

	whole(from: number, to: number): unknown[] {
		return this.#list.slice(from, to);
	}

	carried(from: number, to: number): readonly [first?: unknown, step?: unknown] {
		return this.copied ? [] : [this.whole(from, to), null];
	}
}

class RangeItems implements Items {
	readonly n: number;
	readonly shared = null;
	readonly copied = false;
	readonly brings = false;
	readonly isPlain = true;
	readonly #first: number;
	readonly #step: number;

	constructor({ first, step, n }: ReturnType<typeof rangeOf>) {
		this.n = n;
		this.#first = first;
		this.#step = step;
	}

	at(i: number): number {
		return this.#first + i * this.#step;
	}

	whole(from: number, to: number): RangeChunk {
		return { from: this.at(from), to: this.at(to), step: this.#step };
	}

	carried(): readonly [first: number, step: number] {
		return [this.#first, this.#step];
	}
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
	return new ViewItems(Class, view);
}

function copyOf(Class: ViewClass, items: ArrayLike<number | bigint>, bytes = 8): IndexedView {
	const shared = new Class(new SharedArrayBuffer(items.length * bytes), 0, items.length);
	shared.set(items as never);
	return shared;
}

/** A view of its own, which does not grow with the memory. */
class ViewItems implements Items {
	readonly n: number;
	readonly copied: boolean;
	readonly brings = false;
	readonly isPlain = true;
	readonly #class: ViewClass;
	readonly #own: IndexedView & TypedArray;
	readonly #isShared: boolean;
	#shared: IndexedView | null = null;

	constructor(Class: ViewClass, { buffer, byteOffset, length }: TypedArray) {
		this.#class = Class;
		this.#own = new Class(buffer, byteOffset, length);
		this.n = length;
		this.#isShared = typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer;
		this.copied = !this.#isShared && canShare();
	}

	get shared(): IndexedView | null {
		if (this.#isShared) return this.#own;
		if (!this.copied) return null;
		return (this.#shared ??= copyOf(this.#class, this.#own, this.#own.BYTES_PER_ELEMENT));
	}

	at(i: number): unknown {
		return this.#own[i];
	}

	whole(from: number, to: number): unknown {
		if (!this.#isShared) return this.#own.slice(from, to);
		return from === 0 && to === this.n ? this.#own : this.#own.subarray(from, to);
	}

	/** Where nothing can be shared. */
	carried(from: number, to: number): readonly [first?: unknown, step?: unknown] {
		return this.#isShared || this.copied ? [] : [this.#own.slice(from, to), null];
	}
}
