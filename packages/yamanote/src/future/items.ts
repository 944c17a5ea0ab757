/** What `each` and `mapConcurrent` have in common: the future of one item, and how a source is closed. */
import { isGeneratorFunction } from "../core/generator.ts";
import { currentRuntime } from "../core/runtime-core.ts";
import { runningTask } from "../core/shared.ts";
import type { IntoFuture, TaskContext } from "../core/types.ts";

/**
 * The future of one call of `f`. An async function is called as a task body is, so that its waits are cancelled with it.
 *
 * @internal
 */
export function callOf<A extends unknown[]>(f: (...args: A) => IntoFuture, ...args: A): IntoFuture {
	if (isGeneratorFunction(f)) return f(...args);
	return (task: TaskContext) => {
		const made = f(...args);
		return typeof made === "function" ? made(task) : (made as PromiseLike<unknown>);
	};
}

/**
 * Tells of an error of a source that is closed since something has failed: it must not take the place of that failure.
 *
 * @internal
 */
export function closingReporter(): (error: unknown) => void {
	const runtime = currentRuntime();
	const task = runningTask();
	return (error) => runtime.report(error, task?.label() ?? "", "cleanup");
}
