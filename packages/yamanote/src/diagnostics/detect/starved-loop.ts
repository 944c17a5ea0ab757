/** The host's loop was not served for long, though no single poll was: timers and sockets had to wait. */

import { QUEUED } from "../../core/flags.ts";
import { hostProcess } from "../../core/host.ts";
import { S } from "../../core/shared.ts";
import type { Task } from "../../core/task.ts";
import { readyTasks } from "../ready-tasks.ts";
import { factsOf } from "../reporter.ts";
import { treeOf } from "../where.ts";
import { BEAT_MS, type Detector, type Tell } from "./detector.ts";
import { checkLimit } from "./waits.ts";

/** How `diagnose` looks for a loop that is not served. */
export interface StarvedLoopOptions {
	/** How late a timer of the host may be, in milliseconds, while the process computes for as long. Default 200. */
	readonly thresholdMs?: number | undefined;
}

/** @internal What detectors know of each other. */
export interface LoopFacts {
	/** When a long poll ended last, by the host's clock: it was told itself. */
	longPollAt: number;
	/** Looks at one poll in many, when it ends. */
	sampled: ((task: Task) => void) | null;
}

const MOST_NAMED = 3;

/** @internal */
export function starvedLoop(tell: Tell, options: StarvedLoopOptions, facts: LoopFacts): Detector {
	const { thresholdMs = 200 } = options;
	checkLimit("starvedLoop.thresholdMs", thresholdMs);
	let last = Number.POSITIVE_INFINITY;
	let polls = 0;
	let cpu = 0;
	return {
		beat(now) {
			const late = now - last - BEAT_MS;
			const [polled, worked] = [countPolls(), cpuMs()];
			const [newPolls, newWork] = [polled - polls, worked - cpu];
			const begun = last;
			[last, polls, cpu] = [now, polled, worked];
			if (late < thresholdMs || newPolls === 0 || facts.longPollAt >= begun) return;
			// On a busy machine it may be the process that was not served.
			if (newWork < thresholdMs) return;
			const ready = someReady();
			const [first] = ready;
			if (first === undefined) return;
			const names = ready.slice(0, MOST_NAMED).map((task) => task.label());
			const more = ready.length > MOST_NAMED ? ` and ${ready.length - MOST_NAMED} more` : "";
			tell({
				code: "YAMANOTE_STARVED_LOOP",
				message: `the host's loop was not served for ${Math.round(late + BEAT_MS)} ms, with ${newPolls} polls meanwhile; ready to go on: ${names.join(", ")}${more}`,
				stack: treeOf(first).frames,
				task: factsOf(first),
				details: { ms: late + BEAT_MS, polls: newPolls, ready: ready.length },
			});
		},
	};
}

function countPolls(): number {
	let polls = 0;
	for (const runtime of S.runtimes) polls += runtime.polls;
	return polls;
}

/** Milliseconds of processor time; as good as the clock where it is not known. */
function cpuMs(): number {
	const usage = (hostProcess() as { cpuUsage?(): { user: number; system: number } } | undefined)?.cpuUsage?.();
	return usage === undefined ? performance.now() : (usage.user + usage.system) / 1_000;
}

function someReady(): Task[] {
	const tasks: Task[] = [];
	for (const { queue } of S.runtimes) tasks.push(...readyTasks(queue, 100 - tasks.length));
	return tasks.filter((task) => (task.flags & QUEUED) !== 0);
}
