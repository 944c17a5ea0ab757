/** What a pool can be told. */
import { type Duration, toMs } from "../core/duration.ts";
import { checkName, describe } from "../core/error.ts";
import { parallelism, type ThreadOptions } from "./host-worker.ts";

/** When a thread takes no more calls, and a fresh one takes its place. It ends with the last of its calls and channels, and does not count until then. */
export interface RecycleOptions {
	/** After so many calls. */
	readonly afterCalls?: number | undefined;
	/** At this age. */
	readonly afterTime?: Duration | undefined;
	/** When its heap holds so many megabytes after a call. Node alone can tell. */
	readonly aboveHeapMb?: number | undefined;
}

/** Options of a {@link ThreadPool}; all have defaults. Times go by the real clock. */
export interface PoolOptions extends ThreadOptions {
	/** The name of its threads, in debuggers. Default `"yamanote"`. */
	readonly name?: string | undefined;
	/**
	 * The most threads. Default: the parallelism of the machine, half of it in a thread of a pool. Tokio's 512 are meant for calls that wait for
	 * the disk; here these do not block, and a thread costs megabytes, so more threads than cores help only functions that block on purpose.
	 */
	readonly maxBlockingThreads?: number | undefined;
	/** Threads that idle ones are kept down to. Default 0. */
	readonly minThreads?: number | undefined;
	/** How long an idle thread lives. Default 10 seconds. */
	readonly threadKeepAlive?: Duration | undefined;
	/** How many calls that wait one thread may run at a time. Default 1. Above 1, no call can have `killOnAbort`. */
	readonly callsPerThread?: number | undefined;
	/** The most calls that may wait for a thread. Default 10,000. */
	readonly maxQueue?: number | undefined;
	/** What becomes of a call when so many wait: it waits all the same, or fails with `PoolFullError`. Default `"wait"`. */
	readonly whenFull?: "wait" | "fail" | undefined;
	/** When threads are replaced. Default: never. */
	readonly recycle?: RecycleOptions | undefined;
}

/** @internal */
export interface CheckedOptions extends ThreadOptions {
	readonly name: string;
	readonly maxThreads: number;
	readonly minThreads: number;
	readonly keepAliveMs: number;
	readonly callsPerThread: number;
	readonly maxQueue: number;
	readonly whenFull: "wait" | "fail";
	readonly recycle: {
		readonly calls: number;
		readonly ms: number;
		readonly heapMb: number;
	};
}

const MAX_THREADS = 128;

/** @internal */
export function checkOptions(options: PoolOptions, inThread: boolean): CheckedOptions {
	checkName(options.name);
	const machine = parallelism();
	const { recycle = {}, whenFull = "wait" } = options;
	if (whenFull !== "wait" && whenFull !== "fail") throw new TypeError('whenFull must be "wait" or "fail"');
	if (typeof recycle !== "object" || recycle === null) throw new TypeError("recycle must be an object");
	const { aboveHeapMb = Infinity } = recycle;
	if (!(aboveHeapMb > 0))
		throw new RangeError(`recycle.aboveHeapMb must be a number above 0, not ${String(aboveHeapMb)}`);
	const maxThreads = count(
		"maxBlockingThreads",
		options.maxBlockingThreads,
		inThread ? Math.ceil(machine / 2) : machine,
		1,
	);
	if (maxThreads > MAX_THREADS) throw new RangeError(`maxBlockingThreads must be ${MAX_THREADS} at most`);
	const { resourceLimits, env, execArgv } = options;
	return {
		name: options.name ?? "yamanote",
		maxThreads,
		minThreads: Math.min(count("minThreads", options.minThreads, 0, 0), maxThreads),
		keepAliveMs: toMs(options.threadKeepAlive ?? 10_000),
		callsPerThread: count("callsPerThread", options.callsPerThread, 1, 1),
		maxQueue: count("maxQueue", options.maxQueue, 10_000, 0),
		whenFull,
		recycle: {
			calls: count("recycle.afterCalls", recycle.afterCalls, Infinity, 1),
			ms: toMs(recycle.afterTime ?? Infinity),
			heapMb: aboveHeapMb,
		},
		...(resourceLimits && { resourceLimits }),
		...(env && { env }),
		...(execArgv && { execArgv }),
	};
}

function count(name: string, value: number | undefined, otherwise: number, min: number): number {
	if (value === undefined) return otherwise;
	if (value === Infinity && otherwise >= 10_000) return value;
	if (!Number.isInteger(value) || value < min)
		throw new RangeError(`${name} must be a whole number of at least ${min}, not ${String(value)}`);
	return value;
}

/** @internal Refuses what is no pool. It is known by what it can do, since it may be of another copy of the library. */
export function checkPool(name: string, pool: unknown): void {
	const core = (pool as { core?: { submit?: unknown } } | null | undefined)?.core;
	if (pool !== undefined && typeof core?.submit !== "function")
		throw new TypeError(`${name} must be a ThreadPool, not ${describe(pool)}`);
}
