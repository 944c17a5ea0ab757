/** What happened while a program ran: which bodies began and ended, which failures were thrown, who saw them, what was reported. */
import { CancelledError, type JoinHandle, type TaskFailure } from "yamanote";

/** A failure of a program. */
export class Failure extends Error {
	readonly id: number;

	constructor(id: number) {
		super(`failure #${id}`);
		this.id = id;
	}
}

/** All errors that an error carries, itself included. What a cancellation was for is somebody else's. */
export function carriedBy(error: unknown, found: Set<object> = new Set()): Set<object> {
	if (typeof error !== "object" || error === null || found.has(error)) return found;
	found.add(error);
	const { cause, suppressed, errors, error: later } = error as Record<string, unknown>;
	if (!(error instanceof CancelledError) || cause instanceof AggregateError) carriedBy(cause, found);
	carriedBy(suppressed, found);
	carriedBy(later, found);
	if (Array.isArray(errors)) for (const one of errors) carriedBy(one, found);
	return found;
}

export class Witness {
	/** How often each body is in progress; one that began twice has two names. */
	readonly begun: Map<string, number> = new Map();
	readonly thrown: Failure[] = [];
	/** How often the program looked at a failure. */
	readonly seen: Map<object, number> = new Map();
	/** Failures that JavaScript loses: a `finally` that fails, or is left, hides what was on its way. */
	readonly hidden: Set<object> = new Set();
	readonly reports: { readonly failure: TaskFailure; readonly at: number }[] = [];
	/** Tasks of the program, which are aborted at its end; and those that others own, and so may abort. */
	readonly spawned: JoinHandle<unknown, unknown>[] = [];
	readonly owned: Set<JoinHandle<unknown, unknown>> = new Set();
	/** For what the program itself cancels something. */
	readonly reasons: Set<unknown> = new Set();
	/** What has turned out to be wrong meanwhile. */
	readonly wrong: string[] = [];
	#runs = 0;

	begin(id: number): string {
		const name = `#${id}, run ${++this.#runs}`;
		this.begun.set(name, 1);
		return name;
	}

	end(name: string): void {
		this.begun.set(name, (this.begun.get(name) ?? 0) - 1);
	}

	fail(id: number): Failure {
		const failure = new Failure(id);
		this.thrown.push(failure);
		return failure;
	}

	see(error: unknown): void {
		for (const one of carriedBy(error)) this.seen.set(one, (this.seen.get(one) ?? 0) + 1);
	}

	hide(error: unknown): void {
		for (const one of carriedBy(error)) this.hidden.add(one);
	}

	/** Something for which the program cancels. */
	reason(what: string): string {
		this.reasons.add(what);
		return what;
	}

	spawn<H extends JoinHandle<unknown, unknown>>(handle: H): H {
		this.spawned.push(handle);
		return handle;
	}
}
