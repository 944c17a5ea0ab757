/** The nearest deadline of the code that runs: that of the `timeout`s around it, and of the scope that its task is a child of. */
import { CANCEL } from "../core/flags.ts";
import { runningTask } from "../core/shared.ts";
import { around } from "../core/surroundings.ts";

/** A waiter of a task that hands a deadline down to it: a scope to its children. */
interface Hands {
	readonly scopeDeadline?: number;
}

/** @internal The nearest deadline of the code that runs, as the clock of its runtime counts. */
export function currentDue(): number {
	const task = runningTask();
	if (task === null) return Infinity;
	const { waiters } = task;
	let { due } = around;
	// Cleanup goes on when the time of its scope is over.
	if ((task.flags & CANCEL) !== 0) return due;
	if (waiters instanceof Set) {
		for (const w of waiters as Set<Hands>) if (w.scopeDeadline !== undefined) due = Math.min(due, w.scopeDeadline);
	} else due = Math.min(due, (waiters as Hands | null)?.scopeDeadline ?? Infinity);
	return due;
}
