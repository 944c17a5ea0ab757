/** What was wrong with a run of a program: the end of an episode. */
import { CancelledError } from "../core/error.ts";
import { CANCEL, FAILED } from "../core/flags.ts";
import type { RuntimeCore } from "../core/runtime-core.ts";
import type { Task } from "../core/task.ts";
import type { TaskFailure } from "../core/unobserved.ts";
import { resourceWords } from "../diagnostics/wait.ts";
import type { Deadlock } from "./deadlock.ts";

/** What kind of mistake an exploration has found. */
export type ExploreKind = "failure" | "deadlock" | "lost-wakeup" | "livelock" | "leak" | "held";

/** @internal */
export interface Found {
	readonly kind: ExploreKind;
	readonly message: string;
	readonly error: unknown;
}

/** Why tasks are cancelled by an exploration. */
const REASON = "cancelled by the exploration";

/** @internal What is known of an episode that has come to an end, and what follows from it. */
export class Verdict {
	readonly #core: RuntimeCore;
	/** A cancelled program is judged only by what it left locked. */
	readonly #leaksOnly: boolean;
	/** Failures that nobody observed. */
	readonly failures: TaskFailure[] = [];
	/** Guards and permits that were taken and not released: who took them, and of what. */
	readonly held: Map<object, { readonly task: Task; readonly resource: object }> = new Map();
	/** The tasks that were cancelled. */
	readonly cancelled: Set<Task> = new Set();

	constructor(core: RuntimeCore, leaksOnly: boolean) {
		this.#core = core;
		this.#leaksOnly = leaksOnly;
	}

	cancel(task: Task): void {
		this.cancelled.add(task);
		task.abort(new CancelledError(REASON));
	}

	/** Only what it left locked counts. */
	get leaksAlone(): boolean {
		return this.cancelled.size > 0 && this.#leaksOnly;
	}

	/** It has not ended after so many steps. */
	livelock(maxSteps: number): Found | null {
		if (this.leaksAlone) return null;
		const message = `the program has not ended after ${maxSteps} steps: its tasks wake each other for ever, or maxSteps is too low`;
		return { kind: "livelock", message, error: undefined };
	}

	/** The root has ended: with what? */
	judge(root: Task): Found | null {
		if (!this.leaksAlone) {
			if ((root.flags & FAILED) !== 0) {
				const { error } = root;
				if (!this.#isInjected(error)) return { kind: "failure", message: textOf(error), error };
			}
			for (const failure of [...this.failures, ...this.#core.unobserved]) {
				if (this.#isInjected(failure.error)) continue;
				const message = `task ${failure.task} failed, and nobody observed it: ${textOf(failure.error)}`;
				return { kind: "failure", message, error: failure.error };
			}
		}
		return this.#core.alive === 0 ? this.leak(null) : null;
	}

	#isInjected(error: unknown): boolean {
		return this.cancelled.size > 0 && error instanceof CancelledError && error.reason === REASON;
	}

	/** What a cancelled task has taken, and nobody can release any more. */
	leak(deadlock: Deadlock | null): Found | null {
		for (const { task, resource } of this.held.values()) {
			if (!task.isFinished || (task.flags & CANCEL) === 0) continue;
			if (deadlock !== null && !deadlock.resources.has(resource)) continue;
			const message = `leak: task ${task.label()} was cancelled while it held ${resourceWords(resource)}, and has not released it: use \`using\`, or release in \`finally\``;
			return { kind: "leak", message, error: undefined };
		}
		return null;
	}
}

/** @internal An error in words. */
export function textOf(error: unknown): string {
	return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
