/** Who stands in a run queue. */
import type { Queue } from "../core/queue.ts";
import type { Task } from "../core/task.ts";

/** @internal The tasks that are ready, in their order; `limit` at most. */
export function readyTasks({ slots, first, size }: Queue<Task>, limit: number = size): Task[] {
	const tasks: Task[] = [];
	for (let i = 0; i < Math.min(size, limit); i++) tasks.push(slots[(first + i) & (slots.length - 1)] as Task);
	return tasks;
}
