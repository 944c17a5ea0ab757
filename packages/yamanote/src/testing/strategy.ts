/** Who answers the questions of an episode: at random, by priorities, as written down before. */
import type { Task } from "../core/task.ts";
import type { Random } from "./random.ts";
import type { Deviation, Wildness } from "./schedule.ts";

/** @internal Answers the questions of one episode. 0 is what happens without exploration. */
export interface Strategy {
	/**
	 * Which of n ready tasks runs next: its place in the run queue. From n on, one that does not: it is late, and the first of the others runs.
	 */
	task(ready: readonly Task[], at: number): number;
	/** Whether the task has to give way during its next poll: 0, or one more than the waits that it may find ready before. */
	preempt(task: Task, at: number): number;
	/**
	 * Which of the woken branches of a combinator are polled now. Of n: 0, all as they were woken; below n, all, beginning with that one; from n
	 * on, only that one, and the others at the next poll.
	 */
	branches(woken: readonly object[], at: number): number;
	/** Whether time passes while tasks are ready: below `answers`, 0 for none, see {@link Episode}. */
	time(answers: number, at: number, ready: readonly Task[]): number;
	/** How far native code goes before the next choice: below `answers`, 0 for to its next wait, see {@link Episode}. */
	rest(answers: number, at: number): number;
	/** Whether a task is cancelled: 0, or one more than its place among those that may be. */
	cancel(candidates: number, at: number): number;
	/** A task has taken a lock or a permit. */
	holds?(task: Task): void;
}

/** @internal Replays deviations. */
export class Replay implements Strategy {
	readonly #answers: Map<number, number>;

	constructor(deviations: readonly Deviation[]) {
		this.#answers = new Map(deviations.map(({ at, answer }) => [at, answer]));
	}

