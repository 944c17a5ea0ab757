/** Tests on a paused clock, for any test runner: `paused`. */
import { checkName, checkOptions, describe } from "../core/error.ts";
import { type HostHandle, setHostTimer } from "../core/host.ts";
import { into } from "../core/into.ts";
import type { Starred, Waitable } from "../core/types.ts";
import type { TaskFailure } from "../core/unobserved.ts";
import { start } from "../future/run.ts";
import { ClockHeld } from "../runtime/error.ts";
import { limitsOf, type RuntimeOptions } from "../runtime/options.ts";
import { Runtime } from "../runtime/runtime.ts";
import { DeadlockError } from "./deadlock.ts";
import { isStuck } from "./stuck.ts";

/** Options of {@link paused}. */
export interface PausedOptions extends RuntimeOptions {
	/** Milliseconds of the real clock for which a test may wait with nothing to wake it, before it fails as deadlocked. Default 1,000. */
	readonly deadlockAfter?: number | undefined;
}

/**
 * Makes a test function of a body: it runs on a runtime of its own whose clock is paused, so that an hour of sleeps takes no time, and time
 * moves only when every task waits.
 *
 * The test fails as the body does; when a task has failed that nobody observed; when every task waits and nothing is left to wake them,
 * with the list of who waits for what; and with `ClockHeld` when a promise of the host keeps the clock from a deadline
 * for a second. Tasks that are left over are cancelled at its end.
 *
 * It works wherever a test is a function that may return a promise: vitest, node:test, Jest, bun test, Deno.
 *
 * @param body - whatever can be waited for, if it is a function: it is called anew at each run
 * @throws {@link TypeError}, {@link RangeError} at the call, for bad options
 * @source `#[tokio::test(start_paused = true)]`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Instant, sleep } from "yamanote";
 * import { paused } from "yamanote/testing";
 *
 * // test("waits an hour", paused(function* () { … }));
 * const test = paused(function* () {
 *   const start = Instant.now();
 *   yield* sleep({ hours: 1 });
 *   assert.equal(start.elapsed(), 3_600_000);
 * });
 * await test();
 * ```
 */
export function paused<const F extends Waitable>(
	body: F & Starred<F>,
	options: PausedOptions = {},
): () => Promise<void> {
	checkOptions("paused", options);
	// A generator or a future runs once, and a test may be tried again: but what is no future at all is refused now.
	into(body);
	const { deadlockAfter = 1_000, onUnhandled } = options;
	if (!(typeof deadlockAfter === "number" && deadlockAfter >= 0))
		throw new RangeError(`paused: deadlockAfter must be milliseconds of at least 0, not ${describe(deadlockAfter)}`);
	checkName(options.name);
	limitsOf(options);
	return async () => {
		const failures: TaskFailure[] = [];
		let held = (_error: ClockHeld): void => {};
		const runtime = new Runtime({
			name: "test",
			startPaused: true,
			...options,
			onUnhandled: (failure) => {
				if (failure.error instanceof ClockHeld) held(failure.error);
				else if (onUnhandled === undefined) failures.push(failure);
				else onUnhandled(failure);
			},
		});
		const clockHeld = new Promise<never>((_, reject) => {
			held = reject;
		});
		try {
			const result = runtime.enter(() => watched(runtime, body, deadlockAfter));
			await Promise.race([result, clockHeld]);
		} finally {
			await runtime.shutdown();
		}
		if (failures.length > 0) throw unobserved(failures);
	};
}

/** Runs the body; rejects if it is stuck for a while. */
function watched(runtime: Runtime, body: unknown, afterMs: number): Promise<unknown> {
	const { core } = runtime;
	const result = start(into(body), { name: "test" });
	let timer: HostHandle | null = null;
	const stuck = new Promise<never>((_, reject) => {
		const look = (): void => {
			timer?.cancel();
			timer = null;
			if (!isStuck(core)) return;
			timer = setHostTimer(afterMs, () => {
				if (isStuck(core)) reject(new DeadlockError(core));
			});
			timer.ref(true);
		};
		const before = core.onIdle;
		core.onIdle = () => {
			before?.();
			look();
		};
	});
	return Promise.race([result, stuck]).finally(() => timer?.cancel());
}

function unobserved(failures: TaskFailure[]): unknown {
	const [first] = failures as [TaskFailure];
	const others = failures.slice(1).map((failure) => failure.error);
	const error = new Error(`task ${first.task} failed, and nobody observed it (${first.when})`, { cause: first.error });
	return others.length === 0 ? error : new AggregateError([error, ...others], error.message);
}
