/** Which task runs: `currentTask`. */
import { runningTask } from "../core/shared.ts";

/** What {@link currentTask} tells. */
export interface TaskInfo {
	/** The number of the task: unique in the program. */
	readonly id: number;
	/** The name that it was spawned with. */
	readonly name: string | undefined;
}

/**
 * The task whose code is running, or `undefined` outside of tasks. It is `undefined` as well after an `await` in an async function, which
 * promises run and not the task: what an async body is given has its `id` and `name`.
 *
 * @source `tokio::task::try_id`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { currentTask, run } from "yamanote";
 *
 * assert.equal(currentTask(), undefined);
 * const name = await run(function* () {
 *   return currentTask()?.name;
 * }, { name: "worker" });
 * assert.equal(name, "worker");
 * ```
 */
export function currentTask(): TaskInfo | undefined {
	const task = runningTask();
	return task === null ? undefined : { id: task.id, name: task.name };
}
