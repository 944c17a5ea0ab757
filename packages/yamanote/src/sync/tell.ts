/** What the primitives tell observers. Without one it costs two comparisons. */
import { S as shared } from "../core/shared.ts";

// Constants of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;

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
	if (S.hooks !== null || watcher !== null) told(event, resource, detail);
}

// Apart from its caller, as all that is rare: an optimiser takes so many bytes of code into one function, and no more.
function told(event: ResourceEvent, resource: object, detail: object): void {
	S.hooks?.resource?.(event, resource, detail);
	watcher?.(event, resource, detail);
}
