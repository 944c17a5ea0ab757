/**
 * From values to bytes, and the check of what may cross: the two are one walk, so that nothing is carried that was not looked at.
 *
 * The rule: a value arrives as what it was, or is refused with its path. What structured clone damages in silence is carried rightly
 * (error classes, registered classes, `Buffer`, frozen objects, objects without a prototype, aliased views) or refused (getters, symbol keys,
 * hidden fields, instances of other classes).
 */
import { NotSendError } from "../error.ts";
import { type Registered, registry } from "../sendable.ts";
import { AGAIN } from "./encode-buffer.ts";
import { writeList, writePlain } from "./encode-container.ts";
import { writeError } from "./encode-error.ts";
import { baseOf, writeByKind } from "./encode-kind.ts";
import { kindOf } from "./kinds.ts";
import { pathOf, type Step } from "./path.ts";
import * as tags from "./tags.ts";
import { Writer } from "./writer.ts";

const { isArray } = Array;

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
				return this.refuse("is a function: send data, and call a function of defineWorker there");
			default:
				return this.refuse("is a symbol: send a string");
		}
	}

	#object(o: object): void {
		const number = this.#numberOf(o);
		if (number >= 0) {
			if (this.#open?.has(o) === true) return this.refuse("contains itself: toSend cannot send a circle");
			this.byte(tags.REF);
			return this.varint(number);
		}
		this.#remember(o);
		const prototype = Object.getPrototypeOf(o) as object | null;
		if (prototype === Object.prototype || prototype === null) return writePlain(this, o, prototype);
		if (prototype === Array.prototype && isArray(o)) return writeList(this, o);
		const registered = registry().byPrototype.get(prototype);
		if (registered !== undefined) return this.#registered(o, registered);
		writeByKind(this, o, prototype, kindOf(prototype));
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

	key(key: string): void {
		const known = this.#keys.get(key);
		if (known !== undefined) return this.varint(known);
		this.#keys.set(key, this.#keys.size + 1);
		this.varint(0);
		this.text(key);
	}

	/** Encodes a value that stands at `step`. */
	within(step: Step, v: unknown): void {
		const depth = this.depth++;
		this.path[depth] = step;
		this.value(v);
		this.depth = depth;
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
			this.extras.length = extras;
			this.transfers.length = transfers;
			this.moves.length = moves;
			this.ends.length = ends;
			for (const key of [...this.#keys.keys()].slice(keys)) this.#keys.delete(key);
			this.value(instead(error));
		}
	}

	refuse(why: string): never {
		throw new NotSendError(pathOf(this.root, this.path, this.depth), why);
	}

	/** What a proxy, a getter, or `toSend` has thrown when the walk came there; or the stack is full. */
	unreadable(error: unknown): NotSendError {
		const why = error instanceof Error ? error.message : String(error);
		return new NotSendError(pathOf(this.root, this.path, this.depth), `cannot be read: ${why}`, error);
	}
}
