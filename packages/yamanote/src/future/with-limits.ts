/** Limits of cleanup for one future: `withLimits`. */
import { Branch } from "../core/branch.ts";
import { Composite } from "../core/composite.ts";
import { type CleanupLimits, type Driver, rareOf, setRoot } from "../core/driver.ts";
import { type Duration, toMs } from "../core/duration.ts";
import { describe } from "../core/error.ts";
import type { Future } from "../core/future.ts";
import { into } from "../core/into.ts";
import type { Context, Poll } from "../core/poll.ts";
import { currentRuntime } from "../core/runtime-core.ts";
import type { Err, Out, Starred, Waitable } from "../core/types.ts";

/** What {@link withLimits} sets; what is not given is as the runtime has it. Times go by the real clock. */
export interface CleanupLimitsOptions {
	/** How long a cancelled async function may go on while it waits for promises that are not ours. */
	readonly cleanupGrace?: Duration | undefined;
	/** How long cleanup may wait for futures. */
	readonly cleanupTimeout?: Duration | undefined;
}

class Limited<T, E> extends Composite<T, E> {
	readonly #root: Iterator<unknown, unknown>;
	readonly #limits: CleanupLimits;
	#branch: Branch | null = null;

	constructor(root: Iterator<unknown, unknown>, limits: CleanupLimits) {
		super();
		this.#root = root;
		this.#limits = limits;
	}

	/** @internal As the root of a task or branch it is the future itself: the limits are that driver's. */
	override asRoot(d: Driver): void {
		if (this.owner !== undefined) {
			super.asRoot(d);
			return;
		}
		rareOf(d).limits = this.#limits;
		this.owner = d;
		setRoot(d, this.#root);
	}

	poll(cx: Context): Poll<T> {
		if (this.#branch === null) {
			this.#branch = new Branch(this.#root, cx.waker);
			rareOf(this.#branch).limits = this.#limits;
		}
		this.#branch.parent = cx.waker;
		return this.#branch.run() as Poll<T>;
	}

	/** @internal The drivers within, for dumps. */
	branches(): Iterable<Driver> {
		return this.#branch === null ? [] : [this.#branch];
	}

	protected override drop(cx: Context): Poll<void> {
		if (this.#branch !== null) return this.#branch.drop(cx);
		this.#root.return?.();
	}
}

/**
 * Sets how long the cleanup of one future may take when it is cancelled, in place of what its runtime allows. What takes longer is
 * abandoned: whoever cancelled goes on, and `CleanupTimeout` is reported.
 *
 * Given to `spawn` or `run` it holds for the whole task, and can be longer than the runtime's limits as well as shorter. Within a task that is
 * itself cancelled, a shorter limit of the task holds.
 *
 * @param limits - `cleanupGrace`, `cleanupTimeout`
 * @param future - whatever can be waited for
 * @throws {@link TypeError}, {@link RangeError} at the call, for bad limits, or if `future` is none
 * @errors the failures of the future
 * @cancelSafety cancel safe if the future is
 * @source none: in Rust cleanup cannot wait
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run, sleep, spawn, withLimits } from "yamanote";
 *
 * const log: string[] = [];
 * await run(function* () {
 *   const job = spawn(withLimits({ cleanupTimeout: { seconds: 30 } }, function* () {
 *     try {
 *       yield* sleep({ hours: 1 });
 *     } finally {
 *       yield* sleep(5); // up to 30 seconds
 *       log.push("flushed");
 *     }
 *   }));
 *   yield* sleep(1);
 *   job.abort();
 *   yield* sleep(20);
 * });
 * assert.deepEqual(log, ["flushed"]);
 * ```
 */
export function withLimits<const F extends Waitable>(
	limits: CleanupLimitsOptions,
	future: F & Starred<F>,
): Future<Out<F>, Err<F>> {
	if (typeof limits !== "object" || limits === null)
		throw new TypeError(`withLimits: give { cleanupGrace, cleanupTimeout } first, not ${describe(limits)}`);
	const { cleanupGrace, cleanupTimeout } = limits;
	const usual = currentRuntime().limits;
	return new Limited(into(future), {
		cleanupGrace: cleanupGrace === undefined ? usual.cleanupGrace : toMs(cleanupGrace),
		cleanupTimeout: cleanupTimeout === undefined ? usual.cleanupTimeout : toMs(cleanupTimeout),
	});
}
