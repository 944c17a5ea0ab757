/** Runtimes: where tasks run, with their own queue, clock and limits. */

import { rareOf } from "../core/driver.ts";
import { type Duration, toMs } from "../core/duration.ts";
import { checkFunction, checkName, checkOptions } from "../core/error.ts";
import type { JoinHandle } from "../core/handle.ts";
import { setHostTimer } from "../core/host.ts";
import { into } from "../core/into.ts";
import { currentRuntime, RuntimeCore } from "../core/runtime-core.ts";
import { S } from "../core/shared.ts";
import { Task } from "../core/task.ts";
import type { Err, Out, Starred, Waitable } from "../core/types.ts";
import { tell } from "../core/unobserved.ts";
import { type RunOptions, start } from "../future/run.ts";
import { limitsOf, type RuntimeOptions } from "./options.ts";
import { PausedClock } from "./paused-clock.ts";

/** Counters of a runtime, as they stand. */
export interface RuntimeMetrics {
	/** Tasks that have not ended. */
	readonly tasksAlive: number;
	/** Tasks spawned since the start. */
	readonly tasksSpawned: number;
	/** Polls of tasks since the start. */
	readonly polls: number;
	/** Tasks that stand in the run queue. */
	readonly queueDepth: number;
	/** Milliseconds spent in polls since the start: sampled, so an estimate. */
	readonly busyMs: number;
}

const handles = Symbol.for("yamanote.handle.v1");

/**
 * A runtime as others see it: it can be given work, and not be shut down.
 *
 * @source `tokio::runtime::Handle`
 */
export class Handle {
	/** @internal */
	readonly core: RuntimeCore;

	/** @internal */
	constructor(core: RuntimeCore) {
		this.core = core;
		core.slots.set(handles, this);
	}

	/** The runtime of the running task, else the entered one, else the default one. */
	static current(): Handle {
		const core = currentRuntime();
		return (core.slots.get(handles) as Handle | undefined) ?? new Handle(core);
	}

	/** Its name. */
	get name(): string {
		return this.core.name;
	}

	/** Its counters. */
	get metrics(): RuntimeMetrics {
		const { alive, spawned, polls, queue, busy } = this.core;
		return { tasksAlive: alive, tasksSpawned: spawned, polls, queueDepth: queue.size, busyMs: busy };
	}

	/**
	 * Runs a future on this runtime, and gives a promise of its value; the process lives until then.
	 *
	 * @throws {@link TypeError} at the call, if it is no future; `RuntimeClosedError` after the shutdown
	 * @errors the failures of the future; `signal.reason` if the signal is aborted first
	 * @source `tokio::runtime::Runtime::block_on`; a promise, since JavaScript cannot block
	 *
	 * @example
	 * ```ts
	 * import assert from "node:assert/strict";
	 * import { Runtime, sleep } from "yamanote";
	 *
	 * const runtime = new Runtime({ name: "jobs" });
	 * const text = await runtime.blockOn(function* () {
	 *   yield* sleep(1);
	 *   return "done";
	 * });
	 * assert.equal(text, "done");
	 * await runtime.shutdown();
	 * ```
	 */
	blockOn<const F extends Waitable>(future: F & Starred<F>, options: RunOptions = {}): Promise<Out<F>> {
		checkOptions("blockOn", options);
		return this.enter(() => start(into(future), options));
	}

	/**
	 * Starts an independent task on this runtime: as the function `spawn`, and with the same handle.
	 *
	 * @throws {@link TypeError} at the call, if it is no future; `RuntimeClosedError` after the shutdown
	 * @cancelSafety a wait for the handle is cancel safe: dropping it detaches the task, which runs on
	 * @source `tokio::runtime::Handle::spawn`
	 */
	spawn<const F extends Waitable>(
		future: F & Starred<F>,
		options: { readonly name?: string | undefined } = {},
	): JoinHandle<Out<F>, Err<F>> {
		checkOptions("spawn", options);
		checkName(options.name);
		const task = new Task(into(future), this.core);
		task.name = options.name;
		return task as never;
	}

