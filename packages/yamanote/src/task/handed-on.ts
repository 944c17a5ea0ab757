/** What a task body is given, for those who give their own bodies more than that: `scope`, `gracefulShutdown`. */
import type { TaskContext } from "../core/types.ts";

/** @internal */
export abstract class HandedOn implements TaskContext {
	readonly #task: TaskContext;

	constructor(task: TaskContext) {
		this.#task = task;
	}

	get signal(): AbortSignal {
		return this.#task.signal;
	}
	get run(): TaskContext["run"] {
		return this.#task.run;
	}
	get throwIfCancelled(): () => void {
		return this.#task.throwIfCancelled;
	}
	get id(): number {
		return this.#task.id;
	}
	get name(): string | undefined {
		return this.#task.name;
	}
}
