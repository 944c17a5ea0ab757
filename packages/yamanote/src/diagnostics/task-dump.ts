/** One task of a dump: what it is, what it does, where it stands. */

import { CANCEL, QUEUED } from "../core/flags.ts";
import { hostNow } from "../core/host.ts";
import { runningTask } from "../core/shared.ts";
import { pollsOf, type Task } from "../core/task.ts";
import { type DumpFrame, frameText } from "./frames.ts";
import { type TraceTree, traceTree } from "./trace-tree.ts";
import { trackedOf } from "./tracking.ts";
import { type DumpWait, waitOf } from "./wait.ts";

/** A branch of a `join`, `select`, `timeout`, `scope` in a {@link DumpTask}. */
export interface DumpBranch {
	/** Its key, or its place. */
	readonly label: string;
	/** What it waits for; null if that is not known, as for one that has not begun. */
	readonly waits: DumpWait | null;
	/** Where it is suspended, innermost frame first. */
	readonly stack: readonly DumpFrame[];
	/** Its own branches. */
	readonly branches: readonly DumpBranch[];
}

/** A task in a {@link Dump}. */
export interface DumpTask extends DumpBranch {
	/** The number of the task. */
	readonly id: number;
	/** Its name, if it was given one. */
	readonly name: string | undefined;
	/** The name of its runtime. */
	readonly runtime: string;
	/** `"running"`: it is on the stack; `"ready"`: it stands in the run queue; `"waiting"`; `"cancelling"`: its cleanup waits. */
	readonly state: "running" | "ready" | "waiting" | "cancelling";
	/** How often it was polled. */
	readonly polls: number;
	/** Milliseconds since it was spawned; undefined if it is older than the tracking (see `trackTasks`). */
	readonly age: number | undefined;
	/** Where it was spawned, innermost frame first; empty without tracking. */
	readonly spawnedAt: readonly DumpFrame[];
}

/**
 * @param running - where the task that runs now stands
 * @internal
 */
export function dumpTask(task: Task, running: readonly DumpFrame[] = []): DumpTask {
	const tracked = trackedOf(task);
	const state = stateOf(task);
	const branch = dumpBranch(traceTree(task));
	return {
		id: task.id,
		name: task.name,
		runtime: task.runtime.name,
		state,
		polls: pollsOf(task),
		age: tracked === undefined ? undefined : hostNow() - tracked.born,
		spawnedAt: tracked?.spawnedAt ?? [],
		...branch,
		stack: state === "running" ? running : branch.stack,
		label: task.label(),
	};
}

function dumpBranch({ label, frames, leaf, branches }: TraceTree): DumpBranch {
	return { label, waits: waitOf(leaf), stack: frames, branches: branches.map(dumpBranch) };
}

function stateOf(task: Task): DumpTask["state"] {
	if (task === runningTask()) return "running";
	if ((task.flags & CANCEL) !== 0) return "cancelling";
	return (task.flags & QUEUED) !== 0 ? "ready" : "waiting";
}

/** @internal The lines of one task. */
export function taskText(task: DumpTask): string[] {
	const facts = [`task ${task.label} ${task.state}`, `${task.polls} ${task.polls === 1 ? "poll" : "polls"}`];
	if (task.age !== undefined) facts.push(`${(task.age / 1000).toFixed(3)} s old`);
	const lines = [facts.join(", "), ...branchText(task, "  ")];
	const [spawned] = task.spawnedAt;
	if (spawned !== undefined) lines.push(`  spawned ${frameText(spawned)}`);
	return lines;
}

function branchText(branch: DumpBranch, indent: string): string[] {
	const lines: string[] = [];
	const { waits } = branch;
	if (waits !== null) {
		const holders = waits.holders.length === 0 ? "" : `, held by task ${waits.holders.join(", ")}`;
		lines.push(`${indent}waits for ${waits.what}${holders}`);
	}
	for (const frame of branch.stack) lines.push(`${indent}  ${frameText(frame)}`);
	for (const inner of branch.branches) {
		const text = branchText(inner, `${indent}    `);
		lines.push(`${indent}  branch ${inner.label}:${text.length === 0 ? " nothing is known of it" : ""}`, ...text);
	}
	return lines;
}
