/** What an object is, by its prototype: the same for objects of another realm (`vm` contexts, Jest), whose built-in classes are twins of ours. */
import { hostModule } from "../../core/host.ts";
import { linked } from "../links/movable.ts";
import { errors, views } from "./tags.ts";

export const UNKNOWN = 0;
export const PLAIN = 1;
export const LIST = 2;
export const DATE = 3;
export const REGEXP = 4;
export const MAP = 5;
export const SET = 6;
export const BUFFER = 7;
export const SHARED = 8;
export const BOXED = 9;
export const URL_ = 10;
export const URL_PARAMS = 11;
/** Known to structured clone. */
export const CLONED = 12;
/** Can only move, by transfer. */
export const MOVED = 13;
export const PROMISE = 14;
export const WEAK = 15;
export const SIGNAL = 16;
export const TEMPORAL = 17;
/** An end of a channel, or a token. */
export const LINKED = 18;
/** A WebAssembly.Memory: crosses if it is shared. */
export const MEMORY = 19;
/** This and the place of the class among `errors`. */
export const ERROR = 32;
/** This and the place of the class among `views`. */
export const VIEW = 64;
/** The place of Node's `Buffer` among the views. */
export const NODE_BUFFER_VIEW = 12;

const language: { readonly [name: string]: number } = {
	Object: PLAIN,
	Array: LIST,
	Date: DATE,
	RegExp: REGEXP,
	Map: MAP,
	Set: SET,
	ArrayBuffer: BUFFER,
	SharedArrayBuffer: SHARED,
	Number: BOXED,
	String: BOXED,
	Boolean: BOXED,
	BigInt: BOXED,
	Promise: PROMISE,
	WeakMap: WEAK,
	WeakSet: WEAK,
	WeakRef: WEAK,
	FinalizationRegistry: WEAK,
};

const host: { readonly [name: string]: number } = {
	URL: URL_,
	URLSearchParams: URL_PARAMS,
	AbortSignal: SIGNAL,
	AbortController: SIGNAL,
	MessagePort: MOVED,
	ReadableStream: MOVED,
	WritableStream: MOVED,
	TransformStream: MOVED,
	OffscreenCanvas: MOVED,
};

const cloned =
	"Blob File FileList CryptoKey ImageBitmap ImageData DOMRect DOMRectReadOnly DOMPoint DOMPointReadOnly DOMQuad DOMMatrix DOMMatrixReadOnly VideoFrame AudioData EncodedVideoChunk EncodedAudioChunk RTCCertificate FileSystemHandle FileSystemFileHandle FileSystemDirectoryHandle GPUCompilationInfo";

let kinds: Map<object, number> | undefined;

type Named = Record<string, { readonly prototype?: object } | undefined>;

function fill(): Map<object, number> {
	const map = new Map<object, number>();
	const g = globalThis as unknown as Named;
	const add = (names: Named, name: string, kind: number): void => {
		const prototype = names[name]?.prototype;
		if (prototype !== undefined) map.set(prototype, kind);
	};
	for (const name of cloned.split(" ")) add(g, name, CLONED);
	const wasm = (g as { WebAssembly?: Named }).WebAssembly;
	if (wasm !== undefined) {
		add(wasm, "Module", CLONED);
		add(wasm, "Memory", MEMORY);
	}
	const temporal = (g as { Temporal?: Named }).Temporal;
	if (temporal !== undefined) for (const name of Object.getOwnPropertyNames(temporal)) add(temporal, name, TEMPORAL);
	for (const { prototype } of linked) map.set(prototype, LINKED);
	for (const names of [language, host]) for (const name in names) add(g, name, names[name] as number);
	views.forEach((name, i) => {
		add(g, name, VIEW + i);
	});
	errors.forEach((name, i) => {
		add(g, name, ERROR + i);
	});
	return map;
}

/** @internal What objects with this prototype are. */
export function kindOf(prototype: object): number {
	kinds ??= fill();
	let kind = kinds.get(prototype);
	if (kind === undefined) {
		kind = strange(prototype);
		kinds.set(prototype, kind);
	}
	return kind;
}

/** A built-in class of another realm, one of Node's own, or a class of the user. */
function strange(prototype: object): number {
	const type = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value as unknown;
	if (typeof type !== "function") return UNKNOWN;
	const { name } = type;
	if (/\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(type))) {
		const kind = language[name];
		if (kind !== undefined) return kind;
		const view = views.indexOf(name);
		if (view >= 0) return VIEW + view;
		const error = errors.indexOf(name);
		if (error >= 0) return ERROR + error;
	}
	const { KeyObject } = (hostModule("node:crypto") ?? {}) as { KeyObject?: { readonly prototype: object } };
	if (KeyObject !== undefined && Object.prototype.isPrototypeOf.call(KeyObject.prototype, prototype)) return CLONED;
	if (name === "FileHandle" && hostModule("node:fs") !== undefined) return MOVED;
	return UNKNOWN;
}