	/**
	 * Makes this the current runtime while `f` runs (not while what it starts goes on).
	 *
	 * @source `tokio::runtime::Runtime::enter`
	 */
	enter<R>(f: () => R): R {
		checkFunction("enter", f);
		const { entered, current, native } = S;
		S.entered = this.core;
		S.current = S.native = null;
		try {
			return f();
		} finally {
			S.entered = entered;
			S.current = current;
			S.native = native;
		}
	}
}

/** Options of {@link Runtime.shutdown}. */
export interface ShutdownOptions {
	/** How long cleanup may take in all, by the real clock. Default: the runtime's `cleanupTimeout`. */
	readonly timeout?: Duration | undefined;
}

/**
 * A runtime of your own: its own run queue, clock, limits and failure policy. Programs rarely need one, since there is a default runtime;
 * tests and plug-ins do.
 *
 * @source `tokio::runtime::Runtime`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Instant, Runtime, sleep } from "yamanote";
 *
 * // A paused clock: the hour passes at once.
 * const runtime = new Runtime({ startPaused: true });
 * const waited = await runtime.blockOn(function* () {
 *   const start = Instant.now();
 *   yield* sleep({ hours: 1 });
 *   return start.elapsed();
 * });
 * assert.equal(waited, 3_600_000);
 * await runtime.shutdown();
 * ```
 */
export class Runtime extends Handle implements AsyncDisposable {
	#shutdown: Promise<void> | undefined;

	/** @throws {@link RangeError} or {@link TypeError} for an option out of range */
	constructor(options: RuntimeOptions = {}) {
		checkOptions("Runtime", options);
		checkName(options.name);
		const core = new RuntimeCore(options.name ?? "runtime", limitsOf(options));
		if (options.startPaused === true) core.clock = new PausedClock(core);
		core.options = options;
		super(core);
	}

	/**
	 * Cancels all tasks, waits for their cleanup for `timeout` milliseconds at most, reports failures that nobody observed, and closes the
	 * runtime: it takes no tasks any more. What is spawned meanwhile, as cleanup may, runs until the time is over. Every call gives the same
	 * promise.
	 *
	 * @throws {@link TypeError} or {@link RangeError} at the call, if `timeout` is no duration
	 */
	shutdown(options: ShutdownOptions = {}): Promise<void> {
		checkOptions("shutdown", options);
		if (options.timeout !== undefined) toMs(options.timeout);
		this.#shutdown ??= shutdown(this.core, options);
		return this.#shutdown;
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.shutdown();
	}
}

/** @internal */
export async function shutdown(core: RuntimeCore, options: ShutdownOptions): Promise<void> {
	const timeout = toMs(options.timeout ?? core.limits.cleanupTimeout);
	for (let t = core.live; t !== null; t = t.after) t.abort();
	if (core.alive > 0) {
		core.addRoot();
		await new Promise<void>((resolve) => {
			const timer = setHostTimer(timeout, () => {
				// What has not ended by now is abandoned: it ends cancelled in its next poll, and is reported.
				core.closed = true;
				core.limits.cleanupTimeout = timeout;
				for (let t = core.live; t !== null; t = t.after) {
					rareOf(t).expired = true;
					t.abort();
					t.wake();
				}
			});
			timer.ref(true);
			core.onEmpty = () => {
				timer.cancel();
				resolve();
			};
		});
		core.removeRoot();
	}
	core.closed = true;
	for (const failure of core.unobserved) tell(core, failure, "shutdown");
	const slots = [...core.slots.values()];
	for (const slot of slots) {
		if (slot instanceof Handle) continue;
		await (slot as Partial<AsyncDisposable> | null)?.[Symbol.asyncDispose]?.();
	}
	core.queue.clear();
	for (const h of core.handles) h.cancel();
	core.handles.clear();
	S.runtimes.delete(core);
	if (S.main === core) S.main = null;
}
