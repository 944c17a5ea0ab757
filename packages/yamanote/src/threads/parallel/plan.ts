/** An operation as it was asked for. */
import type { CallSettings } from "../call.ts";
import type { WorkerFunction } from "../worker-function.ts";

/** @internal What is to be done. */
export interface Plan {
	readonly items: unknown;
	readonly op: number;
	readonly whole: boolean;
	readonly fn: WorkerFunction;
	readonly settings: CallSettings;
	readonly args: readonly unknown[];
	/** What a fold begins with. */
	readonly begin: readonly [unknown] | null;
	/** 0: what is best. */
	readonly chunk: number;
	/** 0: what the pool has. */
	readonly concurrency: number;
	readonly inPlace: boolean;
	readonly onProgress: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
}
