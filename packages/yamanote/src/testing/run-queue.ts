/** The run queue in another order. */
import type { RuntimeCore } from "../core/runtime-core.ts";
import type { Task } from "../core/task.ts";

/** @internal Moves a ready task to the head of the queue. */
export function moveToHead(core: RuntimeCore, chosen: Task): void {
	const head = core.head as Task;
	if (chosen === head) return;
	let before = head;
	while (before.qnext !== chosen) before = before.qnext as Task;
	before.qnext = chosen.qnext;
	if (core.tail === chosen) core.tail = before;
	if (core.last === chosen) core.last = before;
	chosen.qnext = head;
	core.head = chosen;
}
