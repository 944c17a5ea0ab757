/** What an exploration throws when it has found a mistake. */
import { YamanoteError } from "../core/error.ts";
import { type Step, stepTexts } from "./step.ts";
import type { ExploreKind, Found } from "./verdict.ts";

const MOST_STEPS = 60;

/**
 * A schedule under which the program goes wrong. `cause` is the program's own error, if it threw one.
 *
 * `message` says what went wrong, step by step, and how to run that schedule again.
 */
export class ExploreError extends YamanoteError {
	declare readonly name: "ExploreError";
	declare readonly code: "YAMANOTE_EXPLORE";
	/**
	 * What went wrong: `"failure"` (it threw, or a task failed unobserved), `"deadlock"`, `"lost-wakeup"` (a task could go on, and nothing woke
	 * it), `"livelock"` (no end within `maxSteps`), `"leak"` (a cancelled task took a lock with it), `"held"` (it waits for a promise that does not come).
	 */
	readonly kind: ExploreKind;
	/** Runs exactly this schedule again: `explore(program, { seed })`. */
	readonly seed: string;
	/** Schedules that were tried until it was found. */
	readonly iterations: number;
	/** What ran, in its order: the shortest way to the mistake that was found. */
	readonly steps: readonly string[];

	/** @internal */
	static override get called(): string {
		return "ExploreError";
	}

	/** @internal */
	constructor(found: Found, seed: string, iterations: number, trace: readonly Step[], reproduced: boolean) {
		const steps = stepTexts(trace);
		const more = Math.max(0, steps.length - MOST_STEPS);
		// A livelock comes to its circle early; the others end with what goes wrong.
		const left = found.kind === "livelock" ? 0 : more;
		const shown = steps.slice(left, left + MOST_STEPS).map((step, i) => `  ${left + i + 1}. ${step}`);
		if (left < more) shown.push("  and so on");
		const lines = [
			`${found.message}`,
			"",
			`found in schedule ${iterations}; to run it again: explore(program, { seed: ${JSON.stringify(seed)} })`,
		];
		if (!reproduced)
			lines.push(
				"it did not happen again: something in the program is not the same each time (the host's clock, module state)",
			);
		if (shown.length > 0) lines.push(`the steps (${steps.length}):`, ...shown);
		super(lines.join("\n"), found.error === undefined ? undefined : { cause: found.error });
		this.kind = found.kind;
		this.seed = seed;
		this.iterations = iterations;
		this.steps = steps;
	}
}
