/** One run of a program under a strategy, on a runtime of its own: what was answered, and what went wrong. */
import { type Driver, rareOf } from "../core/driver.ts";
import { CancelledError } from "../core/error.ts";
import { BUDGET, CANCEL, STARTED } from "../core/flags.ts";
import { hostTurn } from "../core/host.ts";
import { into } from "../core/into.ts";
import type { Queue } from "../core/queue.ts";
import { RuntimeCore } from "../core/runtime-core.ts";
import { runningTask, S } from "../core/shared.ts";
import { Task } from "../core/task.ts";
import { readyTasks } from "../diagnostics/ready-tasks.ts";
import { trackedOf } from "../diagnostics/tracking.ts";
import { PausedClock } from "../runtime/paused-clock.ts";
import { shutdown } from "../runtime/runtime.ts";
import { moveClock } from "../time/clock.ts";
import { type Timers, timersOf } from "../time/timers.ts";
import { describeDeadlock, lostWakes } from "./deadlock.ts";
import { afterMicrotasks, type Patience, whenHeld } from "./held.ts";
import { Random } from "./random.ts";
import { moveToHead } from "./run-queue.ts";
import type { Deviation, Wildness } from "./schedule.ts";
import { CANCELLED, type Step, standOf } from "./step.ts";
import type { Strategy } from "./strategy.ts";
import { isStuck } from "./stuck.ts";
import { type Found, textOf, Verdict } from "./verdict.ts";

/** @internal A question that was asked: its answers are 0, and from `least` on those below `answers`. */
export interface Question {
	readonly at: number;
	readonly least: number;
	readonly answers: number;
}

/** @internal */
export interface EpisodeOptions extends Wildness {
	readonly maxSteps: number;
	/** So many at most once a task was cancelled, if that is judged only by what it left locked. */
	readonly maxStepsCancelled: number;
	/** How long promises of the host are waited for. */
	readonly patience: Patience;
	/** From this step on it is written down where each one ended, for `TRACED_STEPS`; `Infinity` for none. */
	readonly traceFrom: number;
}

/** @internal */
export interface EpisodeResult {
	readonly found: Found | null;
	readonly deviations: readonly Deviation[];
	readonly questions: readonly Question[];
	readonly steps: number;
	/** It came to its end by itself, without cancellations. */
	readonly ended: boolean;
	readonly trace: readonly Step[];
	/** The program took random numbers. */
	readonly drew: boolean;
}

// The questions of a step, in their order.
const TIME = 0;
const WHOM_TO_CANCEL = 1;
const WHO_RUNS = 2;
const HOW_LONG = 3;
const WHICH_BRANCHES = 4;
const REST = 31;
/** @internal The questions of a step. */
export const KINDS = 32;
/** Answers to the question when native code has gone far enough: 0, when it waits; else one more than the microtasks that it is given. */
const RESTS = 8;
/** Those that are tried one by one: how many microtasks exactly is seldom of importance. */
const RESTS_IN_TURN = 3;

/** @internal */
export const TRACED_STEPS = 300;
/** So long may a task be late: the others may be waiting for it in a loop. */
const LATE_STEPS = 50;
/** The longest-ready task is passed over so often at most: a livelock is one under fair schedules, too. */
const PASSES = 64;
const LEFTOVER_STEPS = 1_000;
const CLEANUP_MS = 50;

/** @internal */
export class Episode {
	readonly #options: EpisodeOptions;
	readonly #strategy: Strategy;
	readonly #core: RuntimeCore;
	readonly #timers: Timers;
	readonly #entropy: Random;
	readonly #deviations: Deviation[] = [];
	readonly #questions: Question[] = [];
	readonly #trace: Step[] = [];
	readonly #verdict: Verdict;
	/** Tasks that run only when no other can, up to a step. */
	readonly #late = new Map<Task, number>();
	/** The task that is ready for longest, and how often others have run before it since. */
	#longestReady: Task | null = null;
	#passes = 0;
	/** Tasks whose last poll was cut short. */
	readonly #gaveWay = new Set<Task>();
	#mostSteps: number;
	#numbered = 0;
	/** Combinators polled in this step. */
	#groups = 0;
	/** The place among the questions of the one about this poll. */
	#polled = 0;
	#steps = 0;
	#stepsAfter = 0;
	#slack: number;
	#cancels: number;
	/** It goes on without questions: to its end, or to see whether a spurious poll helps. */
	#quiet = false;
	#looking = false;
	/** There are native async functions. */
	#native = false;
	#rested = false;
	#budget = BUDGET;
	#drew = false;
	#root!: Task;
	#end!: (found: Found | null) => void;

