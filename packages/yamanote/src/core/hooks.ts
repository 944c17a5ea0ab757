/** What the runtime tells an observer. The primitives call it at state changes and know nothing of who listens. */
import type { Driver } from "./driver.ts";
import type { Future } from "./future.ts";
import type { Task } from "./task.ts";

/** @internal A branch in the list of those that were woken. */
export interface WokenBranch extends Driver {
	qnext: WokenBranch | null;
}

/** @internal The combinator that has such a list. */
export interface WokenBranches {
	enqueue(branch: WokenBranch): void;
	wake(): void;
}

/** @internal */
export interface Hooks {
	spawned?(task: Task): void;
	/** A future was made: it is not finished being made. */
	created?(future: Future<unknown, unknown>): void;
	/** The run queue begins or ends to be drained: to poll tasks, in one go. */
	drain?(running: boolean): void;
	pollStart?(task: Task): void;
	pollEnd?(task: Task): void;
	finished?(task: Task): void;
	/** The branches of a combinator that were woken, as a list: gives those that are polled now, in this order. Those left out are put back. */
	branches?(first: WokenBranch, group: WokenBranches): WokenBranch | null;
	/** A resource (a lock, a channel) is waited for, was got, or was given up. */
	resource?(event: string, resource: object, detail?: unknown): void;
}
