/** From futures to promises: `run`. */
import { promiseOf } from "../core/ambient.ts";
import { CancelledError, CleanupTimeout, checkName, checkOptions, describe, isReason } from "../core/error.ts";
import { follow, unfollow } from "../core/follow.ts";
import { into } from "../core/into.ts";
import { currentRuntime } from "../core/runtime-core.ts";
import { Task, whenEnded } from "../core/task.ts";
import type { Out, Starred, Waitable } from "../core/types.ts";

/** Options of {@link run}. */
export interface RunOptions {
	/**
	 * Cancels the future when it is aborted; the promise is rejected with the signal's reason when cleanup has ended. An error of the cleanup is
	 * reported.
	 */
	readonly signal?: AbortSignal | undefined;
	/** The name of the task, in reports and dumps. */
	readonly name?: string | undefined;
}

/** @internal */
export function start<T>(root: Iterator<unknown, unknown>, { signal, name }: RunOptions): Promise<T> {
	checkSignal(signal);
	checkName(name);
	if (signal?.aborted === true) {
		root.return?.();
		return Promise.reject(signal.reason);
	}
	const task = new Task<T>(root, currentRuntime());
	task.name = name;
	const promise = promiseOf(task, true);
	if (signal === undefined) return promise;
	cancelBy(task, signal);
	return promise.catch((error: unknown) => {
		if (!(error instanceof CancelledError && signal.aborted && error.reason === signal.reason)) throw error;
		// The reason is the caller's, and cannot carry them. What was abandoned has been told already.
		for (const e of task.rare?.errors ?? [])
			if (!(e instanceof CleanupTimeout || isReason(signal.reason, e))) task.report(e);
		throw signal.reason;
	});
}

/** @internal */
export function checkSignal(signal: AbortSignal | undefined): void {
	if (signal !== undefined && typeof signal?.addEventListener !== "function")
		throw new TypeError(`signal: give an AbortSignal, not ${describe(signal)}`);
}

/** @internal Aborts a task when the signal is; unlinks when the task has ended. */
export function cancelBy(task: Task, signal: AbortSignal): void {
	if (signal.aborted) {
		task.abort(signal.reason);
		return;
	}
	follow(signal, task);
	whenEnded(task, () => unfollow(signal, task));
}

/**
 * Runs a future on the current runtime, now, and gives a promise of its value: the door from generators to the rest of a program.
 *
 * Inside a plain async body that is itself a task, the future belongs to that body, and is cancelled with it.
 *
 * @param future - a future, a generator, a generator function, an async function, or a promise
 * @throws {@link TypeError} at the call, if it is no future
 * @errors the failures of the future; `signal.reason` if the signal is aborted first
 * @source `tokio::runtime::Runtime::block_on`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run, sleep } from "yamanote";
 *
 * const stop = new AbortController();
 * const result = run(sleep(1_000), { signal: stop.signal });
 * stop.abort(new Error("not needed any more"));
 * await assert.rejects(result, /not needed/);
 * ```
 */
export function run<const F extends Waitable>(future: F & Starred<F>, options: RunOptions = {}): Promise<Out<F>> {
	checkOptions("run", options);
	return start(into(future), options);
}
