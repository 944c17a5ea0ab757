/** Runs a concurrent program under many schedules: `explore`. */
import { CleanupTimeout, checkOptions, describe } from "../core/error.ts";
import { hostTurn } from "../core/host.ts";
import { runningTask } from "../core/shared.ts";
import { limitStacks } from "../core/stack-limit.ts";
import type { Starred, Waitable } from "../core/types.ts";
import { observe } from "../diagnostics/observe.ts";
import { track } from "../diagnostics/tracking.ts";
import { Episode, type EpisodeOptions, type EpisodeResult, KINDS, TRACED_STEPS } from "./episode.ts";
import { ExploreError } from "./explore-error.ts";
import { Frontier } from "./frontier.ts";
import { Patience } from "./held.ts";
import { mix, Random } from "./random.ts";
import { takeRejections } from "./rejections.ts";
import { type Deviation, decode, encode, type Schedule, type Wildness } from "./schedule.ts";
import { shrink } from "./shrink.ts";
import { drawn, Replay, type Strategy } from "./strategy.ts";
import type { Found } from "./verdict.ts";

/** Options of {@link explore}. */
export interface ExploreOptions {
	/** How many schedules are tried. Default 1,000. */
	readonly iterations?: number | undefined;
	/** A number: where the search begins; the same number tries the same schedules. A string that a failure printed: just that schedule. Default 1. */
	readonly seed?: number | string | undefined;
	/** The most polls in one schedule, before it counts as a livelock. Default 20,000. */
	readonly maxSteps?: number | undefined;
	/**
	 * Cancel tasks at random points. `"leaks"`: a cancelled task may fail its program, and only a lock or permit that it took with it counts.
	 * `true`: whatever goes wrong then counts, but for the cancellation itself. Default `"leaks"`.
	 */
	readonly cancel?: boolean | "leaks" | undefined;
	/** How many milliseconds of virtual time, in one schedule, may pass while tasks are ready, as on a busy machine. Default 2. */
	readonly slack?: number | undefined;
	/** How many schedules may be run to shorten a failing one. Default 500. */
	readonly shrink?: number | undefined;
}

/** What {@link explore} gives when nothing went wrong. */
export interface ExploreReport {
	/** Schedules that were tried. */
	readonly iterations: number;
	/** Polls in all of them. */
	readonly steps: number;
	/** Whether all schedules of the program were tried (without cancellations, and without time that passes by itself). */
	readonly exhausted: boolean;
}

const TAME: Wildness = { slack: 0, cancels: 0, leaksOnly: false };
/** A program whose schedules were all tried, with all cancellations and delays, is run at least so often. */
const ENOUGH = 1_000;
/** A mistake that was not found in so many schedules needs more deviations than can be tried one by one. */
const MANY = 1_000;
/** The least number of steps after which a program that lost a task to a cancellation, and waits for it in a loop, is given up. */
const CANCELLED_STEPS = 500;
/** A livelock is shortened by runs of so many steps, if it is one within these. */
const LIVELOCK_STEPS = 2_000;

/** One exploration at a time: they share what the program sees as `Math.random`. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * Runs a concurrent program again and again, each time under another schedule, until one goes wrong: it throws, a task fails unobserved, all
 * tasks wait and nothing can wake them, a wake-up is lost, or a cancelled task takes a lock with it. Rejects with the shortest such schedule
 * that it finds, step by step, and a seed that runs exactly that again.
 *
 * A schedule decides which ready task runs next, and which is late for long; at which `yield*` a task gives way although what it waits for is ready (as it must when its
 * budget is used up); in which order timers and ready tasks come; which task is cancelled; and what `Math.random` gives. Small programs are
 * tried in all schedules, those closest to the normal one first; larger ones also at random and by random priorities.
 *
 * The program is called anew for each schedule, so its state must be made inside. It runs on a runtime of its own with a paused clock. It
 * must be the same each time but for the schedule: no clock of the host, no sockets. Native async functions are interrupted at their waits for
 * futures of ours, and between promises of their own. While an exploration runs, `Math.random` is its own in the whole program, and other errors
 * have no stack: leave tests that run beside it to another process.
 *
 * @param program - a function: a generator function, an async function, or one that gives a future
 * @throws {@link TypeError}, {@link RangeError} at the call, for bad arguments
 * @errors {@link ExploreError} (`YAMANOTE_EXPLORE`) when a schedule goes wrong
 * @source none: `loom` and `shuttle`, for tasks
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { join, yieldNow } from "yamanote";
 * import { ExploreError, explore } from "yamanote/testing";
 *
 * const lostUpdate = explore(function* () {
 *   let counter = 0;
 *   function* increment() {
 *     const before = counter;
 *     yield* yieldNow();
 *     counter = before + 1;
 *   }
 *   yield* join([increment(), increment()]);
 *   assert.equal(counter, 2);
 * });
 * await assert.rejects(lostUpdate, ExploreError);
 * ```
 */
