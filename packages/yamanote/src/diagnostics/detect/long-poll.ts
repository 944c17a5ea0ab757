/** A poll that held the loop for too long, and one that never gives way. */
import { type HostHandle, hostModule, hostNow, setHostTimer } from "../../core/host.ts";
import { runningTask } from "../../core/shared.ts";
import type { Task } from "../../core/task.ts";
import { type DumpFrame, frameText } from "../frames.ts";
import { type Observer, observe } from "../observe.ts";
import { factsOf, type TaskFacts } from "../reporter.ts";
import { BEAT, BUSY, LONG } from "../watch-source.ts";
import { type WatchThread, watchThread } from "../watch-thread.ts";
import { treeOf } from "../where.ts";
import type { Detector, Tell } from "./detector.ts";
import type { LoopFacts } from "./starved-loop.ts";
import { checkLimit } from "./waits.ts";

/** How a {@link diagnose} looks for polls that take too long. */
export interface LongPollOptions {
	/** How long a task may hold the loop, in milliseconds. Default 50. */
	readonly thresholdMs?: number | undefined;
	/** After so many milliseconds it is said that the task never gives way: while it still runs, where that can be seen. Default 1,000. */
	readonly neverYieldsMs?: number | undefined;
	/** Take the stack of the poll while it runs, by the inspector of Node. Default true. */
	readonly sample?: boolean | undefined;
}

interface Pending {
	readonly task: TaskFacts | undefined;
	readonly ms: number;
	/** Where the task gave way at last. */
	readonly stoppedAt: readonly DumpFrame[];
	timer: HostHandle | null;
}

/** A sample comes from another thread, soon or not at all. */
const SAMPLE_WAIT_MS = 500;

/** @internal */
export function longPoll(tell: Tell, options: LongPollOptions, facts: LoopFacts): Detector {
	const { thresholdMs = 50, neverYieldsMs = 1_000, sample = true } = options;
	checkLimit("longPoll.thresholdMs", thresholdMs);
	checkLimit("longPoll.neverYieldsMs", neverYieldsMs);

	/** Polls that are over, by their beats, whose samples may come. */
	const pending = new Map<number, Pending>();
	const samples = new Map<number, readonly DumpFrame[] | null>();
	/** The last that was told while it went on. */
	let told = 0;

	function report(ms: number, task: TaskFacts | undefined, sampled: boolean, stack: readonly DumpFrame[]): void {
		const never = ms >= neverYieldsMs;
		const { task: label = "" } = task ?? {};
		const until = sampled || stack[0] === undefined ? "" : `, until it waited ${frameText(stack[0])}`;
		tell({
			code: never ? "YAMANOTE_NEVER_YIELDS" : "YAMANOTE_LONG_POLL",
			message: `task ${label} held the loop for ${Math.round(ms)} ms${until}`,
			stack,
			task,
			details: { ms, sampled },
		});
	}

	function settle(beat: number): void {
		const poll = pending.get(beat);
		if (poll === undefined) return;
		pending.delete(beat);
		poll.timer?.cancel();
		const stack = samples.get(beat) ?? [];
		samples.clear();
		report(poll.ms, poll.task, stack.length > 0, stack.length > 0 ? stack : poll.stoppedAt);
	}

	function ended(task: Task, ms: number, beat: number): void {
		if (ms < thresholdMs) return;
		facts.longPollAt = hostNow();
		if (beat === told) return;
		const poll: Pending = { task: factsOf(task), ms, stoppedAt: treeOf(task).frames, timer: null };
		pending.set(beat, poll);
		if (thread === null || !sample || samples.has(beat)) settle(beat);
		else poll.timer = setHostTimer(SAMPLE_WAIT_MS, () => settle(beat));
	}

	const thread: WatchThread | null = watchThread({
		longMs: thresholdMs,
		neverMs: neverYieldsMs,
		sampling: sample,
		onReady() {
			stop();
			stop = observe(watchedPolls(thread as WatchThread, ended, facts));
		},
		onSample(beat, stack) {
			samples.set(beat, stack);
			settle(beat);
		},
		onNever(beat, stack) {
			told = beat;
			const ms = performance.timeOrigin + hostNow() - ((thread as WatchThread).since[0] as number);
			report(ms, factsOf(runningTask()), true, stack);
		},
	});

	let stop = observe(timedPolls(thread?.cells ?? new Int32Array(4), ended, facts));
	return {
		exit() {
			thread?.drain();
			for (const beat of [...pending.keys()]) settle(beat);
		},
		close() {
			this.exit?.();
			stop();
			thread?.stop();
		},
	};
}

type Ended = (task: Task, ms: number, beat: number) => void;

/** One poll in so many is looked at by other detectors. */
const STEP = 63;

/** Until the thread is known to run, and where there is none, each poll reads the clock. */
function timedPolls(cells: Int32Array, ended: Ended, facts: LoopFacts): Observer {
	/** When the running poll began; 0 if that was not seen. */
	let since = 0;
	let delay = 0;
	return {
		drain(running) {
			drained(cells, running);
			if (running) delay = delayedMs();
		},
		pollStart() {
			since = hostNow();
		},
		pollEnd(task) {
			const beat = cells[BEAT] as number;
			const ms = since === 0 ? 0 : hostNow() - since;
			since = 0;
			// A clock cannot tell a busy machine from a busy task.
			if (ms >= LEAST_MS) ended(task, ms - (delayedMs() - delay), beat);
			cells[LONG] = 0;
			cells[BEAT] = beat + 1;
			if ((beat & STEP) === 0) facts.sampled?.(task);
		},
	};
}

/** Shorter polls are not worth a look. */
const LEAST_MS = 1;

/** For how long this thread was ready to run and did not, in milliseconds. Linux tells; elsewhere 0. */
function delayedMs(): number {
	const fs = hostModule("node:fs") as { readFileSync(path: string, encoding: "latin1"): string } | undefined;
	try {
		return Number(fs?.readFileSync("/proc/thread-self/schedstat", "latin1").split(" ")[1]) / 1e6 || 0;
	} catch {
		return 0;
	}
}

/** The beat changes, so that the thread does not take the time before for a part of the first poll. */
function drained(cells: Int32Array, running: boolean): void {
	(cells[BEAT] as number)++;
	cells[BUSY] = running ? 1 : 0;
}

/** The thread watches: a poll costs a few writes. It knows that a drain runs, and sees in the beat whether a poll has ended. */
function watchedPolls({ cells, since }: WatchThread, ended: Ended, facts: LoopFacts): Observer {
	/** The thread has found some poll too long: this one, unless it came too late. */
	function flagged(task: Task, beat: number): void {
		const late = cells[LONG] === beat;
		cells[LONG] = 0;
		if (late) ended(task, performance.timeOrigin + hostNow() - (since[0] as number), beat);
	}
	return {
		drain: (running) => drained(cells, running),
		pollEnd(task) {
			const beat = cells[BEAT] as number;
			if (cells[LONG] !== 0) flagged(task, beat);
			cells[BEAT] = beat + 1;
			if ((beat & STEP) === 0) facts.sampled?.(task);
		},
	};
}
