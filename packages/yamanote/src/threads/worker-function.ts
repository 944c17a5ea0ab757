/** A function of a worker, as the threads that call it know it. */
import type { AnyWorker } from "./host-worker.ts";
import type { SentCommon } from "./parallel/common.ts";
import type { Definition } from "./protocol.ts";

/** Where a worker's module is: its URL, or a factory that starts a thread with it. */
export type WorkerSource = string | (() => AnyWorker);

/** @internal */
export interface WorkerFunction {
	readonly source: WorkerSource;
	readonly table: string;
	readonly name: string;
	readonly local: (...args: never) => unknown;
	readonly streams: boolean;
	/** It is called for chunks of items: what all chunks have in common. */
	readonly chunks?: SentCommon | undefined;
}

/** @internal What runs the functions of one source: all modules with a URL share threads; a factory has threads of its own. */
export const crewKey = ({ source }: WorkerFunction): WorkerSource => (typeof source === "string" ? "" : source);

/** @internal */
export const definitionOf = (id: number, { source, table, name, chunks }: WorkerFunction): Definition => ({
	id,
	url: typeof source === "string" ? source : null,
	table,
	name,
	chunks: chunks ?? null,
});
