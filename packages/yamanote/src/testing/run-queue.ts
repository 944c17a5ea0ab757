/** The run queue in another order. */
import type { Queue } from "../core/queue.ts";
import type { Task } from "../core/task.ts";

/** @internal Moves a ready task to the head of the queue. */
export function moveToHead(queue: Queue<Task>, task: Task): void {
	const { slots, first } = queue;
	const mask = slots.length - 1;
	let at = first;
	while (slots[at] !== task) at = (at + 1) & mask;
	for (; at !== first; at = (at - 1) & mask) slots[at] = slots[(at - 1) & mask];
	slots[at] = task;
}
