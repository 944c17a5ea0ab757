/** The functions that a thread runs, and where it finds them. */
import { loadError } from "./load-error.ts";
import { overChunks } from "./parallel/thread-chunks.ts";
import type * as protocol from "./protocol.ts";
import type { ThreadState } from "./thread-state.ts";

/** @internal */
export type AnyFunction = (...args: unknown[]) => unknown;

/** @internal A function that the thread was told of. */
export interface Entry {
	readonly definition: protocol.Definition;
	/** Null as long as it was not called. */
	f: AnyFunction | null;
}

/** @internal The function, if its module is loaded and has it. */
export function lookUp({ table, name, chunks }: protocol.Definition, state: ThreadState): AnyFunction | null {
	const f = state.tables.get(table)?.[name];
	if (typeof f !== "function") return null;
	return chunks === null ? (f as AnyFunction) : overChunks(f as AnyFunction, chunks);
}

/** @internal Loads the module of a function. */
export async function load(definition: protocol.Definition, state: ThreadState): Promise<AnyFunction> {
	const { url, table, name } = definition;
	if (!state.tables.has(table) && url !== null) {
		try {
			await import(/* @vite-ignore */ /* webpackIgnore: true */ url);
		} catch (error) {
			throw loadError(url, error);
		}
	}
	const f = lookUp(definition, state);
	if (f !== null) return f;
	throw new TypeError(
		state.tables.has(table)
			? `the worker module has no function ${name} in this thread`
			: `${url ?? "the worker module"} does not call defineWorker in this thread with what it was given elsewhere (${table})`,
	);
}
