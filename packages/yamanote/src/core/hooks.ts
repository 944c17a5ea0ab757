/** What the runtime tells an observer. The primitives call it at state changes and know nothing of who listens. */
import type { Task } from "./task.ts";

/** @internal */
export interface Hooks {
	spawned?(task: Task): void;
	pollStart?(task: Task): void;
	pollEnd?(task: Task): void;
	finished?(task: Task): void;
	woken?(task: Task): void;
	/** A resource (a lock, a channel) is waited for, was got, or was given up. */
	resource?(event: string, resource: object, detail?: unknown): void;
}
