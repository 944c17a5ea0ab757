/**
 * Tasks that wait for each other in a circle, while the rest of the program runs on; and at the end, tasks that nothing is left to wake.
 *
 * A task is stuck if what it waits for can only come from a stuck task: the lock that one holds, the outcome of one. A `select` is stuck if all
 * its branches are, a `join` if one is; a `timeout` never. What is not known to be stuck is not: a guard may have been given to somebody else,
 * so a circle counts when it has stood for a while.
 */

import { CANCEL, QUEUED } from "../../core/flags.ts";
import type { RuntimeCore } from "../../core/runtime-core.ts";
import { S } from "../../core/shared.ts";
import type { Task } from "../../core/task.ts";
import { Timeout } from "../../time/timeout.ts";
import { type DumpFrame, frameText } from "../frames.ts";
import { holdsOf, observeHolds } from "../holds.ts";
import { factsOf } from "../reporter.ts";
import { framesAt } from "../site.ts";
import type { TraceTree } from "../trace-tree.ts";
import { isTask, ourKindOf, resourceWords, waitOf } from "../wait.ts";
import { currentWaits, observeWaits, type Wait, waitOfFuture } from "../waits.ts";
import { treeOf } from "../where.ts";
import type { Detector, Tell } from "./detector.ts";
import { checkLimit, nameOf } from "./waits.ts";

/** How `diagnose` looks for deadlocks. */
export interface DeadlockOptions {
	/** How long tasks must have waited for each other, in milliseconds of the host's clock. Default 1,000. */
	readonly afterMs?: number | undefined;
}

/** A task that waits, what for, and who would have to go on first. */
interface Step {
	readonly task: Task;
	readonly frames: readonly DumpFrame[];
	/** The lock, or the task that is joined. */
	readonly of: object;
	readonly by: Task;
}

const MOST_LOOKED_AT = 1_000;
const MOST_TASKS = 20;

/** @internal */
export function deadlock(tell: Tell, options: DeadlockOptions): Detector {
	const { afterMs = 1_000 } = options;
	checkLimit("deadlock.afterMs", afterMs);
	const stops = [observeWaits(), observeHolds(true)];
	/** When a wait is looked at again: another may have closed the circle since. */
	const next = new WeakMap<object, number>();
	const told = new WeakSet<Task>();

	function circle(steps: readonly Step[]): void {
		const [first] = steps as [Step];
		for (const { task } of steps) told.add(task);
		const names = steps.map(({ task }) => nameOf(task));
		tell({
			code: "YAMANOTE_DEADLOCK",
			message:
				steps.length === 1
					? `${names[0]} waits for ${wordsOf(first.of)}, which it holds itself`
					: `${names.join(", ")} and again ${names[0]} wait for each other`,
			stack: first.frames,
			task: factsOf(first.task),
			details: { cycle: steps.map(stepText), tasks: steps.map(({ task }) => task.label()) },
		});
	}

	function looked(wait: Wait, now: number): void {
		const { future, task, since } = wait;
		if (told.has(task) || now < (next.get(future) ?? 0)) return;
		next.set(future, now + Math.max(afterMs, (now - since) / 2));
		const steps = circleFrom(task, []);
		if (steps !== null && !steps.some((step) => told.has(step.task))) circle(steps);
	}

	return {
		beat(now) {
			let n = 0;
			for (const wait of currentWaits()) {
				if (now - wait.since < afterMs || ++n > MOST_LOOKED_AT) break;
				looked(wait, now);
			}
		},
		dry() {
			for (const runtime of S.runtimes) {
				if (runtime.roots === 0 || runtime.alive === 0 || runtime.queue.size > 0) continue;
				const tasks = liveTasks(runtime).filter((task) => !told.has(task));
				for (const task of tasks) {
					const steps = told.has(task) ? null : circleFrom(task, []);
					if (steps !== null && !steps.some((step) => told.has(step.task))) circle(steps);
				}
				// Those that wait for the circle are left out.
				const rest = tasks.filter((task) => !told.has(task) && !waitsForTold(task, told));
				const [first] = rest;
				if (first === undefined) continue;
				for (const task of rest) told.add(task);
				tell({
					code: "YAMANOTE_DEADLOCK",
					message: `nothing is left that could wake ${rest.length === 1 ? nameOf(first) : `${rest.length} tasks`} of runtime "${runtime.name}"`,
					stack: framesOf(first),
					task: factsOf(first),
					advice: "let whoever they wait for wake them, close the channel, release the lock, or cancel them",
					details: { cycle: rest.slice(0, MOST_TASKS).map(lonelyText), tasks: rest.map((task) => task.label()) },
				});
			}
		},
		close() {
			for (const stop of stops) stop();
		},
	};
}

