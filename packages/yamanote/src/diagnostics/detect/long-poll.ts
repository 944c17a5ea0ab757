/** A poll that held the loop for too long, and one that never gives way. */
import { type HostHandle, hostNow, setHostTimer } from "../../core/host.ts";
import { runningTask } from "../../core/shared.ts";
import type { Task } from "../../core/task.ts";
import { type DumpFrame, frameText } from "../frames.ts";
import { type Observer, observe } from "../observe.ts";
import { factsOf, type TaskFacts } from "../reporter.ts";
import { delayedMs } from "../run-delay.ts";
import { ALWAYS, BEAT, BUSY, LONG, SAMPLED } from "../watch-source.ts";
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
const MOST_SAMPLES = 10;

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
		onReady: () => beats.watched(),
		onSample(beat, stack) {
			// Those of polls that were not too long after all are wanted by nobody.
			if (samples.size >= MOST_SAMPLES) samples.clear();
			samples.set(beat, stack);
			settle(beat);
		},
		onNever(beat, stack) {
			const ms = heldFor(cells, since, beat);
			if (ms < neverYieldsMs) return false;
			told = beat;
			report(ms, factsOf(runningTask()), true, stack);
			return true;
		},
	});

	const since = thread?.since ?? new Float64Array(5);
	const cells = thread?.cells ?? new Int32Array(4);
	const beats = polls(cells, since, ended, facts);
	return {
		exit() {
			thread?.drain();
			for (const beat of [...pending.keys()]) settle(beat);
		},
		close() {
			this.exit?.();
			beats.close?.();
			thread?.stop();
		},
	};
}

interface Polls extends Detector {
	/** Another thread watches the beats from now on. */
	watched(): void;
}

/** One poll in so many is looked at by other detectors. */
const STEP = 63;
/** Shorter polls are not worth a look. */
const LEAST_MS = 1;

/**
 * A poll costs a few reads and writes of memory that is shared with the thread: it knows that a drain runs, and sees in the beat whether a poll
 * has ended. Until it is known to run, and where there is none, each poll reads the clock.
 *
 * @param since - of the poll that is too long: see `WatchThread`
 */
function polls(
	memory: Int32Array,
	since: Float64Array,
	ended: (task: Task, ms: number, beat: number) => void,
	facts: LoopFacts,
): Polls {
	// An engine takes a constant of the function itself as one, but looks up what is imported, each time.
	const cells = memory;
	const beatAt = BEAT;
	const longAt = LONG;
	const step = STEP;
	let timed = true;
	/** When the running poll began; 0 if that was not seen. */
	let start = 0;
	let delay = 0;

	/** The thread does not take the time before for a part of the poll that comes next. The last digits count polls. */
	function nextBeat(): void {
		(cells[BEAT] as number) += STEP + 1;
	}

	/** The thread has found some poll too long: this one, unless it came too late. Or the clock has to be read. */
	function look(task: Task, beat: number): void {
		const late = cells[LONG] === beat;
		cells[LONG] = timed ? ALWAYS : 0;
		if (timed) {
			const ms = start === 0 ? 0 : hostNow() - start;
			start = 0;
			// A clock cannot tell a busy machine from a busy task.
			if (ms >= LEAST_MS) ended(task, ms - (delayedMs() - delay) - sampledFor(cells, since, beat), beat);
		} else if (late) ended(task, heldFor(cells, since, beat), beat);
		nextBeat();
	}

	cells[LONG] = ALWAYS;
	// One function for all polls, whoever reads the clock: an engine makes it a part of the loop then.
	const hooks: Observer = {
		drain(running) {
			nextBeat();
			cells[BUSY] = running ? 1 : 0;
			if (running && timed) delay = delayedMs();
		},
		pollEnd(task) {
			const beat = cells[beatAt] as number;
			cells[beatAt] = beat + 1;
			if (cells[longAt] !== 0) look(task, beat);
			if ((beat & step) === 0) {
				facts.sampled?.(task);
				nextBeat();
			}
		},
	};
	const stopClock = observe({
		pollStart() {
			start = hostNow();
		},
	});
	const stop = observe(hooks);
	return {
		watched() {
			timed = false;
			cells[LONG] = 0;
			stopClock();
		},
		close() {
			stop();
			stopClock();
		},
	};
}

/** For how long the poll has run that the thread has found too long. What it has waited for a processor is known in this thread alone. */
function heldFor(cells: Int32Array, since: Float64Array, beat: number): number {
	const [begun = 0, delay = -1] = since;
	return epochNow() - begun - (delay < 0 ? 0 : delayedMs() - delay) - sampledFor(cells, since, beat);
}

/** How much of it went by because the inspector took its stack. */
function sampledFor(cells: Int32Array, since: Float64Array, beat: number): number {
	if (cells[SAMPLED] !== beat) return 0;
	const [, , asked = 0, took = 0, delay = 0] = since;
	if (took > 0 || asked === 0) return took;
	return epochNow() - asked - (delay > 0 ? delayedMs() - delay : 0);
}

const epochNow = (): number => performance.timeOrigin + hostNow();
