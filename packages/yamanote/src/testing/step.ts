/** A step of an episode, for the report: which task ran, and where it stopped. */
import { S } from "../core/shared.ts";
import type { Task } from "../core/task.ts";
import { type DumpFrame, frameText } from "../diagnostics/frames.ts";
import { traceTree } from "../diagnostics/trace-tree.ts";

/** @internal */
export interface Step {
	readonly task: string;
	/** What happened to it, if it was more than running. */
	readonly what: string;
	/** Where it stopped, innermost frame first; empty if it has ended. */
	readonly stack: readonly DumpFrame[];
	/** Where it was spawned: for one that has no name, and for one that waits in a native async function, whose place nobody knows. */
	readonly spawnedAt: DumpFrame | undefined;
}

/** @internal Where a task stands, whose poll has just ended. */
export function standOf(task: Task): readonly DumpFrame[] {
	const { current, native } = S;
	S.current = S.native = null;
	try {
		return traceTree(task).frames.slice(0, 2);
	} finally {
		S.current = current;
		S.native = native;
	}
}

/** @internal One line for each time that another task runs. */
export function stepTexts(steps: readonly Step[]): string[] {
	const lines: string[] = [];
	const known = new Set<string>();
	for (let i = 0; i < steps.length; i++) {
		const { task, what, stack, spawnedAt } = steps[i] as Step;
		const next = steps[i + 1];
		// Of several steps of one task in a row, only where the last one stopped is of interest.
		if (what === "" && next !== undefined && next.task === task && next.what !== CANCELLED) continue;
		const where = stack.length > 0 ? `stopped ${stack.map(frameText).join(", ")}` : what === "" ? "stopped" : "";
		const who = known.has(task) || spawnedAt === undefined ? task : `${task} (spawned ${frameText(spawnedAt)})`;
		known.add(task);
		lines.push(`${who} ${[what, where].filter((s) => s !== "").join(", ")}`);
	}
	return lines;
}

/** @internal What is said of a task that the exploration cancels. */
export const CANCELLED = "is cancelled by the exploration";
