/** Objects that are neither plain nor an array: what the language and the host give, and strangers. */
import { describe } from "../../core/error.ts";
import { kFuture } from "../../core/poll.ts";
import { canSendShared, NOT_ISOLATED } from "../host-worker.ts";
import { kindOfEnd, whyNot } from "../links/movable.ts";
import { isMarked } from "../transfer.ts";
import type { Encoder } from "./encode.ts";
import { writeBuffer, writeView } from "./encode-buffer.ts";
import { writeList, writeLock, writeMap, writePlain, writeSet } from "./encode-container.ts";
import { writeError } from "./encode-error.ts";
import * as kinds from "./kinds.ts";
import { show } from "./path.ts";
import * as tags from "./tags.ts";

/** @internal */
export function writeByKind(e: Encoder, o: object, prototype: object, kind: number): void {
	if (kind >= kinds.VIEW) return writeView(e, o as ArrayBufferView, kind - kinds.VIEW);
	if (kind >= kinds.ERROR) return writeError(e, o as Error, kind - kinds.ERROR, "");
	switch (kind) {
		case kinds.PLAIN:
			return writePlain(e, o, prototype);
		case kinds.LIST:
			return writeList(e, o as unknown[]);
		case kinds.BUFFER:
			return writeBuffer(e, o as ArrayBuffer);
		case kinds.SHARED:
			if (!canSendShared()) return e.refuse(NOT_ISOLATED);
			return e.extra(o);
		case kinds.MEMORY:
			if (kinds.kindOf(Object.getPrototypeOf((o as { buffer: object }).buffer) as object) !== kinds.SHARED)
				return e.refuse("is a WebAssembly.Memory that is not shared: make it so, or send a copy of its bytes");
			if (!canSendShared()) return e.refuse(NOT_ISOLATED);
			return e.extra(o);
		case kinds.CLONED:
			if (isMarked(o)) e.transfers.push(o);
			return e.extra(o);
		case kinds.MOVED:
			if (!isMarked(o)) return e.refuse(`is a ${nameOf(o)}: it can only move, write transfer(it)`);
			e.transfers.push(o);
			return e.extra(o);
		case kinds.UNKNOWN:
			return writeStranger(e, o, prototype);
		case kinds.LINKED:
			return writeLinked(e, o);
		case kinds.PROMISE:
			return e.refuse("is a promise: await it, and send its value");
		case kinds.WEAK:
			return e.refuse("is weak: weak references do not cross threads");
		case kinds.SIGNAL:
			return e.refuse(
				`is an ${nameOf(o)}: a function of a worker has its own, abortSignal(); or send a CancellationToken`,
			);
	}
	refuseFields(e, o);
	switch (kind) {
		case kinds.DATE:
			e.byte(tags.DATE);
			return e.float((o as Date).getTime());
		case kinds.REGEXP:
			e.byte(tags.REGEXP);
			e.text((o as RegExp).flags);
			e.text((o as RegExp).source);
			return writeLastIndex(e, o as RegExp);
		case kinds.MAP:
			return writeMap(e, o as Map<unknown, unknown>);
		case kinds.SET:
			return writeSet(e, o as Set<unknown>);
		case kinds.URL_:
			e.byte(tags.URL_);
			return e.text((o as URL).href);
		case kinds.URL_PARAMS:
			e.byte(tags.URL_PARAMS);
			return e.text(String(o));
		case kinds.TEMPORAL:
			e.byte(tags.TEMPORAL);
			e.text(nameOf(o));
			return e.text(String(o));
		default:
			e.byte(tags.BOXED);
			return e.value(o.valueOf());
	}
}

function writeLastIndex(e: Encoder, { lastIndex }: RegExp): void {
	if (typeof lastIndex !== "number") e.refuse("is a RegExp whose lastIndex is no number: set it to 0");
	e.number(lastIndex);
}

/** An end of a channel, or a token: it is joined to its other side by a link. */
function writeLinked(e: Encoder, o: object): void {
	const why = e.lenient ? "is an end of a channel, or a token: an error cannot carry it" : whyNot(o);
	if (why !== null) e.refuse(why);
	e.ends.push({ at: e.extras.length, end: o });
	e.extra(null, tags.LINK);
}

/** An instance of a class that nobody has registered. */
function writeStranger(e: Encoder, o: object, prototype: object): void {
	if (e.lenient && o instanceof Error) return writeError(e, o, baseOf(o), "");
	// Of another copy of the library.
	if (kindOfEnd(o) >= 0) return writeLinked(e, o);
	if (!e.checked) return writeByKind(e, o, prototype, baseKind(prototype));
	const is = `is ${describe(o)}`;
	if ((o as { [kFuture]?: boolean })[kFuture] === true) return e.refuse("is a future: wait for it, and send its value");
	if (typeof (o as PromiseLike<unknown>).then === "function")
		return e.refuse("is a promise: await it, and send its value");
	if (typeof (o as { nodeType?: unknown }).nodeType === "number") return e.refuse("is a DOM node: send what it says");
	if (typeof (o as Iterator<unknown>).next === "function") return e.refuse("is an iterator: send an array");
	if (Symbol.dispose in o || Symbol.asyncDispose in o)
		return e.refuse("is a resource of this thread: release it here, and send data");
	if (o instanceof Error) return e.refuse(`${is}: register its class with sendable()`);
	e.refuse(`${is}: register its class with sendable(), or send a plain object`);
}

/** A built-in object with fields of its own would lose them. */
function refuseFields(e: Encoder, o: object): void {
	if (!e.checked) return;
	writeLock(e, o);
	if (e.lenient) return;
	const key = Reflect.ownKeys(o).find((k) => k !== "lastIndex" && !(o instanceof String && isOfText(k, o.length)));
	if (key !== undefined) e.refuse(`is a ${nameOf(o)} with a field of its own, ${show(key)}: send them apart`);
}

/** Whether a `String` of that length has the key of itself: its letters, and its length. */
const isOfText = (key: string | symbol, length: number): boolean =>
	key === "length" || (typeof key === "string" && /^\d+$/.test(key) && Number(key) < length);

const nameOf = (o: object): string => (o.constructor as { name?: string } | undefined)?.name ?? "object";

/** What the nearest known class is. */
function baseKind(prototype: object): number {
	for (let p: object | null = prototype; p !== null; p = Object.getPrototypeOf(p) as object | null) {
		const kind = kinds.kindOf(p);
		if (kind !== kinds.UNKNOWN) return kind;
	}
	return kinds.PLAIN;
}

/** @internal The class of the language that an error's class extends. */
export function baseOf(error: Error): number {
	const kind = baseKind(Object.getPrototypeOf(error) as object);
	return kind >= kinds.ERROR && kind < kinds.VIEW ? kind - kinds.ERROR : 0;
}
