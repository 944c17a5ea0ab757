/** Giving way to the other tasks. */
import type { Driver } from "../core/driver.ts";
import { CONSUMED as consumed, created, Future, inherit } from "../core/future.ts";
import { type Context, Pending, type Poll } from "../core/poll.ts";
import { S as shared } from "../core/shared.ts";
import { TRACER as tracer } from "../core/trace.ts";

// Constants of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;
const CONSUMED = consumed;
const TRACER = tracer;

class YieldNow {
	done = false;
	value: unknown = undefined;
	owner: Driver | undefined = undefined;

	constructor() {
		if (S.hooks !== null) created(this);
	}

	/** By hand as well: ready at the second poll. */
	poll(this: Future<void>, cx: Context): Poll<void> {
		if (this.value === cx) return;
		this.value = cx;
		cx.waker.wake();
		return Pending;
	}

	/** @internal The same without a detour, since a yield is the commonest wait: it needs no budget, and always suspends once. */
	next(this: Future<void>): IteratorResult<never, void> {
		const d = S.current;
		if (this.owner === undefined && d !== null && d !== TRACER && S.suspended === null) {
			this.owner = d;
			d.wake();
			S.suspended = this;
		} else if (this.owner === d && d !== null) {
			this.owner = CONSUMED;
			this.done = true;
		} else return this.elsewhere(d) ?? this;
		return this as never;
	}
}

inherit(YieldNow, Future);

/**
 * Gives way once: the task goes to the end of the run queue, and runs again after the tasks that are ready now.
 *
 * Timers and sockets are served between, as the runtime's `hostYield` says, not at each yield.
 *
 * @cancelSafety cancel safe: nothing is lost
 * @source `tokio::task::yield_now`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { join, run, yieldNow } from "yamanote";
 *
 * const seen: string[] = [];
 * function* worker(name: string) {
 *   for (let i = 0; i < 2; i++) {
 *     seen.push(name);
 *     yield* yieldNow();
 *   }
 * }
 * await run(join([worker("a"), worker("b")]));
 * assert.deepEqual(seen, ["a", "b", "a", "b"]);
 * ```
 */
export function yieldNow(): Future<void> {
	return new YieldNow() as never;
}