	task(ready: readonly Task[], at: number): number {
		return Math.min(this.#answers.get(at) ?? 0, 2 * ready.length - 1);
	}
	preempt(_task: Task, at: number): number {
		return this.#answers.get(at) ?? 0;
	}
	branches(woken: readonly object[], at: number): number {
		return Math.min(this.#answers.get(at) ?? 0, 2 * woken.length - 1);
	}
	time(answers: number, at: number): number {
		return Math.min(this.#answers.get(at) ?? 0, answers - 1);
	}
	rest(answers: number, at: number): number {
		return Math.min(this.#answers.get(at) ?? 0, answers - 1);
	}
	cancel(candidates: number, at: number): number {
		return Math.min(this.#answers.get(at) ?? 0, candidates);
	}
}

/** What the strategies below do besides choosing tasks. */
interface Mischief {
	/** The chance that a poll is preempted; 1: every wait gives way, whatever it waits for. */
	readonly preempt: number;
	/** The chance that the branches of a combinator are rearranged. */
	readonly branches: number;
	/** The chance that time passes before a poll. */
	readonly time: number;
	/** The chance that a task is cancelled before a poll. */
	readonly cancel: number;
	/** The chance that native code is interrupted before its next wait. */
	readonly haste: number;
}

abstract class Seeded implements Strategy {
	readonly random: Random;
	readonly #mischief: Mischief;

	constructor(random: Random, mischief: Mischief) {
		this.random = random;
		this.#mischief = mischief;
	}

	abstract task(ready: readonly Task[]): number;

	preempt(_task: Task): number {
		if (this.#mischief.preempt === 1) return 1;
		if (this.random.fraction() >= this.#mischief.preempt) return 0;
		// Most often at the very first wait, sometimes far into the poll.
		let after = 1;
		while (after < 32 && this.random.fraction() < 0.5) after++;
		return after;
	}

	branches(woken: readonly object[]): number {
		return this.random.fraction() < this.#mischief.branches ? this.random.below(2 * woken.length) : 0;
	}

	time(answers: number, _at: number, _ready: readonly Task[]): number {
		return this.random.fraction() < this.#mischief.time ? 1 + this.random.below(answers - 1) : 0;
	}

	rest(answers: number): number {
		if (this.random.fraction() >= this.#mischief.haste) return 0;
		return this.random.below(2) === 0 ? 1 : 1 + this.random.below(answers - 1);
	}

	cancel(candidates: number): number {
		return this.random.fraction() < this.#mischief.cancel ? 1 + this.random.below(candidates) : 0;
	}
}

/** @internal Each ready task is as likely as any other. */
export class Uniform extends Seeded {
	task(ready: readonly Task[]): number {
		return this.random.below(ready.length);
	}
}

/** @internal Most often the task that ran last, if it is ready: runs of one task, changed at random. */
export class Sticky extends Seeded {
	readonly #change: number;
	#last: Task | null = null;

	constructor(random: Random, mischief: Mischief, change: number) {
		super(random, mischief);
		this.#change = change;
	}

	task(ready: readonly Task[]): number {
		let place = this.#last === null ? -1 : ready.indexOf(this.#last);
		if (place < 0 || this.random.fraction() < this.#change) place = this.random.below(ready.length);
		this.#last = ready[place] as Task;
		return place;
	}
}

/**
 * In turn, as without exploration, but for a few tasks that are held back for some steps (after delay-bounded scheduling, Emmi et al. 2011): two
 * tasks that take turns meet at every distance from each other, which neither priorities nor runs of one task bring about.
 *
 * @internal
 */
export class Delays extends Seeded {
	readonly #until = new Map<Task, number>();
	readonly #starts: ReadonlySet<number>;
	#step = 0;

	/** @param delays - how many @param length - within so many questions */
	constructor(random: Random, mischief: Mischief, delays: number, length: number) {
		super(random, mischief);
		this.#starts = new Set(Array.from({ length: delays }, () => random.below(length)));
	}

	task(ready: readonly Task[]): number {
		this.#count(ready);
		return Math.max(
			0,
			ready.findIndex((task) => !this.#isHeld(task)),
		);
	}

	/** Where nothing else can run, a task is held back by time that passes. */
	override time(answers: number, at: number, ready: readonly Task[]): number {
		this.#count(ready);
		return ready.every((task) => this.#isHeld(task)) ? answers - 1 : super.time(answers, at, ready);
	}

	#count(ready: readonly Task[]): void {
		if (!this.#starts.has(++this.#step)) return;
		const held = ready[this.random.below(ready.length)] as Task;
		this.#until.set(held, this.#step + 1 + this.random.below(2 ** (1 + this.random.below(6))));
	}

	#isHeld(task: Task): boolean {
		return (this.#until.get(task) ?? 0) > this.#step;
	}
}

/**
 * Priorities (probabilistic concurrency testing, Burckhardt et al. 2010): each task has a random priority, the highest ready one runs, and at
 * few random points the running task drops below all others. A bug that needs d things in an order is found with a chance that depends on d,
 * not on how long the program is.
 *
 * @internal
 */
export class Priorities extends Seeded {
	readonly #priority = new Map<object, number>();
	readonly #changes: ReadonlySet<number>;
	#step = 0;
	#lowest = 0;
	#last: object | null = null;
	#run = 0;
	readonly #amongBranches: boolean;
	/** The chance that whoever takes a lock drops below all others: so that each has one when they want another, or wait for the end of one. */
	readonly #drops: number;

	/** @param depth - the number of drops @param length - within so many steps */
	constructor(random: Random, mischief: Mischief, depth: number, length: number) {
		super(random, mischief);
		this.#changes = new Set(Array.from({ length: depth }, () => random.below(length)));
		this.#amongBranches = random.below(2) === 0;
		this.#drops = [0, 0, 0.5, 1][random.below(4)] as number;
	}

	task(ready: readonly Task[]): number {
		return this.#highest(ready);
	}

	/** One that gives way within a poll often does so for long: then it drops below all others. */
	override preempt(task: Task): number {
		const after = super.preempt(task);
		if (after > 0 && this.random.below(2) === 0) this.#priority.set(task, --this.#lowest);
		return after;
	}

	holds(task: Task): void {
		if (this.#drops > 0 && this.random.fraction() < this.#drops) this.#priority.set(task, --this.#lowest);
	}

	/** Branches have priorities as tasks have, in half of all schedules. */
	override branches(woken: readonly object[]): number {
		if (!this.#amongBranches) return super.branches(woken);
		const best = this.#highest(woken);
		// Nobody is kept out for ever: now and then all are polled.
		return this.random.below(16) === 0 ? 0 : woken.length + best;
	}

	#highest(of: readonly object[]): number {
		let best = 0;
		let highest = Number.NEGATIVE_INFINITY;
		for (let i = 0; i < of.length; i++) {
			const one = of[i] as object;
			let priority = this.#priority.get(one);
			if (priority === undefined) {
				priority = 1 + this.random.fraction();
				this.#priority.set(one, priority);
			}
			if (priority > highest) {
				highest = priority;
				best = i;
			}
		}
		const chosen = of[best] as object;
		this.#run = chosen === this.#last ? this.#run + 1 : 0;
		this.#last = chosen;
		// One that spins would keep the others out for ever.
		if (this.#changes.has(this.#step++) || this.#run > 40) {
			this.#priority.set(chosen, --this.#lowest);
			this.#run = 0;
		}
		return best;
	}
}

/** @internal The strategy of one iteration of a program of some `length`: which, and how wild, is itself drawn. */
export function drawn(random: Random, { cancels, slack }: Wildness, length: number): Strategy {
	const preempt = [0, 0, 0.02, 0.1, 0.3, 1][random.below(6)] as number;
	const time = slack > 0 && random.below(4) === 0 ? 0.1 : 0;
	const cancel = cancels > 0 && random.below(3) === 0 ? ([0.3, 0.1, 0.03][random.below(3)] as number) : 0;
	const branches = [0, 0.1, 0.5][random.below(3)] as number;
	const haste = [0, 0.3, 1][random.below(3)] as number;
	const mischief = { preempt, branches, time, cancel, haste };
	switch (random.below(6)) {
		case 0:
			return new Uniform(random, mischief);
		case 1:
			return new Sticky(random, mischief, [0.1, 0.3][random.below(2)] as number);
		case 2:
		case 3:
			return new Delays(random, mischief, 1 + random.below(4), length);
		default:
			return new Priorities(random, mischief, random.below(4), 2 ** (2 + random.below(7)));
	}
}
