/** What the runtime tells an observer. The primitives call it at state changes and know nothing of who listens. */
import type { Driver } from "./driver.ts";
import type { Future } from "./future.ts";
import type { Task } from "./task.ts";

/** @internal */
export interface Hooks {
	spawned?(task: Task): void;
	/** A future was made: it is not finished being made. */
	created?(future: Future<unknown, unknown>): void;
	pollStart?(task: Task): void;
	pollEnd?(task: Task): void;
	finished?(task: Task): void;
	/** Which woken branches of a combinator are polled now, in which order; those left out come at its next poll. Null: all, as they were woken. */
	branches?(woken: readonly Driver[]): readonly Driver[] | null;
	/** A resource (a lock, a channel) is waited for, was got, or was given up. */
	resource?(event: string, resource: object, detail?: unknown): void;
}
