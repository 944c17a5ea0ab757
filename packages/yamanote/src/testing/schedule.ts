/**
 * A schedule: the answers to all questions that the exploration asks while a program runs, in their order.
 *
 * Answer 0 is what happens without exploration: the head of the run queue, no preemption, no time that passes, no cancellation. Every other
 * answer is a deviation. So a schedule is its few deviations, and a seed for what the program itself takes at random.
 */
import { describe } from "../core/error.ts";

/** @internal The deviation at a question: its place among all questions, and the answer. */
export interface Deviation {
	readonly at: number;
	readonly answer: number;
}

/** @internal Which questions are asked besides those about tasks; they are part of a schedule, or its deviations would mean something else. */
export interface Wildness {
	/** Milliseconds that may pass while tasks are ready. */
	readonly slack: number;
	/** Cancellations that may be injected. */
	readonly cancels: number;
	/** After a cancellation only what it left locked counts. */
	readonly leaksOnly: boolean;
}

/** @internal */
export interface Schedule {
	/** The seed of `Math.random` while the program runs. */
	readonly entropy: number;
	readonly wildness: Wildness;
	readonly deviations: readonly Deviation[];
}

const VERSION = "y2";

/** @internal As a string: a seed that replays it. */
export function encode({ entropy, wildness, deviations }: Schedule): string {
	let last = 0;
	const runs: { part: string; times: number }[] = [];
	for (const { at, answer } of deviations) {
		const step = (at - last).toString(36);
		last = at;
		const part = answer === 1 ? step : `${step}.${answer.toString(36)}`;
		const run = runs.at(-1);
		if (run?.part === part) run.times++;
		else runs.push({ part, times: 1 });
	}
	const parts = runs.map(({ part, times }) => (times === 1 ? part : `${part}*${times.toString(36)}`));
	const { slack, cancels, leaksOnly } = wildness;
	const wild = `${slack.toString(36)}.${cancels.toString(36)}.${leaksOnly ? 1 : 0}`;
	return `${VERSION}-${(entropy >>> 0).toString(36)}-${wild}-${parts.join("_")}`;
}

const number = (text: string | undefined): number => {
	const n = Number.parseInt(text ?? "", 36);
	if (Number.isNaN(n))
		throw new TypeError("explore: the seed is damaged: give a number, or the seed that a failure printed");
	return n;
};

/** @internal */
export function decode(seed: string): Schedule {
	const [version, entropy, wild = "", parts = ""] = seed.split("-");
	if (version !== VERSION)
		throw new TypeError(`explore: ${describe(seed)} is no seed: give a number, or the seed that a failure printed`);
	const [slack, cancels, leaks] = wild.split(".");
	const wildness = { slack: number(slack), cancels: number(cancels), leaksOnly: number(leaks) === 1 };
	let at = 0;
	const deviations: Deviation[] = [];
	for (const run of parts.split("_").filter((part) => part !== "")) {
		const [part = "", times = "1"] = run.split("*");
		const [step, answer = "1"] = part.split(".");
		// No schedule has more answers than this: a damaged seed does not fill the memory.
		for (let n = Math.min(number(times), 1_000_000); n > 0; n--) {
			at += number(step);
			deviations.push({ at, answer: number(answer) });
		}
	}
	return { entropy: number(entropy), wildness, deviations };
}
