/** What a runtime can be told. */
import { type Duration, toMs } from "../core/duration.ts";
import { describe } from "../core/error.ts";
import type { RuntimeLimits } from "../core/runtime-core.ts";
import type { TaskFailure } from "../core/unobserved.ts";

/** Options of a {@link Runtime}; all have defaults. Times go by the real clock. */
export interface RuntimeOptions {
	/** Its name, in reports and dumps. Default `"runtime"`. */
	readonly name?: string | undefined;
	/** How long ready tasks may keep one turn of the host's loop before timers and sockets are served. Default 2 ms. */
	readonly hostYield?: Duration | undefined;
	/** How long a cancelled async function may go on while it waits for foreign promises. Default 100 ms. */
	readonly cleanupGrace?: Duration | undefined;
	/** How long cleanup may wait for futures of ours. Default 5 s. */
	readonly cleanupTimeout?: Duration | undefined;
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
		const duration = options[name];
		if (duration !== undefined) limits[name] = toMs(duration);
	}
	if (options.onUnhandled !== undefined) {
		if (typeof options.onUnhandled !== "function") throw new TypeError("onUnhandled must be a function");
		limits.onUnhandled = options.onUnhandled;
	}
	const threads = options.maxBlockingThreads;
	if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
		throw new RangeError(`maxBlockingThreads must be a whole number of at least 1, not ${describe(threads)}`);
	}
	return limits;
}
