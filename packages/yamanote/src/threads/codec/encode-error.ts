/** Errors: name, message, stack, cause, own fields, and which class to make over there. */
import type { Encoder } from "./encode.ts";
import { writeFields, writeLock } from "./encode-container.ts";
import * as tags from "./tags.ts";

/** Own fields that are not enumerable, and belong to an error all the same. */
const quiet = ["cause", "errors", "error", "suppressed"];

/** @internal */
export function writeError(e: Encoder, error: Error, base: number, registered: string): void {
	if (e.checked) writeLock(e, error);
	e.byte(tags.ERROR);
	e.byte(base);
	e.text(registered);
	e.text(textOf(() => error.name));
	e.text(textOf(() => error.message));
	e.text(textOf(() => error.stack));
	const keys = Object.keys(error).filter((key) => key !== "message" && key !== "stack");
	for (const key of quiet) if (Object.hasOwn(error, key) && !keys.includes(key)) keys.push(key);
	if (!e.lenient) return writeFields(e, error, keys);
	e.varint(keys.length);
	const depth = e.depth++;
	for (const key of keys) {
		e.path[depth] = key;
		e.key(key);
		e.attempt(
			textOr(() => (error as unknown as Record<string, unknown>)[key]),
			(why) => `[${why instanceof Error ? why.message : String(why)}]`,
		);
	}
	e.depth = depth;
}

/** Errors are told of whatever state they are in. */
function textOf(read: () => unknown): string {
	const value = textOr(read);
	return typeof value === "string" ? value : value === undefined ? "" : String(value);
}

function textOr(read: () => unknown): unknown {
	try {
		return read();
	} catch (error) {
		return `[it cannot be read: ${error instanceof Error ? error.message : String(error)}]`;
	}
}
