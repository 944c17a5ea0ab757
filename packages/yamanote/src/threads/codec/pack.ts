/** Whole messages: values packed, and unpacked again. */
import { NotSendError } from "../error.ts";
import type { Links, Moved } from "../links/links.ts";
import { unmark } from "../transfer.ts";
import { Decoder } from "./decode.ts";
import { Encoder } from "./encode.ts";
import { AGAIN } from "./encode-buffer.ts";

/** A message that can wait, and be handed to any thread. */
export interface Packed {
	readonly bytes: Uint8Array;
	/** What travels beside the bytes; null if nothing does. */
	readonly extras: unknown[] | null;
	/** What of the extras moves. */
	readonly transfers: object[] | null;
	/** Ends of channels, and tokens, as their owners have them, and where among the extras their links are told. */
	readonly ends: readonly { readonly at: number; readonly end: object }[] | null;
	/** The same, taken from their owners (`links/moved.ts`). */
	readonly moved: readonly { readonly at: number; readonly end: Moved }[] | null;
}

const spare: Encoder[] = [];
const KEEP = 1 << 20;

/** Walks with an encoder of its own, since `toSend` may send something in its turn. */
function withEncoder<R>(root: string, checked: boolean, write: (e: Encoder) => void, read: (e: Encoder) => R): R {
	const e = spare.pop() ?? new Encoder();
	try {
		e.whole = false;
		e.start(root, checked);
		if (!walks(e, write)) {
			e.whole = true;
			e.start(root, checked);
			walks(e, write);
		}
		if (e.transfers.length > 0) for (const o of e.transfers) unmark(o);
		if (e.moves.length > 0) for (const buffer of e.moves) move(e, buffer);
		return read(e);
	} finally {
		if (e.bytes.length <= KEEP) spare.push(e);
	}
}

/** False if the walk has to be made again, since views share a buffer. */
function walks(e: Encoder, write: (e: Encoder) => void): boolean {
	try {
		write(e);
		return true;
	} catch (error) {
		if (error === AGAIN) return false;
		throw error instanceof NotSendError ? error : e.unreadable(error);
	}
}

/** The buffer is empty here from now on. */
function move(e: Encoder, buffer: ArrayBuffer): void {
	const at = e.extras.indexOf(buffer);
	unmark(buffer);
	let moved: ArrayBuffer;
	try {
		moved = structuredClone(buffer, { transfer: [buffer] });
	} catch {
		// It belongs to the engine, which does not part with it.
		moved = buffer.slice(0);
	}
	e.extras[at] = moved;
	e.transfers.push(moved);
}

const finished = (e: Encoder): Packed => ({
	bytes: e.bytes.slice(0, e.at),
	extras: e.extras.length > 0 ? e.extras : null,
	transfers: e.transfers.length > 0 ? e.transfers : null,
	ends: e.ends.length > 0 ? e.ends : null,
	moved: null,
});

/** @internal The arguments of a call, as they are now. */
export function packArguments(args: readonly unknown[], checked: boolean): Packed {
	return withEncoder("args", checked, (e) => writeAll(e, args), finished);
}

function writeAll(e: Encoder, values: readonly unknown[]): void {
	e.varint(values.length);
	e.depth = 1;
	for (let i = 0; i < values.length; i++) {
		e.path[0] = i;
		e.value(values[i]);
	}
	e.depth = 0;
}

/** @internal One value. */
export function packValue(value: unknown, root: string, checked: boolean): Packed {
	return withEncoder(root, checked, (e) => e.value(value), finished);
}

/** @internal What a function threw: it arrives in some form, whatever it is. */
export function packThrown(thrown: unknown): Packed {
	return withEncoder("the error", true, (e) => writeThrown(e, thrown), finished);
}

function writeThrown(e: Encoder, thrown: unknown): void {
	e.lenient = true;
	e.attempt(
		thrown,
		(why) => new TypeError(`a function threw what cannot cross: ${why instanceof Error ? why.message : String(why)}`),
	);
}

/** @internal Writes one value into `target` if it fits there without extras: the number of bytes, or the message as a whole. */
export function packInto(
	value: unknown,
	checked: boolean,
	target: Uint8Array,
	at: number,
	limit: number,
): number | Packed {
	return withEncoder(
		"the result",
		checked,
		(e) => e.value(value),
		(e) => place(e, target, at, limit),
	);
}

/** @internal The same for the arguments of a call. */
export function packArgumentsInto(
	args: readonly unknown[],
	target: Uint8Array,
	at: number,
	limit: number,
): number | Packed {
	return withEncoder(
		"args",
		true,
		(e) => writeAll(e, args),
		(e) => place(e, target, at, limit),
	);
}

function place(e: Encoder, target: Uint8Array, at: number, limit: number): number | Packed {
	const n = e.at;
	if (n > limit || e.extras.length > 0) return finished(e);
	copy(e.bytes, n, target, at);
	return n;
}

/** @internal Copies `n` bytes. */
export function copy(from: Uint8Array, n: number, to: Uint8Array, at: number): void {
	if (n < 40) for (let i = 0; i < n; i++) to[at + i] = from[i] as number;
	else to.set(from.subarray(0, n), at);
}

/** @internal */
export function unpackValue({ bytes, extras }: Pick<Packed, "bytes" | "extras">, links?: Links): unknown {
	const d = new Decoder(bytes);
	d.start(0, extras, links);
	return d.value();
}

/** @internal */
export function unpackArguments({ bytes, extras }: Pick<Packed, "bytes" | "extras">, links: Links): unknown[] {
	const d = new Decoder(bytes);
	d.start(0, extras, links);
	return readArguments(d);
}

/** @internal */
export function readArguments(d: Decoder): unknown[] {
	const args: unknown[] = new Array(d.varint());
	for (let i = 0; i < args.length; i++) args[i] = d.value();
	return args;
}

/** @internal Whether nothing of it needs a look: such arguments are packed when they are sent. */
export function simple(args: readonly unknown[]): boolean {
	for (let i = 0; i < args.length; i++) {
		const v = args[i];
		const t = typeof v;
		if (t !== "number" && t !== "string" && t !== "boolean" && v != null) return false;
	}
	return true;
}
