/** Who stands in a run queue. */
import type { RunQueue } from "../core/run-queue.ts";
import type { Task } from "../core/task.ts";

/** @internal The tasks that are ready, in their order; `limit` at most. */
export function readyTasks({ slots, first, size }: RunQueue, limit: number = size): Task[] {
	const tasks: Task[] = [];
	for (let i = 0; i < Math.min(size, limit); i++) tasks.push(slots[(first + i) & (slots.length - 1)] as Task);
	return tasks;
}
