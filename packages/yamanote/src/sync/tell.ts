/** What the primitives tell observers. Without one it costs two comparisons. */
import { S } from "../core/shared.ts";

/**
 * What happens at a lock or channel: somebody waits, gives up waiting, has got it, has released it; a guard was held across a wait (the detail
 * is the error), a receiver has missed messages (the detail is the error); an end of a channel was made, was released (the detail is the end).
 *
 * @internal
 */
export type ResourceEvent = "wait" | "leave" | "hold" | "release" | "crossed" | "lagged" | "open" | "shut";

type Watcher = (event: ResourceEvent, resource: object, detail: object) => void;

let watcher: Watcher | null = null;

/** @internal Sets the watcher of this module's own; null for none. */
export function watch(next: Watcher | null): void {
	watcher = next;
}

/** @internal */
export function tell(event: ResourceEvent, resource: object, detail: object): void {
	if (S.hooks !== null) S.hooks.resource?.(event, resource, detail);
	if (watcher !== null) watcher(event, resource, detail);
}
