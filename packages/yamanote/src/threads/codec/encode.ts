/**
 * From values to bytes, and the check of what may cross: the two are one walk, so that nothing is carried that was not looked at.
 *
 * The rule: a value arrives as what it was, or is refused with its path. What structured clone damages in silence is carried rightly
 * (error classes, registered classes, `Buffer`, frozen objects, objects without a prototype, aliased views) or refused (getters, symbol keys,
 * hidden fields, instances of other classes).
 */
import { describe } from "../../core/error.ts";
import { kFuture } from "../../core/poll.ts";
import { NotSendError } from "../error.ts";
import { canSendShared, NOT_ISOLATED } from "../host-worker.ts";
import { kindOfEnd, whyNot } from "../links/movable.ts";
import { type Registered, registry } from "../sendable.ts";
import { isMarked } from "../transfer.ts";
import { AGAIN, writeBuffer, writeView } from "./encode-buffer.ts";
import { writeError } from "./encode-error.ts";
import * as kinds from "./kinds.ts";
import * as tags from "./tags.ts";
import { Writer } from "./writer.ts";

/** A step of a path: an index, a key, or a place inside a `Map` or `Set`. */
type Step = number | string | { readonly of: (path: string) => string };

const isArray = Array.isArray;
type LookUp = (key: string) => unknown;
const { __lookupGetter__: getter, __lookupSetter__: setter } = Object.prototype as unknown as {
	__lookupGetter__: LookUp;
	__lookupSetter__: LookUp;
};
const MANY = 1_000;
/** A path of more steps than that is shortened to the first ones. */
const LONG_PATH = 100;
const SHORT_PATH = 10;

/** @internal One walk. Reused, since making the buffer costs more than most messages. */
export class Encoder extends Writer {
	transfers: object[] = [];
	/** Ends of channels, and tokens, and where among the extras their links are told. */
	ends: { readonly at: number; readonly end: object }[] = [];
	/** Marked buffers whose bytes leave this thread when the walk has succeeded. */
	moves: ArrayBuffer[] = [];
	/** Refuse what would be damaged; else take what objects show. */
	checked = true;
	/** Nothing is refused: what cannot cross becomes a text. For what is thrown. */
	lenient = false;
	/** Views are carried with the whole of their buffers. */
	whole = false;
	/** The buffers that were met. */
	buffers: Set<ArrayBufferLike> | null = null;
	root = "value";
	readonly path: Step[] = [];
	depth = 0;
	#seen: object[] = [];
	#numbers: Map<object, number> | null = null;
	#open: Set<object> | null = null;
	readonly #keys: Map<string, number> = new Map();