/** The circle that a task leads to, if it is stuck. */
function circleFrom(task: Task, path: readonly Step[]): Step[] | null {
	const at = path.findIndex((step) => step.task === task);
	if (at >= 0) return path.slice(at);
	if (path.length >= MOST_TASKS || task.isFinished || (task.flags & (QUEUED | CANCEL)) !== 0) return null;
	return circleIn(task, treeOf(task), [], path);
}

function circleIn(task: Task, tree: TraceTree, above: readonly DumpFrame[], path: readonly Step[]): Step[] | null {
	const { leaf, branches } = tree;
	if (leaf === null || leaf instanceof Timeout) return null;
	const frames = [...tree.frames, ...above];
	if (branches.length > 0) {
		let found: Step[] | null = null;
		const anyIsEnough = branches.length === 1 || needsAll(leaf);
		for (const branch of branches) {
			const steps = circleIn(task, branch, frames, path);
			if (steps === null && !anyIsEnough) return null;
			found ??= steps;
			if (found !== null && anyIsEnough) return found;
		}
		return found;
	}
	if (isTask(leaf)) return circleFrom(leaf, [...path, { task, frames, of: leaf, by: leaf }]);
	const wait = waitOfFuture(leaf);
	if (wait === undefined || !isLock(wait.of)) return null;
	for (const { task: holder } of holdsOf(wait.of)) {
		if (holder === null) continue;
		const steps = circleFrom(holder, [...path, { task, frames, of: wait.of, by: holder }]);
		if (steps !== null) return steps;
	}
	return null;
}

/** Permits of a semaphore may come from anybody; a lock comes from who holds it. */
function isLock(of: object): boolean {
	return "isLocked" in of || "tryWrite" in of;
}

/** A minified program has other names: then a `join` counts as a `select`, and less is found. */
function needsAll(leaf: object): boolean {
	return ["Join", "Concurrent"].includes(ourKindOf(leaf));
}

function waitsForTold(task: Task, told: WeakSet<Task>): boolean {
	const stuck = (tree: TraceTree): boolean => {
		const { leaf } = tree;
		if (leaf === null) return false;
		if (isTask(leaf)) return told.has(leaf);
		const wait = waitOfFuture(leaf);
		if (wait !== undefined && holdsOf(wait.of).some((hold) => hold.task !== null && told.has(hold.task))) return true;
		return tree.branches.some(stuck);
	};
	return stuck(treeOf(task));
}

function liveTasks(runtime: RuntimeCore): Task[] {
	const tasks: Task[] = [];
	for (let t = runtime.live; t !== null; t = t.after) tasks.push(t);
	return tasks.reverse();
}

function framesOf(task: Task): readonly DumpFrame[] {
	const down = ({ frames, branches }: TraceTree): readonly DumpFrame[] =>
		branches.length === 1 ? [...down(branches[0] as TraceTree), ...frames] : frames;
	return down(treeOf(task));
}

function wordsOf(of: object): string {
	return isTask(of) ? `task ${of.label()}` : resourceWords(of);
}

function placeText(frames: readonly DumpFrame[]): string {
	return frames[0] === undefined ? "" : ` ${frameText(frames[0])}`;
}

function stepText({ task, frames, of, by }: Step): string {
	const text = `${nameOf(task)} waits for ${wordsOf(of)}${placeText(frames)}`;
	if (isTask(of)) return text;
	const hold = holdsOf(of).find((h) => h.task === by);
	return `${text}, held by ${nameOf(by)}, which took it${placeText(framesAt(hold?.site))}`;
}

function lonelyText(task: Task): string {
	const waits = waitOf(treeOf(task).leaf);
	const holders = waits === null || waits.holders.length === 0 ? "" : `, held by ${waits.holders.join(", ")}`;
	return `${nameOf(task)} waits for ${waits?.what ?? "something"}${placeText(framesOf(task))}${holders}`;
}
