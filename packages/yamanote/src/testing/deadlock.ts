/** Tasks that wait for each other, or for nothing: who waits for what, and whether somebody only forgot to wake them. */
import type { Driver } from "../core/driver.ts";
import { YamanoteError } from "../core/error.ts";
import { hostTurn } from "../core/host.ts";
import type { RuntimeCore } from "../core/runtime-core.ts";
import type { Task } from "../core/task.ts";
import { frameText } from "../diagnostics/frames.ts";
import { dumpTask, taskText } from "../diagnostics/task-dump.ts";
import { type TraceTree, traceTree } from "../diagnostics/trace-tree.ts";
import { resourceOf } from "../diagnostics/tracking.ts";
import { blockersOf, branchesOf, waitOf } from "../diagnostics/wait.ts";

const MOST_TASKS = 30;
const DEEPEST = 20;

/** @internal */
export interface Deadlock {
	readonly text: string;
	/** The locks and channels that somebody waits for. */
	readonly resources: ReadonlySet<object>;
}

/** Every task waits, and nothing is left that could wake one. */
export class DeadlockError extends YamanoteError {
	declare readonly name: "DeadlockError";
	declare readonly code: "YAMANOTE_DEADLOCK";

	/** @internal */
	static override get called(): string {
		return "DeadlockError";
	}

	/** @internal */
	constructor(core: RuntimeCore) {
		super(describeDeadlock(core).text);
	}
}

/** The live tasks, the oldest first. */
function liveTasks(core: RuntimeCore): Task[] {
	const tasks: Task[] = [];
	for (let t = core.live; t !== null; t = t.after) tasks.push(t);
	return tasks.reverse();
}

/** @internal */
export function describeDeadlock(core: RuntimeCore): Deadlock {
	const tasks = liveTasks(core);
	const trees = new Map(tasks.map((task) => [task, traceTree(task)]));
	const resources = new Set<object>();
	for (const tree of trees.values()) for (const leaf of leavesOf(tree)) resources.add(resourceOf(leaf) ?? leaf);
	const circle = circleOf(trees);
	const lines = [`deadlock: ${tasks.length} task(s) wait, and nothing is left that could wake them`];
	if (circle.length > 0) {
		lines.push("they wait in a circle:");
		for (const task of circle) {
			const { leaf, frames } = innermost(trees.get(task) as TraceTree);
			const place = frames[0] === undefined ? "" : ` ${frameText(frames[0])}`;
			const holders = blockersOf(leaf)
				.map((blocker) => `task ${blocker.label()}`)
				.join(", ");
			lines.push(`  task ${task.label()} waits for ${waitOf(leaf)?.what ?? "?"}${place}: ${holders} must go on first`);
		}
	}
	for (const task of tasks.slice(0, MOST_TASKS)) lines.push(...taskText(dumpTask(task)));
	if (tasks.length > MOST_TASKS) lines.push(`and ${tasks.length - MOST_TASKS} more`);
	return { text: lines.join("\n"), resources };
}

function leavesOf(tree: TraceTree): object[] {
	const own = tree.leaf === null ? [] : [tree.leaf];
	return own.concat(tree.branches.flatMap(leavesOf));
}

/** The only thing that a task waits for, if there is one: below `timeout`, say. */
function innermost(tree: TraceTree): TraceTree {
	return tree.branches.length === 1 ? innermost(tree.branches[0] as TraceTree) : tree;
}

/** Tasks each of which waits for the next, and the last for the first. */
function circleOf(trees: ReadonlyMap<Task, TraceTree>): Task[] {
	const done = new Set<Task>();
	for (const start of trees.keys()) {
		const path: Task[] = [];
		let task: Task | undefined = start;
		while (task !== undefined && !done.has(task) && !path.includes(task)) {
			path.push(task);
			const tree = trees.get(task);
			task = tree === undefined ? undefined : blockersOf(innermost(tree).leaf)[0];
		}
		if (task !== undefined && path.includes(task)) return path.slice(path.indexOf(task));
		for (const seen of path) done.add(seen);
	}
	return [];
}

/**
 * The tasks that go on when everything is polled once more (polls that nobody asked for are legal): what they waited for was there, and nobody
 * woke them. Those that only waited for such a task are left out.
 *
 * @internal
 */
export async function lostWakes(core: RuntimeCore): Promise<string[]> {
	const tasks = liveTasks(core);
	const before = tasks.map(placesOf);
	const blockers = tasks.map((task) => blockersOf(innermost(traceTree(task)).leaf));
	for (const task of tasks) wakeDriver(task, 0);
	await new Promise<void>((resolve) => void hostTurn(() => void hostTurn(resolve)?.ref(true))?.ref(true));
	const moved = tasks.filter((task, i) => task.isFinished || placesOf(task) !== before[i]);
	const first = moved.filter((task) => !blockers[tasks.indexOf(task)]?.some((blocker) => moved.includes(blocker)));
	return first.map((task) => `task ${task.label()}`);
}

function wakeDriver(d: Driver, depth: number): void {
	if (depth < DEEPEST) for (const branch of branchesOf(traceTree(d).leaf)) wakeDriver(branch, depth + 1);
	d.wake();
}

/** Where a task stands, branches and all. */
function placesOf(task: Task): string {
	const places = ({ frames, branches }: TraceTree): unknown => [frames.map(frameText), branches.map(places)];
	return JSON.stringify(places(traceTree(task)));
}
