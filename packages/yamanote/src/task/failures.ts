/** Failures of the tasks of a set: which count, and what becomes of one that nobody waits for. */
import { CancelledError } from "../core/error.ts";
import { CANCEL, DONE, FAILED } from "../core/flags.ts";
import type { Task } from "../core/task.ts";

/** @internal Whether a task has ended with a value. */
export function hasValue(task: Task): boolean {
	return (task.flags & (DONE | FAILED)) === DONE;
}

/** @internal Whether an ended task has failed, other than by a cancellation whose cleanup went well. */
export function hasFailed(task: Task): boolean {
	if (hasValue(task)) return false;
	const { value } = task;
	return (task.flags & CANCEL) === 0 || (value instanceof CancelledError && value.suppressed !== undefined);
}

/** @internal The set is the only one that was told of the end, and nobody waits for the set: a failure becomes one that nobody has observed yet. */
export function unclaimed(task: Task): void {
	if (hasFailed(task)) task.remember();
}
