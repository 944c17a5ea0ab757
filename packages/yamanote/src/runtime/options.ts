/** What a runtime can be told. */
import type { RuntimeLimits } from "../core/runtime-core.ts";
import type { TaskFailure } from "../core/unobserved.ts";

/** Options of a {@link Runtime}; all have defaults. Times are milliseconds of the real clock. */
export interface RuntimeOptions {
	/** Its name, in reports and dumps. Default `"runtime"`. */
	readonly name?: string | undefined;
	/** How long ready tasks may keep one turn of the host's loop before timers and sockets are served. Default 2. */
	readonly hostYield?: number | undefined;
	/** How long a cancelled async function may go on while it waits for foreign promises. Default 100. */
	readonly cleanupGrace?: number | undefined;
	/** How long cleanup may wait for futures of ours. Default 5,000. */
	readonly cleanupTimeout?: number | undefined;
	/** Told of each failure that nobody observed. Default: prints it with its stack. */
	readonly onUnhandled?: ((failure: TaskFailure) => void) | undefined;
	/** Start with a paused clock, for tests. Default false. */
	readonly startPaused?: boolean | undefined;
	/** The most worker threads that the blocking pool starts. Default: the parallelism of the machine. */
	readonly maxBlockingThreads?: number | undefined;
}

const times = ["hostYield", "cleanupGrace", "cleanupTimeout"] as const;

/** @internal The limits in the options, checked. */
export function limitsOf(options: RuntimeOptions): Partial<RuntimeLimits> {
	const limits: { -readonly [K in keyof RuntimeLimits]?: RuntimeLimits[K] } = {};
	for (const name of times) {
		const ms = options[name];
		if (ms === undefined) continue;
		if (typeof ms !== "number" || !(ms >= 0))
			throw new RangeError(`${name} must be milliseconds of at least 0, not ${String(ms)}`);
		limits[name] = ms;
	}
	if (options.onUnhandled !== undefined) {
		if (typeof options.onUnhandled !== "function") throw new TypeError("onUnhandled must be a function");
		limits.onUnhandled = options.onUnhandled;
	}
	const threads = options.maxBlockingThreads;
	if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
		throw new RangeError(`maxBlockingThreads must be a whole number of at least 1, not ${threads}`);
	}
	return limits;
}
