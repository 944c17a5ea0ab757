/** From bytes to values. */
import { hostModule } from "../../core/host.ts";
import type { Descriptor } from "../links/links.ts";
import { registry } from "../sendable.ts";
import { finishError, makeError } from "./decode-error.ts";
import * as tags from "./tags.ts";

interface NodeBuffer extends Uint8Array {
	latin1Slice(start: number, end: number): string;
	ucs2Slice(start: number, end: number): string;
}

type BufferFrom = { from(buffer: ArrayBufferLike, offset: number, length: number): NodeBuffer };

/** Makes ends of channels, and tokens. */
interface Reviver {
	revive(descriptor: Descriptor): object;
}

let nodeBuffer: BufferFrom | null | undefined;

/** @internal Node's `Buffer`, which reads texts faster than a loop; null where there is none. */
export function hostBuffer(): BufferFrom | null {
	nodeBuffer ??= ((hostModule("node:buffer") as { Buffer?: BufferFrom } | undefined)?.Buffer ??
		null) as BufferFrom | null;
	return nodeBuffer;
}

/** @internal Reads the values that one {@link Encoder} has written. */
export class Decoder {
	readonly #bytes: Uint8Array;
	readonly #view: DataView;
	readonly #fast: NodeBuffer | null;
	at = 0;
	#extras: readonly unknown[] = none;
	#links: Reviver | null = null;
	#objects: unknown[] = [];
	#keys: string[] = [];

	/** @param bytes - read from its beginning; may be memory that is shared, and written anew for each message */
	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		const fast = hostBuffer()?.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) ?? null;
		this.#fast = typeof fast?.latin1Slice === "function" ? fast : null;
	}

	/** Begins a message at a place in the bytes. */
	start(at: number, extras: readonly unknown[] | null, links: Reviver | null = null): void {
		this.at = at;
		this.#links = links;
		this.#extras = extras ?? none;
		if (this.#objects.length > 0) this.#objects = [];
		if (this.#keys.length > 0) this.#keys = [];
	}

	varint(): number {
		let n = 0;
		let shift = 0;
		for (;;) {
			const b = this.#bytes[this.at++] as number;
			n |= (b & 127) << shift;
			if (b < 128) return n >>> 0;
			shift += 7;
		}
	}

	value(): unknown {
		const tag = this.#bytes[this.at++] as number;
		if (tag >= 128) return tag & 127;
		switch (tag) {
			case tags.UNDEFINED:
				return undefined;
			case tags.NULL:
				return null;
			case tags.TRUE:
				return true;
			case tags.FALSE:
				return false;
			case tags.INT:
				this.at += 4;
				return this.#view.getInt32(this.at - 4, true);
			case tags.FLOAT:
				return this.#float();
			case tags.LATIN1:
				return this.#latin1();
			case tags.UTF16:
				return this.#utf16();
			case tags.LONG_TEXT:
				return this.#extras[this.varint()];
			case tags.BIGINT:
				return bigint(this.value() as string);
			case tags.REF:
				return this.#objects[this.varint()];
			case tags.LOCKED:
				return this.#locked();
			default:
				return this.#object(tag);
		}
	}

	#object(tag: number): unknown {
		switch (tag) {
			case tags.OBJECT:
				return this.#fields(this.#number({}));
			case tags.ARRAY:
				return this.#list();
			case tags.EXTRA:
				return this.#number(this.#extras[this.varint()] as object);
			case tags.BARE:
				return this.#fields(this.#number(Object.create(null) as object));
			case tags.ARRAY_AND_FIELDS:
				return this.#fields(this.#list());
			case tags.DATE:
				return this.#number(new Date(this.#float()));
			case tags.MAP:
				return this.#map();
			case tags.SET:
				return this.#set();
			case tags.BUFFER:
				return this.#number(this.#copy());
			case tags.BOXED:
				return this.#whole(() => Object(this.value()) as object);
			case tags.URL_:
				return this.#number(new URL(this.value() as string));
			case tags.URL_PARAMS:
				return this.#number(new URLSearchParams(this.value() as string));
			case tags.REGEXP:
				return this.#regexp();
			case tags.VIEW:
				return this.#whole(() => {
					const kind = this.#bytes[this.at++] as number;
					const buffer = this.value() as ArrayBuffer;
					return makeView(kind, buffer, this.varint(), this.varint());
				});
			case tags.WINDOW:
				return this.#window();
			case tags.ERROR:
				return this.#error();
			case tags.CLASS:
				return this.#whole(() => this.#instance());
			case tags.TEMPORAL:
				return this.#temporal();
			case tags.LINK:
				return this.#linked();
			default:
				throw new TypeError(`a message of another version of the library: tag ${tag}`);
		}
	}

	/** Numbers an object, so that REF finds it. */
	#number<T>(o: T): T {
		this.#objects.push(o);
		return o;
	}

	/** Numbers an object before the parts that it is made of. */
	#whole(make: () => unknown): unknown {
		const objects = this.#objects;
		const i = objects.push(undefined) - 1;
		const o = make();
		objects[i] = o;
		return o;
	}

	#float(): number {
		this.at += 8;
		return this.#view.getFloat64(this.at - 8, true);
	}

	#latin1(): string {
		const n = this.varint();
		const from = this.at;
		this.at += n;
		if (n > 12 && this.#fast !== null) return this.#fast.latin1Slice(from, from + n);
		let s = "";
		for (let i = from; i < from + n; i++) s += String.fromCharCode(this.#bytes[i] as number);
		return s;
	}

	#utf16(): string {
		const n = this.varint();
		const from = this.at;
		this.at += 2 * n;
		if (this.#fast !== null) return this.#fast.ucs2Slice(from, from + 2 * n);
		let s = "";
		for (let i = from; i < from + 2 * n; i += 2) s += String.fromCharCode(this.#view.getUint16(i, true));
		return s;
	}

	#list(): unknown[] {
		const n = this.varint();
		// Each item takes a byte at least: an array of more items has more holes than that.
		const dense = n >= 1_000 && n <= this.#bytes.length - this.at;
		const a = this.#number<unknown[]>(dense ? new Array(n) : []);
		a.length = n;
		for (let i = 0; i < n; i++) {
			if (this.#bytes[this.at] === tags.HOLES) {
				this.at++;
				i += this.varint() - 1;
			} else a[i] = this.value();
		}
		return a;
	}

	#fields<T extends object>(o: T): T {
		const n = this.varint();
		for (let i = 0; i < n; i++) {
			const known = this.varint();
			let key: string;
			if (known > 0) key = this.#keys[known - 1] as string;
			else this.#keys.push((key = this.value() as string));
			const value = this.value();
			if (key === "__proto__") define(o, key, value, true);
			else (o as Record<string, unknown>)[key] = value;
		}
		return o;
	}

	#map(): Map<unknown, unknown> {
		const n = this.varint();
		const map = this.#number(new Map<unknown, unknown>());
		for (let i = 0; i < n; i++) {
			const key = this.value();
			map.set(key, this.value());
		}
		return map;
	}

	#set(): Set<unknown> {
		const n = this.varint();
		const set = this.#number(new Set<unknown>());
		for (let i = 0; i < n; i++) set.add(this.value());
		return set;
	}

	#regexp(): RegExp {
		const flags = this.value() as string;
		const regexp = this.#number(new RegExp(this.value() as string, flags));
		regexp.lastIndex = this.value() as number;
		return regexp;
	}

	#copy(): ArrayBuffer {
		const n = this.varint();
		const copy = new Uint8Array(n);
		copy.set(this.#bytes.subarray(this.at, this.at + n));
		this.at += n;
		return copy.buffer;
	}

	#window(): ArrayBufferView {
		const kind = this.#bytes[this.at++] as number;
		const beside = this.#bytes[this.at++] === 1;
		const buffer = beside ? (this.#extras[this.varint()] as ArrayBuffer) : this.#copy();
		return this.#number(makeView(kind, buffer, 0, buffer.byteLength));
	}

	#locked(): object {
		const degree = this.#bytes[this.at++];
		const o = this.value() as object;
		if (degree === tags.FROZEN) return Object.freeze(o);
		return degree === tags.SEALED ? Object.seal(o) : Object.preventExtensions(o);
	}

	#instance(): unknown {
		const name = this.value() as string;
		const data = this.value();
		const from = registry().byName.get(name)?.fromSend;
		if (from === undefined)
			throw new TypeError(
				`no class is registered as ${JSON.stringify(name)} in this thread: import its module here too`,
			);
		return from(data);
	}

	#linked(): unknown {
		const descriptor = this.#extras[this.varint()] as Descriptor;
		if (this.#links === null)
			throw new TypeError("an end of a channel cannot be made without the thread it comes from");
		return this.#number(this.#links.revive(descriptor));
	}

	#temporal(): unknown {
		const name = this.value() as string;
		const { Temporal } = globalThis as { Temporal?: Record<string, { from(text: string): unknown }> };
		const type = Temporal?.[name];
		if (type === undefined) throw new TypeError(`this thread has no Temporal.${name}`);
		return this.#number(type.from(this.value() as string));
	}

	#error(): Error {
		const base = this.#bytes[this.at++] as number;
		const [registered, name, message, stack] = [this.value(), this.value(), this.value(), this.value()] as string[];
		const error = this.#number(
			makeError(base, registered as string, name as string, message as string, stack as string),
		);
		const n = this.varint();
		for (let i = 0; i < n; i++) {
			const known = this.varint();
			if (known === 0) this.#keys.push(this.value() as string);
			const key = this.#keys[known === 0 ? this.#keys.length - 1 : known - 1] as string;
			define(error, key, this.value(), !quiet.has(key));
		}
		finishError(error);
		return error;
	}
}