	start(root: string, checked: boolean): void {
		this.root = root;
		this.checked = checked;
		this.at = 0;
		this.depth = 0;
		this.lenient = false;
		if (this.extras.length > 0) this.extras = [];
		if (this.transfers.length > 0) this.transfers = [];
		if (this.moves.length > 0) this.moves = [];
		if (this.ends.length > 0) this.ends = [];
		this.buffers = null;
		if (this.#seen.length > 0) this.#seen = [];
		this.#numbers = null;
		this.#open = null;
		if (this.#keys.size > 0) this.#keys.clear();
	}

	value(v: unknown): void {
		switch (typeof v) {
			case "number":
				return this.number(v);
			case "string":
				return this.text(v);
			case "boolean":
				return this.byte(v ? tags.TRUE : tags.FALSE);
			case "undefined":
				return this.byte(tags.UNDEFINED);
			case "object":
				return v === null ? this.byte(tags.NULL) : this.#object(v);
			case "bigint":
				this.byte(tags.BIGINT);
				return this.text(v.toString(36));
			case "function":
				return this.refuse("is a function: send data, and call a function of defineWorker there", v);
			default:
				return this.refuse("is a symbol: send a string", v);
		}
	}

	#object(o: object): void {
		const number = this.#numberOf(o);
		if (number >= 0) {
			if (this.#open?.has(o) === true) return this.refuse("contains itself: toSend cannot send a circle", o);
			this.byte(tags.REF);
			return this.varint(number);
		}
		this.#remember(o);
		const prototype = Object.getPrototypeOf(o) as object | null;
		if (prototype === Object.prototype || prototype === null) return this.#plain(o, prototype);
		if (prototype === Array.prototype && isArray(o)) return this.#list(o);
		const registered = registry().byPrototype.get(prototype);
		if (registered !== undefined) return this.#registered(o, registered);
		this.#byKind(o, prototype, kinds.kindOf(prototype));
	}

	#byKind(o: object, prototype: object, kind: number): void {
		if (kind >= kinds.VIEW) return writeView(this, o as ArrayBufferView, kind - kinds.VIEW);
		if (kind >= kinds.ERROR) return writeError(this, o as Error, kind - kinds.ERROR, "");
		switch (kind) {
			case kinds.PLAIN:
				return this.#plain(o, prototype);
			case kinds.LIST:
				return this.#list(o as unknown[]);
			case kinds.BUFFER:
				return writeBuffer(this, o as ArrayBuffer);
			case kinds.SHARED:
				if (!canSendShared()) return this.refuse(NOT_ISOLATED, o);
				return this.extra(o);
			case kinds.MEMORY:
				if (kinds.kindOf(Object.getPrototypeOf((o as { buffer: object }).buffer) as object) !== kinds.SHARED)
					return this.refuse("is a WebAssembly.Memory that is not shared: make it so, or send a copy of its bytes", o);
				if (!canSendShared()) return this.refuse(NOT_ISOLATED, o);
				return this.extra(o);
			case kinds.CLONED:
				if (isMarked(o)) this.transfers.push(o);
				return this.extra(o);
			case kinds.MOVED:
				if (!isMarked(o)) return this.refuse(`is a ${nameOf(o)}: it can only move, write transfer(it)`, o);
				this.transfers.push(o);
				return this.extra(o);
			case kinds.UNKNOWN:
				return this.#stranger(o, prototype);
			case kinds.LINKED:
				return this.#linked(o);
			case kinds.PROMISE:
				return this.refuse("is a promise: await it, and send its value", o);
			case kinds.WEAK:
				return this.refuse("is weak: weak references do not cross threads", o);
			case kinds.SIGNAL:
				return this.refuse(
					`is an ${nameOf(o)}: a function of a worker has its own, abortSignal(); or send a CancellationToken`,
					o,
				);
		}
		this.#bare(o);
		switch (kind) {
			case kinds.DATE:
				this.byte(tags.DATE);
				return this.float((o as Date).getTime());
			case kinds.REGEXP:
				this.byte(tags.REGEXP);
				this.text((o as RegExp).flags);
				this.text((o as RegExp).source);
				return this.#lastIndex(o as RegExp);
			case kinds.MAP:
				return this.#map(o as Map<unknown, unknown>);
			case kinds.SET:
				return this.#set(o as Set<unknown>);
			case kinds.URL_:
				this.byte(tags.URL_);
				return this.text((o as URL).href);
			case kinds.URL_PARAMS:
				this.byte(tags.URL_PARAMS);
				return this.text(String(o));
			case kinds.TEMPORAL:
				this.byte(tags.TEMPORAL);
				this.text(nameOf(o));
				return this.text(String(o));
			default:
				this.byte(tags.BOXED);
				return this.value(o.valueOf());
		}
	}

	#lastIndex({ lastIndex }: RegExp): void {
		if (typeof lastIndex !== "number") this.refuse("is a RegExp whose lastIndex is no number: set it to 0", lastIndex);
		this.number(lastIndex);
	}