export function explore<const F extends Waitable>(
	program: F & Starred<F>,
	options: ExploreOptions = {},
): Promise<ExploreReport> {
	const exploration = new Exploration(program, options);
	const result = turn.then(() => exploration.run());
	turn = result.catch(() => {});
	return result;
}

class Exploration {
	readonly #program: unknown;
	readonly #iterations: number;
	/** Where random schedules begin, or the one schedule that is replayed. */
	readonly #seed: number | Schedule;
	readonly #shrink: number;
	readonly #maxSteps: number;
	readonly #wild: Wildness;
	readonly #patience = new Patience();
	#episode: Episode | null = null;
	#steps = 0;
	/** The steps of the longest schedule that came to its end by itself. */
	#longest = 0;

	constructor(program: unknown, options: ExploreOptions) {
		checkOptions("explore", options);
		const { iterations = 1_000, seed = 1, maxSteps = 20_000, cancel = "leaks", slack = 2, shrink = 500 } = options;
		if (typeof program !== "function")
			throw new TypeError(`explore: give a function, which is called for each schedule, not ${describe(program)}`);
		for (const [name, n, least] of [
			["iterations", iterations, 1],
			["maxSteps", maxSteps, 1],
			["slack", slack, 0],
			["shrink", shrink, 0],
		] as const) {
			if (!(Number.isInteger(n) && n >= least))
				throw new RangeError(`explore: ${name} must be a whole number of at least ${least}, not ${String(n)}`);
		}
		if (typeof cancel !== "boolean" && cancel !== "leaks")
			throw new TypeError(`explore: cancel must be true, false or "leaks", not ${describe(cancel)}`);
		if (typeof seed !== "string" && !Number.isFinite(seed))
			throw new TypeError(`explore: seed must be a number, or the seed that a failure printed, not ${describe(seed)}`);
		this.#program = program;
		this.#iterations = iterations;
		this.#seed = typeof seed === "string" ? decode(seed) : seed;
		this.#shrink = shrink;
		this.#maxSteps = maxSteps;
		this.#wild = { slack, cancels: cancel === false ? 0 : 2, leaksOnly: cancel === "leaks" };
	}

