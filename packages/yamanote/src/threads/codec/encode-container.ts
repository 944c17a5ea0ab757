/** What holds other values: plain objects, arrays, maps and sets. What they hold besides, out of sight, is refused: it would be lost. */
import type { Encoder } from "./encode.ts";
import { type Step, show } from "./path.ts";
import * as tags from "./tags.ts";

type LookUp = (key: string) => unknown;
const { __lookupGetter__: getter, __lookupSetter__: setter } = Object.prototype as unknown as {
	__lookupGetter__: LookUp;
	__lookupSetter__: LookUp;
};
const MANY = 1_000;

/** @internal */
export function writePlain(e: Encoder, o: object, prototype: object | null): void {
	if (e.checked) writeLock(e, o);
	const keys = Object.keys(o);
	if (e.checked && !e.lenient) nothingHidden(e, o, keys.length);
	e.byte(prototype === null ? tags.BARE : tags.OBJECT);
	writeFields(e, o, keys);
}

/** @internal The named fields of an object. */
export function writeFields(e: Encoder, o: object, keys: readonly string[]): void {
	e.varint(keys.length);
	const depth = e.depth++;
	for (let i = 0; i < keys.length; i++) {
		const key = keys[i] as string;
		e.path[depth] = key;
		e.key(key);
		if (e.checked && getter.call(o, key) !== undefined) {
			writeGetter(e, o, key);
			continue;
		}
		const value = (o as Record<string, unknown>)[key];
		if (value === undefined && e.checked && !e.lenient && setter.call(o, key) !== undefined)
			e.refuse("is a setter: leave it out");
		e.value(value);
	}
	e.depth = depth;
}

function writeGetter(e: Encoder, o: object, key: string): void {
	if (!e.lenient) return e.refuse("is a getter: send its value");
	e.value((o as Record<string, unknown>)[key]);
}

/** @internal */
export function writeList(e: Encoder, a: readonly unknown[]): void {
	const n = a.length;
	let fields: string[] | null = null;
	if (e.checked) {
		writeLock(e, a);
		// Longer ones are not searched for named fields, since their keys would have to be listed. These stand behind "length".
		if (n <= MANY) {
			const names = Object.getOwnPropertyNames(a);
			if (names[names.length - 1] !== "length") fields = names.slice(names.indexOf("length") + 1);
		}
		if (!e.lenient) nothingHiddenBeside(e, a, fields);
	}
	e.byte(fields === null ? tags.ARRAY : tags.ARRAY_AND_FIELDS);
	e.varint(n);
	const depth = e.depth++;
	for (let i = 0; i < n; i++) {
		const v = a[i];
		if (v === undefined && !(i in a)) {
			writeFromHole(e, a, i, depth);
			break;
		}
		e.path[depth] = i;
		e.value(v);
	}
	e.depth = depth;
	if (fields !== null) writeFields(e, a, fields);
}

/** The items from the first hole on: there may be few of them, and billions of holes. */
function writeFromHole(e: Encoder, a: readonly unknown[], from: number, depth: number): void {
	let next = from;
	const holes = (to: number): void => {
		if (to === next) return;
		e.byte(tags.HOLES);
		e.varint(to - next);
	};
	for (const name of Object.getOwnPropertyNames(a)) {
		if (name === "length") break;
		const i = Number(name);
		if (i < from) continue;
		holes(i);
		e.path[depth] = i;
		e.value(a[i]);
		next = i + 1;
	}
	holes(a.length);
}

/** @internal */
export function writeMap(e: Encoder, map: Map<unknown, unknown>): void {
	e.byte(tags.MAP);
	e.varint(map.size);
	for (const [k, v] of map) {
		e.within({ of: (path) => `(a key of ${path})` }, k);
		e.within({ of: (path) => (typeof k === "object" ? `${path}.get(…)` : `${path}.get(${show(k)})`) }, v);
	}
}

/** @internal */
export function writeSet(e: Encoder, set: Set<unknown>): void {
	e.byte(tags.SET);
	e.varint(set.size);
	const step: Step = { of: (path) => `(a member of ${path})` };
	for (const v of set) e.within(step, v);
}

/** @internal Says that the object comes out frozen, sealed, or closed to new fields. */
export function writeLock(e: Encoder, o: object): void {
	if (Object.isExtensible(o)) return;
	e.byte(tags.LOCKED);
	e.byte(Object.isFrozen(o) ? tags.FROZEN : Object.isSealed(o) ? tags.SEALED : tags.NOT_EXTENSIBLE);
}

function nothingHidden(e: Encoder, o: object, shown: number): void {
	if (Object.getOwnPropertyNames(o).length !== shown) {
		const hidden = Object.getOwnPropertyNames(o).find((key) => !Object.prototype.propertyIsEnumerable.call(o, key));
		e.refuse(`has a hidden field, ${show(hidden)}: make it enumerable, or leave it out`);
	}
	noSymbols(e, o);
}

/** The same for what an array has besides its items. */
function nothingHiddenBeside(e: Encoder, a: readonly unknown[], fields: readonly string[] | null): void {
	const hidden = fields?.find((key) => !Object.prototype.propertyIsEnumerable.call(a, key));
	if (hidden !== undefined) e.refuse(`has a hidden field, ${show(hidden)}: make it enumerable, or leave it out`);
	noSymbols(e, a);
}

function noSymbols(e: Encoder, o: object): void {
	if (Object.getOwnPropertySymbols(o).length > 0) e.refuse("has a symbol as a key: use a string");
}