	/** An end of a channel, or a token: it is joined to its other side by a link. */
	#linked(o: object): void {
		const why = this.lenient ? "is an end of a channel, or a token: an error cannot carry it" : whyNot(o);
		if (why !== null) this.refuse(why, o);
		this.ends.push({ at: this.extras.length, end: o });
		this.extra(null, tags.LINK);
	}

	/** An instance of a class that nobody has registered. */
	#stranger(o: object, prototype: object): void {
		if (this.lenient && o instanceof Error) return writeError(this, o, baseOf(o), "");
		// Of another copy of the library.
		if (kindOfEnd(o) >= 0) return this.#linked(o);
		if (!this.checked) return this.#byKind(o, prototype, baseKind(prototype));
		const is = `is ${describe(o)}`;
		if ((o as { [kFuture]?: boolean })[kFuture] === true)
			return this.refuse("is a future: wait for it, and send its value", o);
		if (typeof (o as PromiseLike<unknown>).then === "function")
			return this.refuse("is a promise: await it, and send its value", o);
		if (typeof (o as { nodeType?: unknown }).nodeType === "number")
			return this.refuse("is a DOM node: send what it says", o);
		if (typeof (o as Iterator<unknown>).next === "function") return this.refuse("is an iterator: send an array", o);
		if (Symbol.dispose in o || Symbol.asyncDispose in o)
			return this.refuse("is a resource of this thread: release it here, and send data", o);
		if (o instanceof Error) return this.refuse(`${is}: register its class with sendable()`, o);
		this.refuse(`${is}: register its class with sendable(), or send a plain object`, o);
	}

	#registered(o: object, { name, toSend }: Registered): void {
		if (toSend === undefined) return writeError(this, o as Error, baseOf(o as Error), name);
		this.byte(tags.CLASS);
		this.text(name);
		this.#open ??= new Set();
		this.#open.add(o);
		this.within({ of: (path) => `(toSend of ${path})` }, toSend(o));
		this.#open.delete(o);
	}

	// ---- containers

	#plain(o: object, prototype: object | null): void {
		if (this.checked) this.lock(o);
		const keys = Object.keys(o);
		if (this.checked && !this.lenient) this.#nothingHidden(o, keys.length);
		this.byte(prototype === null ? tags.BARE : tags.OBJECT);
		this.fields(o, keys);
	}

	/** The named fields of an object. */
	fields(o: object, keys: readonly string[]): void {
		this.varint(keys.length);
		const depth = this.depth++;
		for (let i = 0; i < keys.length; i++) {
			const key = keys[i] as string;
			this.path[depth] = key;
			this.key(key);
			if (this.checked && getter.call(o, key) !== undefined) {
				this.#getter(o, key);
				continue;
			}
			const value = (o as Record<string, unknown>)[key];
			if (value === undefined && this.checked && !this.lenient && setter.call(o, key) !== undefined)
				this.refuse("is a setter: leave it out", o);
			this.value(value);
		}
		this.depth = depth;
	}

	#getter(o: object, key: string): void {
		if (!this.lenient) return this.refuse("is a getter: send its value", o);
		this.value((o as Record<string, unknown>)[key]);
	}

	key(key: string): void {
		const known = this.#keys.get(key);
		if (known !== undefined) return this.varint(known);
		this.#keys.set(key, this.#keys.size + 1);
		this.varint(0);
		this.text(key);
	}

	#list(a: readonly unknown[]): void {
		const n = a.length;
		let fields: string[] | null = null;
		if (this.checked) {
			this.lock(a);
			// Longer ones are not searched for named fields, since their keys would have to be listed. These stand behind "length".
			if (n <= MANY) {
				const names = Object.getOwnPropertyNames(a);
				if (names[names.length - 1] !== "length") fields = names.slice(names.indexOf("length") + 1);
			}
			if (!this.lenient) this.#nothingHiddenBeside(a, fields);
		}
		this.byte(fields === null ? tags.ARRAY : tags.ARRAY_AND_FIELDS);
		this.varint(n);
		const depth = this.depth++;
		for (let i = 0; i < n; i++) {
			const v = a[i];
			if (v === undefined && !(i in a)) {
				this.#sparse(a, i, depth);
				break;
			}
			this.path[depth] = i;
			this.value(v);
		}
		this.depth = depth;
		if (fields !== null) this.fields(a, fields);
	}

	/** The items from the first hole on: there may be few of them, and billions of holes. */
	#sparse(a: readonly unknown[], from: number, depth: number): void {
		let next = from;
		const holes = (to: number): void => {
			if (to === next) return;
			this.byte(tags.HOLES);
			this.varint(to - next);
		};
		for (const name of Object.getOwnPropertyNames(a)) {
			if (name === "length") break;
			const i = Number(name);
			if (i < from) continue;
			holes(i);
			this.path[depth] = i;
			this.value(a[i]);
			next = i + 1;
		}
		holes(a.length);
	}

	#map(map: Map<unknown, unknown>): void {
		this.byte(tags.MAP);
		this.varint(map.size);
		for (const [k, v] of map) {
			this.within({ of: (path) => `(a key of ${path})` }, k);
			this.within({ of: (path) => (typeof k === "object" ? `${path}.get(…)` : `${path}.get(${show(k)})`) }, v);
		}
	}

	#set(set: Set<unknown>): void {
		this.byte(tags.SET);
		this.varint(set.size);
		const step: Step = { of: (path) => `(a member of ${path})` };
		for (const v of set) this.within(step, v);
	}

	/** Encodes a value that stands at `step`. */
	within(step: Step, v: unknown): void {
		const depth = this.depth++;
		this.path[depth] = step;
		this.value(v);
		this.depth = depth;
	}

	/** Says that the object comes out frozen, sealed, or closed to new fields. */
	lock(o: object): void {
		if (Object.isExtensible(o)) return;
		this.byte(tags.LOCKED);
		this.byte(Object.isFrozen(o) ? tags.FROZEN : Object.isSealed(o) ? tags.SEALED : tags.NOT_EXTENSIBLE);
	}

	#nothingHidden(o: object, shown: number): void {
		if (Object.getOwnPropertyNames(o).length !== shown) {
			const hidden = Object.getOwnPropertyNames(o).find((key) => !Object.prototype.propertyIsEnumerable.call(o, key));
			this.refuse(`has a hidden field, ${show(hidden)}: make it enumerable, or leave it out`, o);
		}
		this.#noSymbols(o);
	}

	/** The same for what an array has besides its items. */
	#nothingHiddenBeside(a: readonly unknown[], fields: readonly string[] | null): void {
		const hidden = fields?.find((key) => !Object.prototype.propertyIsEnumerable.call(a, key));
		if (hidden !== undefined)
			this.refuse(`has a hidden field, ${show(hidden)}: make it enumerable, or leave it out`, a);
		this.#noSymbols(a);
	}

	#noSymbols(o: object): void {
		if (Object.getOwnPropertySymbols(o).length > 0) this.refuse("has a symbol as a key: use a string", o);
	}

	/** A built-in object with fields of its own would lose them. */
	#bare(o: object): void {
		if (!this.checked) return;
		this.lock(o);
		if (this.lenient) return;
		const key = Reflect.ownKeys(o).find((k) => k !== "lastIndex" && !(o instanceof String && isOfText(k, o.length)));
		if (key !== undefined) this.refuse(`is a ${nameOf(o)} with a field of its own, ${show(key)}: send them apart`, o);
	}

	// ---- identity

	#numberOf(o: object): number {
		if (this.#numbers !== null) return this.#numbers.get(o) ?? -1;
		return this.#seen.lastIndexOf(o);
	}

	#remember(o: object): void {
		const seen = this.#seen;
		seen.push(o);
		if (this.#numbers !== null) this.#numbers.set(o, seen.length - 1);
		else if (seen.length > 12) this.#numbers = new Map(seen.map((s, i) => [s, i]));
	}

	/** Encodes `v` in place, or what `instead` gives if it may not cross. For what is thrown, which must arrive in some form. */
	attempt(v: unknown, instead: (error: unknown) => unknown): void {
		const { at, depth } = this;
		const [seen, extras, transfers, moves, ends] = [
			this.#seen.length,
			this.extras.length,
			this.transfers.length,
			this.moves.length,
			this.ends.length,
		];
		const keys = this.#keys.size;
		try {
			this.value(v);
		} catch (error) {
			if (error === AGAIN) throw error;
			this.at = at;
			this.depth = depth;
			this.#seen.length = seen;
			this.#numbers = null;
			this.#open = null;
			this.extras.length = extras;
			this.transfers.length = transfers;
			this.moves.length = moves;
			this.ends.length = ends;
			for (const key of [...this.#keys.keys()].slice(keys)) this.#keys.delete(key);
			this.value(instead(error));
		}
	}

	refuse(why: string, _value: unknown): never {
		throw new NotSendError(this.#where(), why);
	}

	/** What a proxy, a getter, or `toSend` has thrown when the walk came there; or the stack is full. */
	unreadable(error: unknown): NotSendError {
		const why = error instanceof Error ? error.message : String(error);
		return new NotSendError(this.#where(), `cannot be read: ${why}`, error);
	}

	/** The path to where the walk is. */
	#where(): string {
		const isLong = this.depth > LONG_PATH;
		let path = this.root;
		for (const step of this.path.slice(0, isLong ? SHORT_PATH : this.depth)) path = join(path, step);
		return isLong ? `${path}…` : path;
	}
}

// ---- words

function join(path: string, step: Step): string {
	if (typeof step === "number") return `${path}[${step}]`;
	if (typeof step === "object") return step.of(path);
	return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(step) ? `${path}.${step}` : `${path}[${JSON.stringify(step)}]`;
}

const show = (key: unknown): string => (typeof key === "string" ? JSON.stringify(key) : String(key));

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

/** The class of the language that an error's class extends. */
function baseOf(error: Error): number {
	const kind = baseKind(Object.getPrototypeOf(error) as object);
	return kind >= kinds.ERROR && kind < kinds.VIEW ? kind - kinds.ERROR : 0;
}
