/** What all chunks of one operation have in common. */
import type { Claims } from "./claims.ts";

export const MAP = 0;
export const FILTER = 1;
export const EACH = 2;
export const SUM = 3;
export const MIN = 4;
export const MAX = 5;
export const REDUCE = 6;

export interface Common {
	readonly op: number;
	/** The function gets the chunk itself, not its items. */
	readonly whole: boolean;
	/** The items, where all threads see them; else a chunk brings its own. */
	readonly data: IndexedView | null;
	/** They are a copy that is shared for speed only: the function gets what belongs to nobody else. */
	readonly copied: boolean;
	/** Given to the function behind the item. */
	readonly args: readonly unknown[];
	/** Threads take items by themselves; null: they get chunks only. */
	readonly claims: Claims | null;
}

export interface IndexedView extends ArrayLike<unknown> {
	subarray(from: number, to: number): IndexedView;
	slice(from: number, to: number): IndexedView;
}

/** Arguments, packed. */
export interface SentArgs {
	readonly bytes: Uint8Array;
	readonly extras: unknown[] | null;
}

/** The same as it travels: memory that is shared goes as it is. */
export interface SentCommon extends Omit<Common, "args"> {
	/** Null if there are none. */
	readonly args: SentArgs | null;
}

/** @internal Neither an object nor a function: the same value, whoever has it. */
export const isPrimitive = (value: unknown): boolean =>
	(typeof value !== "object" || value === null) && typeof value !== "function";
