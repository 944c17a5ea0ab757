/** A task that wakes itself again and again, instead of waiting for somebody to wake it. */
import { DONE, QUEUED } from "../../core/flags.ts";
import { pollsOf, type Task } from "../../core/task.ts";
import type { Observer } from "../observe.ts";
import { factsOf } from "../reporter.ts";
import type { TraceTree } from "../trace-tree.ts";
import { treeOf } from "../where.ts";
import type { Detector, Tell } from "./detector.ts";
import type { LoopFacts } from "./starved-loop.ts";
import { checkLimit } from "./waits.ts";

/** How `diagnose` looks for tasks that wake themselves. */
export interface WakeStormOptions {
	/** How often in a second one future may wake the task that polls it, and still not be ready. Default 10,000. */
	readonly polls?: number | undefined;
	/** How often in a second a task may give way only to go on at once. Default 100,000. */
	readonly yields?: number | undefined;
}

interface Count {
	/** Its polls when the count began. */
	readonly from: number;
	/** At half of the polls: the futures that it waited for. Empty when it was found to wait for others later. */
	leaves: readonly object[] | null;
}

/** One poll in so many is looked at. */
const STEP = 64;
const MOST_COUNTED = 1_000;
const MOST_TRACES = 20;
const WINDOW_MS = 1_000;

/**
 * @param facts - polls are counted by somebody else, and looked at through it
 * @internal
 */
export function wakeStorm(tell: Tell, options: WakeStormOptions, facts: LoopFacts | null): Detector {
	const { polls = 10_000, yields = 100_000 } = options;
	checkLimit("wakeStorm.polls", polls);
	checkLimit("wakeStorm.yields", yields);
	let counts = new Map<Task, Count | null>();
	let window = 0;
	let n = 0;
	let traces = MOST_TRACES;

	function look(task: Task): void {
		if ((task.flags & (QUEUED | DONE)) !== QUEUED) {
			// It waits for somebody, this time.
			counts.delete(task);
			return;
		}
		const count = counts.get(task);
		if (count === undefined) {
			if (counts.size < MOST_COUNTED) counts.set(task, { from: pollsOf(task), leaves: null });
			return;
		}
		if (count === null) return;
		const polled = pollsOf(task) - count.from;
		const { leaves } = count;
		if (leaves === null) {
			// A trace costs as much as hundreds of polls.
			if (polled >= polls / 2 && traces-- > 0) count.leaves = leavesOf(treeOf(task));
		} else if (polled >= polls && leaves.length > 0) {
			count.leaves = [];
			if (sameFutures(task, leaves)) {
				const what = "each time it woke the task, and was not ready";
				return storm(task, `polled the same future ${polled} times within a second: ${what}`, polled);
			}
		}
		if (polled >= yields) storm(task, `gave way ${polled} times within a second, only to go on at once`, polled);
	}

	function storm(task: Task, what: string, polled: number): void {
		counts.set(task, null);
		tell({
			code: "YAMANOTE_WAKE_STORM",
			message: `task ${task.label()} ${what}`,
			stack: framesOfTree(treeOf(task, true)),
			task: factsOf(task),
			details: { polls: polled },
		});
	}

	if (facts !== null) facts.sampled = look;
	const count: Observer = {
		pollEnd(task) {
			if (++n % STEP === 0) look(task);
		},
	};
	return {
		...(facts === null ? count : {}),
		beat(now) {
			if (now - window < WINDOW_MS) return;
			window = now;
			traces = MOST_TRACES;
			if (counts.size > 0) counts = new Map();
		},
	};
}

/** That which it waits for is what it waited for before: then nothing has been ready meanwhile. */
function sameFutures(task: Task, before: readonly object[]): boolean {
	const now = leavesOf(treeOf(task));
	return now.length > 0 && now.length === before.length && now.every((leaf, i) => leaf === before[i]);
}

/** All that it waits for; a branch of which nothing is known counts as something else each time. */
function leavesOf({ leaf, branches }: TraceTree): readonly object[] {
	return [leaf ?? {}, ...branches.flatMap(leavesOf)];
}

/** Down to the only branch that there is. */
function framesOfTree(tree: TraceTree): TraceTree["frames"] {
	const [branch, another] = tree.branches;
	return branch === undefined || another !== undefined ? tree.frames : [...framesOfTree(branch), ...tree.frames];
}