	async run(): Promise<ExploreReport> {
		const untrack = track(false);
		const unobserve = observe({
			spawned: (task) => this.#of(task)?.spawned(task),
			pollStart: (task) => this.#of(task)?.pollStart(task),
			pollEnd: (task) => this.#of(task)?.pollEnd(task),
			branches: (woken) => {
				const task = runningTask();
				return task === null ? null : (this.#of(task)?.branches(woken) ?? null);
			},
			resource: (event, resource, detail) => this.#episode?.resource(event, resource, detail as object),
		});
		// Between two schedules, too: some engines tell of the last rejections late.
		const giveBack = takeRejections((reason) => this.#episode?.rejected(reason) ?? true);
		const { random } = Math;
		Math.random = () => this.#episode?.random() ?? random();
		try {
			return typeof this.#seed === "number" ? await this.#search(this.#seed) : await this.#replay(this.#seed);
		} finally {
			Math.random = random;
			await new Promise<void>((resolve) => void hostTurn(resolve)?.ref(true));
			giveBack();
			unobserve();
			untrack();
		}
	}

	#of(task: Parameters<Episode["owns"]>[0]): Episode | null {
		const episode = this.#episode;
		return episode?.owns(task) === true ? episode : null;
	}

	async #once(
		strategy: Strategy,
		entropy: number,
		wild: Wildness,
		how: Partial<EpisodeOptions> = {},
	): Promise<EpisodeResult> {
		const { maxSteps = this.#maxSteps, maxStepsCancelled = maxSteps, traceFrom = Number.POSITIVE_INFINITY } = how;
		const traced = traceFrom < Number.POSITIVE_INFINITY;
		const episode = new Episode(strategy, entropy, {
			...wild,
			maxSteps,
			maxStepsCancelled,
			traceFrom,
			patience: this.#patience,
		});
		this.#episode = episode;
		const untrack = traced ? track(true) : null;
		// Stacks are for people: errors of the runs that nobody sees are made without.
		const stackLimit = traced ? undefined : limitStacks(0);
		try {
			const result = await episode.run(this.#program);
			this.#steps += result.steps;
			return result;
		} finally {
			if (!traced) limitStacks(stackLimit);
			this.#episode = null;
			untrack?.();
		}
	}

	async #search(seed: number): Promise<ExploreReport> {
		const start = mix(Number.isInteger(seed) ? seed | 0 : Math.floor(seed * 0x1_0000_0000)) >>> 0;
		const tame = new Frontier(new Random(start));
		// With time that passes and cancellations there are far more; those with one or two are worth a turn of their own.
		const wilder = new Frontier(new Random(start));
		let iteration = 0;
		let drew = false;
		const exhausted = (): boolean => tame.isDone && !drew;
		while (iteration < this.#iterations && !(exhausted() && wilder.isDone && iteration >= ENOUGH)) {
			const frontier = this.#turnOf(iteration, tame, wilder);
			const entropy = frontier !== null ? start : mix(start + Math.imul(iteration, 0x61c88647)) >>> 0;
			const wild = frontier === tame ? TAME : this.#wild;
			const deviations = frontier === null ? null : frontier.take();
			// The program's own random numbers are the same in all systematic ones, or deviations would not mean the same.
			const strategy =
				deviations === null ? drawn(new Random(entropy), wild, Math.max(8, this.#longest)) : new Replay(deviations);
			const maxStepsCancelled = Math.max(CANCELLED_STEPS, 2 * this.#longest);
			const result = await this.#once(strategy, entropy, wild, { maxStepsCancelled });
			iteration++;
			if (result.ended) this.#longest = Math.max(this.#longest, result.steps);
			if (result.found !== null) await this.#fail(result.found, entropy, wild, result.deviations, iteration);
			if (deviations === null) continue;
			drew ||= result.drew;
			frontier?.add(deviations, result.questions);
		}
		return { iterations: iteration, steps: this.#steps, exhausted: exhausted() };
	}

	/** Where the next schedule comes from: half of the first ones, and a quarter of the later, are systematic as long as there are any; null for one at random. */
	#turnOf(iteration: number, tame: Frontier, wilder: Frontier): Frontier | null {
		if (iteration >= 2 && (iteration & 1) === 1) return (iteration & 7) === 7 && !wilder.isEmpty ? wilder : null;
		if (iteration >= MANY && (iteration & 2) === 0) return null;
		if (!tame.isEmpty) return tame;
		return wilder.isEmpty ? null : wilder;
	}

	/** Shortens a failing schedule, and throws it; goes on if it was one by chance. */
	async #fail(
		found: Found,
		entropy: number,
		wildness: Wildness,
		deviations: readonly Deviation[],
		iterations: number,
	): Promise<void> {
		const tries =
			(maxSteps: number) =>
			async (tried: readonly Deviation[]): Promise<readonly Deviation[] | null> => {
				const result = await this.#once(new Replay(tried), entropy, wildness, { maxSteps });
				return result.found?.kind === found.kind ? result.deviations : null;
			};
		const fails = tries(this.#maxSteps);
		// Cleanup is limited by the real clock, and the machine may be busy.
		if (found.error instanceof CleanupTimeout && (await fails(deviations)) === null) return;
		let best = deviations;
		if (found.kind === "livelock" && this.#maxSteps > LIVELOCK_STEPS) {
			const shorter = await shrink(
				best.filter(({ at }) => at < LIVELOCK_STEPS * KINDS),
				tries(LIVELOCK_STEPS),
				this.#shrink,
			);
			if ((await fails(shorter)) !== null) best = shorter;
		} else best = await shrink(best, fails, this.#shrink);
		const last = await this.#traced(best, entropy, wildness);
		const reproduced = last.found?.kind === found.kind;
		const seed = encode({ entropy, wildness, deviations: reproduced ? best : deviations });
		throw new ExploreError(reproduced ? (last.found as Found) : found, seed, iterations, last.trace, reproduced);
	}

	/** Runs a schedule twice: the second time the steps that tell most are written down. */
	async #traced(deviations: readonly Deviation[], entropy: number, wildness: Wildness): Promise<EpisodeResult> {
		const { found, steps } = await this.#once(new Replay(deviations), entropy, wildness);
		// Where a livelock comes to, it stays.
		const traceFrom = found?.kind === "livelock" ? 0 : Math.max(0, steps - TRACED_STEPS);
		return this.#once(new Replay(deviations), entropy, wildness, { traceFrom });
	}

	async #replay(schedule: Schedule): Promise<ExploreReport> {
		const { entropy, wildness, deviations } = schedule;
		const result = await this.#traced(deviations, entropy, wildness);
		if (result.found !== null) throw new ExploreError(result.found, encode(schedule), 1, result.trace, true);
		return { iterations: 1, steps: this.#steps, exhausted: false };
	}
}
