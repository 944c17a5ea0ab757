/** Failures of the tasks of a set: which count, how they are thrown together, and what becomes of one that nobody waits for. */
import { rareOf } from "../core/driver.ts";
import { CancelledError } from "../core/error.ts";
import type { Task } from "../core/task.ts";
import { remember } from "../core/unobserved.ts";

// As in core/task.ts.
const CANCEL = 8;
const OBSERVED = 16;

/** @internal Whether somebody has taken the outcome. */
export function isClaimed(task: Task): boolean {
	return (task.flags & OBSERVED) !== 0;
}

/** @internal Whether an ended task has failed, other than by a cancellation whose cleanup went well. */
export function hasFailed(task: Task): boolean {
	if (task.done) return false;
	const { value } = task;
	return !((task.flags & CANCEL) !== 0 && value instanceof CancelledError && value.suppressed === undefined);
}

/** @internal The set is the only one that was told of the end, and nobody waits for the set: a failure becomes one that nobody has observed yet. */
export function unclaimed(task: Task): void {
	if (!hasFailed(task)) return;
	const rare = rareOf(task);
	rare.failure ??= remember(task.runtime, task, task.label(), task.value);
}

/** @internal The failure that came first; the others are the `AggregateError` in its `cause`. */
export function withOthers([first, ...others]: unknown[]): unknown {
	if (others.length > 0 && first instanceof Error && !Object.isFrozen(first)) {
		const options = first.cause === undefined ? undefined : { cause: first.cause };
		first.cause = new AggregateError(others, `${others.length} more failed`, options);
	}
	return first;
}
