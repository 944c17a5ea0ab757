/** Independent tasks: `spawn`, and their handles. */

import { checkName, checkOptions } from "../core/error.ts";
import type { JoinHandle } from "../core/handle.ts";
import { into } from "../core/into.ts";
import { currentRuntime, type RuntimeCore } from "../core/runtime-core.ts";
import { Task } from "../core/task.ts";
import type { Err, Out, Starred, Waitable } from "../core/types.ts";
import { cancelBy, checkSignal } from "../future/run.ts";
import type { Handle } from "../runtime/runtime.ts";

/** Options of {@link spawn}. */
export interface SpawnOptions {
	/** The name of the task, in reports and dumps. */
	readonly name?: string | undefined;
	/** Cancels the task when it is aborted. */
	readonly signal?: AbortSignal | undefined;
	/** The runtime that runs it. Default: the current one. */
	readonly runtime?: Handle | undefined;
}

/**
 * Starts an independent task on the current runtime. It runs on when the handle is dropped; own a future (`join`, `select`) or use a
 * `scope` when it should not. A failure that nobody awaits is reported.
 *
 * @param future - a future, a generator, a generator function, an async function, or a promise
 * @throws {@link TypeError} at the call, if it is no future
 * @cancelSafety a wait for the handle is cancel safe: dropping it detaches the task, which runs on
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
export function spawn<const F extends Waitable>(
	future: F & Starred<F>,
	options?: SpawnOptions,
): JoinHandle<Out<F>, Err<F>> {
	const root = into(future);
	return (options === undefined ? new Task(root, currentRuntime()) : taskOf(root, options)) as never;
}

/**
 * @internal
 * A task with these options.
 *
 * @param otherwise - the runtime, where the options name none
 */
export function taskOf(
	root: Iterator<unknown, unknown>,
	options: SpawnOptions | undefined,
	otherwise: RuntimeCore = currentRuntime(),
): Task {
	if (options === undefined) return new Task(root, otherwise);
	checkOptions("spawn", options);
	const { name, runtime, signal } = options;
	if (runtime !== undefined && !(runtime?.core instanceof Object))
		throw new TypeError("spawn: runtime must be a Runtime or a Handle");
	checkSignal(signal);
	checkName(name);
	const task = new Task(root, runtime?.core ?? otherwise);
	task.name = name;
	if (signal !== undefined) cancelBy(task, signal);
	return task;
}
