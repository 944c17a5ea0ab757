/**
 * Every schedule of a small program, those with the fewest deviations first: what is left to try.
 *
 * A schedule that was run has told which questions came after its last deviation. Each other answer to each of them is a schedule with one
 * deviation more; so every schedule has one parent, and comes once.
 */
import type { Question } from "./episode.ts";
import type { Random } from "./random.ts";
import type { Deviation } from "./schedule.ts";

const MOST = 50_000;

/** @internal */
export class Frontier {
	/** By the number of deviations; each level in no order. */
	readonly #levels: (readonly Deviation[])[][] = [[[]]];
	readonly #random: Random;
	#size = 1;
	/** Some were left out for want of room: an empty frontier does not mean that all were tried. */
	truncated = false;

	constructor(random: Random) {
		this.#random = random;
	}

	get isEmpty(): boolean {
		return this.#size === 0;
	}

	/** Nothing is left, and nothing was left out. */
	get isDone(): boolean {
		return this.isEmpty && !this.truncated;
	}

	/** One of those with the fewest deviations. */
	take(): readonly Deviation[] {
		const level = this.#levels.find((l) => l.length > 0) as (readonly Deviation[])[];
		const i = this.#random.below(level.length);
		const taken = level[i] as readonly Deviation[];
		level[i] = level[level.length - 1] as readonly Deviation[];
		level.pop();
		this.#size--;
		return taken;
	}

	/** A schedule was run, and these questions were asked. */
	add(schedule: readonly Deviation[], questions: readonly Question[]): void {
		const last = schedule[schedule.length - 1]?.at ?? -1;
		const depth = schedule.length + 1;
		this.#levels[depth] ??= [];
		const level = this.#levels[depth] as (readonly Deviation[])[];
		for (const { at, least, answers } of questions) {
			if (at <= last) continue;
			for (let answer = least; answer < answers; answer++) {
				if (this.#size >= MOST) {
					this.truncated = true;
					return;
				}
				level.push([...schedule, { at, answer }]);
				this.#size++;
			}
		}
	}
}
