/** Where a task stands, for detectors: also at the end of its own poll. */
import { S } from "../core/shared.ts";
import type { Task } from "../core/task.ts";
import type { DumpFrame } from "./frames.ts";
import { type TraceTree, traceTree } from "./trace-tree.ts";

const nowhere: TraceTree = { label: "", frames: [], leaf: null, branches: [] };

/**
 * The trace of a task that is not in the middle of a poll: its last may have just ended.
 *
 * @param begun - it has been polled many times where it stands: see `traceTree`
 * @internal
 */
export function treeOf(task: Task, begun = false): TraceTree {
	if (task.isFinished) return nowhere;
	const { current, native } = S;
	S.current = S.native = null;
	try {
		return traceTree(task, "", 0, begun);
	} finally {
		S.current = current;
		S.native = native;
	}
}

/** @internal The frames at which a task waits for one future, in whichever branch; its own frames if that is not found. */
export function framesAtWait(task: Task | null, future: object): readonly DumpFrame[] {
	if (task === null) return [];
	const tree = treeOf(task);
	return branchFrames(tree, future) ?? tree.frames;
}

function branchFrames(tree: TraceTree, future: object): readonly DumpFrame[] | undefined {
	if (tree.leaf === future) return tree.frames;
	for (const branch of tree.branches) {
		const found = branchFrames(branch, future);
		if (found !== undefined) return [...found, ...tree.frames];
	}
	return undefined;
}
