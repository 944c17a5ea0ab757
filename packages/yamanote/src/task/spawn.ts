/** Independent tasks: `spawn`, and their handles. */

import type { Future } from "../core/future.ts";
import { into } from "../core/into.ts";
import { currentRuntime, type RuntimeCore } from "../core/runtime-core.ts";
import { Task } from "../core/task.ts";
import type { Err, IntoFuture, Out, Starred } from "../core/types.ts";
import { cancelBy } from "../future/run.ts";

/** Aborts a task, and nothing else: what {@link JoinHandle.abortHandle} gives. */
export interface AbortHandle {
	/** The number of the task. */
	readonly id: number;
	/** Whether the task has ended, its cleanup included. */
	readonly isFinished: boolean;
	/** Cancels the task; see {@link JoinHandle.abort}. */
	abort(reason?: unknown): void;
}

/**
 * The handle of a spawned task. It is a future of the task's outcome that can be awaited any number of times, by any number of tasks.
 *
 * Dropping it (a lost `select`, an elapsed `timeout`) detaches the task, which runs on. `abortOnDrop()` ties the two.
 *
 * @source `tokio::task::JoinHandle`
 */
export interface JoinHandle<out T, out E = never> extends Future<T, E>, AbortHandle, Disposable {
	/** The name that the task was spawned with. */
	readonly name: string | undefined;
	/**
	 * Cancels the task: it is unwound at its wait, `finally` and `using` run, and the handle rejects with `CancelledError` when they have
	 * ended. A second call, and one after the end, does nothing.
	 */
	abort(reason?: unknown): void;
	/** Something that aborts the task and cannot wait for it. */
	abortHandle(): AbortHandle;
	/** The outcome as an owned future: dropping it aborts the task, and waits for its cleanup. */
	abortOnDrop(): Future<T, E>;
	/** Nobody will wait for the task: its failure is reported at once. */
	detach(): void;
}

/** Options of {@link spawn}. */
export interface SpawnOptions {
	/** The name of the task, in reports and dumps. */
	readonly name?: string | undefined;
	/** Cancels the task when it is aborted. */
	readonly signal?: AbortSignal | undefined;
	/** The runtime that runs it. Default: the current one. */
	readonly runtime?: { readonly core: RuntimeCore } | undefined;
}

/**
 * Starts an independent task on the current runtime. It runs on when the handle is dropped; own a future (`join`, `select`) or use a
 * `scope` when it should not. A failure that nobody awaits is reported.
 *
 * @param future - a future, a generator, a generator function, an async function, or a promise
 * @throws {@link TypeError} at the call, if it is no future
 * @source `tokio::task::spawn`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run, sleep, spawn } from "yamanote";
 *
 * await run(function* () {
 *   const handle = spawn(function* () {
 *     yield* sleep(1);
 *     return "task A done";
 *   });
 *   assert.equal(yield* handle, "task A done");
 * });
 * ```
 */
export function spawn<const F extends IntoFuture>(
	future: F & Starred<F>,
	options?: SpawnOptions,
): JoinHandle<Out<F>, Err<F>> {
	const root = into(future);
	const task = new Task(root, options?.runtime?.core ?? currentRuntime());
	if (options !== undefined) {
		task.name = options.name;
		if (options.signal !== undefined) cancelBy(task, options.signal);
	}
	return task as never;
}