	constructor(strategy: Strategy, entropy: number, options: EpisodeOptions) {
		this.#strategy = strategy;
		this.#options = options;
		this.#mostSteps = options.maxSteps;
		this.#slack = options.slack;
		this.#cancels = options.cancels;
		this.#entropy = new Random(entropy);
		const core = new RuntimeCore("explore", {
			hostYield: Number.POSITIVE_INFINITY,
			cleanupGrace: CLEANUP_MS,
			cleanupTimeout: CLEANUP_MS,
			onUnhandled: (failure) => this.#verdict.failures.push(failure),
		});
		core.clock = new PausedClock(core);
		this.#core = core;
		this.#verdict = new Verdict(core, options.leaksOnly);
		this.#timers = timersOf(core);
		core.pick = () => {
			const rest = this.#rest();
			if (rest === null) moveToHead(core.queue, this.#pick(core.queue));
			return rest;
		};
		const idle = core.onIdle;
		core.onIdle = () => {
			// What sleeps when the program has ended does not go on, or the host's timers would decide how far.
			if (this.#quiet || !this.#root.isFinished) idle?.();
			this.#lookLater();
		};
	}

	async run(program: unknown): Promise<EpisodeResult> {
		const found = await new Promise<Found | null>((resolve) => {
			this.#end = resolve;
			this.#root = new Task(into(program), this.#core);
			this.#root.name = "main";
			this.#root.promise().catch(() => {});
		});
		const ended = this.#verdict.cancelled.size === 0 && this.#root.isFinished;
		this.#quiet = true;
		this.#core.pick = null;
		await shutdown(this.#core, { timeout: CLEANUP_MS * 2 });
		// The engine tells of its last rejections when all reactions have run.
		if (this.#native) await new Promise<void>((resolve) => void hostTurn(resolve)?.ref(true));
		return {
			found,
			deviations: this.#deviations,
			questions: this.#questions,
			steps: this.#steps,
			ended,
			trace: this.#trace,
			drew: this.#drew,
		};
	}

	/** `Math.random` of the program. */
	random(): number {
		this.#drew = true;
		return this.#entropy.fraction();
	}

	// ---- questions

	/** Where a question stands: the same in schedules that differ before it, as far as can be. */
	#at(kind: number): number {
		return this.#steps * KINDS + kind;
	}

	#answer(at: number, answers: number, answer: number): number {
		if (answer !== 0) this.#deviations.push({ at, answer });
		this.#questions.push({ at, least: 1, answers });
		return answer;
	}

	/**
	 * Native async functions go on in promise reactions, some microtasks after the poll that settled what they wait for. As soon as there are any,
	 * each choice is made in a turn of the host of its own, when all of them have come to their next wait; or, as the answer says, earlier, when
	 * some of them stand between two reactions.
	 */
	#rest(): ((drain: () => void) => void) | null {
		if (this.#quiet) return null;
		this.#native ||= this.#core.hostWork > 0;
		this.#rested = this.#native && !this.#rested;
		if (!this.#rested) return null;
		if (this.#core.hostWork === 0) return hostTurn;
		const at = this.#at(REST);
		const answer = this.#answer(at, RESTS_IN_TURN, this.#strategy.rest(RESTS, at));
		if (answer === 0) return hostTurn;
		if (answer > 1) return (drain) => afterMicrotasks(answer - 1, drain);
		this.#rested = false;
		return null;
	}

	#pick(queue: Queue<Task>): Task {
		if (this.#quiet) return queue.peek();
		if (++this.#steps > this.#mostSteps || (this.#root.isFinished && ++this.#stepsAfter > LEFTOVER_STEPS)) {
			this.#end(
				this.#root.isFinished ? this.#verdict.judge(this.#root) : this.#verdict.livelock(this.#options.maxSteps),
			);
			this.#quiet = true;
			return queue.peek();
		}
		if (this.#slack > 0 && this.#timers.wheel.size > 0) this.#passTime(queue);
		if (this.#cancels > 0) this.#cancelOne();
		const head = queue.peek();
		this.#passes = head === this.#longestReady ? this.#passes + 1 : 0;
		this.#longestReady = head;
		if (this.#passes > PASSES) return head;
		const ready = this.#ready(queue);
		const n = ready.length;
		if (n === 1) return ready[0] as Task;
		const at = this.#at(WHO_RUNS);
		// Where there are delays and cancellations as well, there are enough ways to be late.
		const { slack, cancels } = this.#options;
		const answers = slack > 0 || cancels > 0 ? n : 2 * n;
		const answer = this.#answer(at, answers, this.#strategy.task(ready, at));
		if (answer < n) return ready[answer] as Task;
		this.#late.set(ready[answer - n] as Task, this.#steps + LATE_STEPS);
		return ready[answer === n ? 1 : 0] as Task;
	}

	/** Time passes while tasks are ready: 1, a millisecond; 2, as much as to the next deadline, if that is further away and within the slack. */
	#passTime(queue: Queue<Task>): void {
		const { wheel, shift } = this.#timers;
		const next = wheel.next() - shift;
		const at = this.#at(TIME);
		const answers = next > 1 && next <= this.#slack ? 3 : 2;
		const answer = this.#answer(at, answers, this.#strategy.time(answers, at, this.#ready(queue)));
		if (answer === 0) return;
		const ms = answer === 1 ? 1 : next;
		this.#slack -= ms;
		moveClock(this.#timers, ms);
	}

	/** The tasks that may run next: those that are late only when no other is ready. */
	#ready(queue: Queue<Task>): Task[] {
		const ready: Task[] = [];
		const late: Task[] = [];
		for (const t of readyTasks(queue)) ((this.#late.get(t) ?? 0) > this.#steps ? late : ready).push(t);
		if (ready.length > 0) return ready;
		this.#late.clear();
		return late;
	}

	/** What native code waits for is cancelled only with that code: nobody else has a handle of it. */
	#cancelOne(): void {
		const candidates: Task[] = [];
		for (let t = this.#core.live; t !== null; t = t.after)
			if (t !== this.#root && (t.flags & (CANCEL | STARTED)) === 0) candidates.push(t);
		if (candidates.length === 0) return;
		const at = this.#at(WHOM_TO_CANCEL);
		const chosen = this.#answer(at, 1 + candidates.length, this.#strategy.cancel(candidates.length, at));
		if (chosen === 0) return;
		// The list has the youngest first.
		const task = candidates[candidates.length - chosen] as Task;
		this.#cancels--;
		if (this.#options.leaksOnly) this.#mostSteps = Math.min(this.#mostSteps, this.#options.maxStepsCancelled);
		this.#verdict.cancel(task);
		this.#note(task, CANCELLED);
	}

	// ---- hooks

	owns(task: Task): boolean {
		return task.runtime === this.#core;
	}

	/** Numbered from 1 in the episode that is shown, so that it reads the same each time. */
	spawned(task: Task): void {
		if (this.#options.traceFrom < Number.POSITIVE_INFINITY) rareOf(task).id = ++this.#numbered;
	}

	pollStart(task: Task): void {
		if (this.#quiet) return;
		this.#groups = 0;
		this.#polled = this.#questions.length;
		const at = this.#at(HOW_LONG);
		const asked = this.#strategy.preempt(task, at);
		// One that has just given way for nothing gets at least one wait further, or it might give way for ever.
		const after = asked === 0 ? 0 : Math.max(asked, this.#least(task));
		this.#answer(at, 0, after);
		this.#budget = after === 0 ? BUDGET : Math.min(BUDGET, after - 1);
		S.budget = this.#budget;
	}

	#least(task: Task): number {
		return this.#gaveWay.has(task) ? 2 : 1;
	}

	/** A combinator of the task is about to poll those of its branches that were woken. */
	branches(woken: readonly Driver[]): readonly Driver[] | null {
		if (this.#quiet || woken.length < 2) return null;
		const kind = WHICH_BRANCHES + this.#groups++;
		if (kind >= REST) return null;
		const at = this.#at(kind);
		const n = woken.length;
		const answer = this.#answer(at, 2 * n, this.#strategy.branches(woken, at));
		if (answer === 0) return null;
		return answer < n ? [...woken.slice(answer), ...woken.slice(0, answer)] : [woken[answer - n] as Driver];
	}

	pollEnd(task: Task): void {
		if (this.#quiet) return;
		// Where it could have been made to give way is known only now.
		const used = this.#budget - S.budget;
		const { at } = this.#questions[this.#polled] as Question;
		this.#questions[this.#polled] = { at, least: this.#least(task), answers: 1 + Math.max(0, used) };
		const preempted = this.#budget < BUDGET && S.budget <= 0;
		if (preempted) this.#gaveWay.add(task);
		else this.#gaveWay.delete(task);
		// A clock that was about to move on is one no more.
		if (task === this.#root && task.isFinished) this.#core.clock = new PausedClock(this.#core);
		if (task.isFinished) this.#note(task, "ended");
		else this.#note(task, preempted ? "was made to give way" : "", true);
	}

	resource(event: string, resource: object, detail: object): void {
		const task = runningTask();
		if (event === "hold" && task !== null) {
			this.#verdict.held.set(detail, { task, resource });
			if (!this.#quiet) this.#strategy.holds?.(task);
		} else if (event === "release") this.#verdict.held.delete(detail);
	}

	/** A promise was rejected, and nobody listens: one that was cancelled, or one that failed. */
	rejected(reason: unknown): boolean {
		const judged = !this.#quiet && !this.#verdict.leaksAlone;
		if (judged && !(reason instanceof CancelledError)) {
			const message = `a promise was rejected, and nobody handled it: ${textOf(reason)}`;
			this.#end({ kind: "failure", message, error: reason });
		}
		return true;
	}

	#isTraced(): boolean {
		const since = this.#steps - this.#options.traceFrom;
		return since >= 0 && since < TRACED_STEPS;
	}

	#note(task: Task, what: string, stopped = false): void {
		if (!this.#isTraced()) return;
		const spawnedAt = trackedOf(task)?.spawnedAt[0];
		this.#trace.push({ task: task.label(), what, stack: stopped ? standOf(task) : [], spawnedAt });
	}

	// ---- the end

	#lookLater(): void {
		if (this.#looking) return;
		this.#looking = true;
		const turn = hostTurn(() => {
			this.#looking = false;
			if (!this.#quiet) this.#look();
		});
		turn?.ref(true);
	}

	#look(): void {
		const core = this.#core;
		if (core.queue.size > 0) return;
		if (this.#root.isFinished) this.#end(this.#verdict.judge(this.#root));
		else if (isStuck(core)) void this.#stuck();
		else if (core.hostWork > 0) {
			const moves = () => (this.#quiet || this.#root.isFinished ? null : this.#steps);
			whenHeld(this.#timers, this.#options.patience, moves, (work) => this.#endHeld(work));
		}
	}

	#endHeld(work: string): void {
		const deadlock = describeDeadlock(this.#core);
		if (this.#verdict.leaksAlone) {
			this.#end(this.#verdict.leak(deadlock));
			return;
		}
		const message = `the program waits for ${work || "host work"}, which did not come: a deadlock behind a promise, or the host, and an exploration needs futures of yamanote\n${deadlock.text}`;
		this.#end({ kind: "held", message, error: undefined });
	}

	async #stuck(): Promise<void> {
		const deadlock = describeDeadlock(this.#core);
		this.#quiet = true;
		if (this.#verdict.leaksAlone) {
			const leak = this.#verdict.leak(deadlock);
			this.#end(leak === null ? null : { ...leak, message: `${leak.message}\n${deadlock.text}` });
			return;
		}
		// Would anything be ready if it were polled once more? Then somebody forgot to wake it.
		const lost = await lostWakes(this.#core);
		if (lost.length > 0) {
			const message = `lost wake-up: ${lost.join(", ")} could go on, but nothing woke it\n${deadlock.text}`;
			this.#end({ kind: "lost-wakeup", message, error: undefined });
		} else this.#end({ kind: "deadlock", message: deadlock.text, error: undefined });
	}
}