const none: readonly unknown[] = [];
const quiet: ReadonlySet<string> = /* @__PURE__ */ new Set(["cause", "errors", "error", "suppressed"]);

function define(o: object, key: string, value: unknown, enumerable: boolean): void {
	Object.defineProperty(o, key, { value, enumerable, writable: true, configurable: true });
}

type ViewClass = (new (
	buffer: ArrayBufferLike,
	offset: number,
	length: number,
) => ArrayBufferView) & {
	readonly BYTES_PER_ELEMENT?: number;
};

function makeView(kind: number, buffer: ArrayBufferLike, offset: number, bytes: number): ArrayBufferView {
	const name = tags.views[kind] as string;
	if (name === "Buffer") {
		const made = hostBuffer()?.from(buffer, offset, bytes);
		return made ?? new Uint8Array(buffer, offset, bytes);
	}
	const type = (globalThis as unknown as Record<string, ViewClass | undefined>)[name];
	if (type === undefined) throw new TypeError(`this thread has no ${name}`);
	return new type(buffer, offset, bytes / (type.BYTES_PER_ELEMENT ?? 1));
}

/** Text in base 36. */
function bigint(text: string): bigint {
	if (text.length <= 10) return BigInt(Number.parseInt(text, 36));
	const negative = text.startsWith("-");
	let n = 0n;
	for (let i = negative ? 1 : 0; i < text.length; i += 10) {
		const part = text.slice(i, i + 10);
		n = n * 36n ** BigInt(part.length) + BigInt(Number.parseInt(part, 36));
	}
	return negative ? -n : n;
}
