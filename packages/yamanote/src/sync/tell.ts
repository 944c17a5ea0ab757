/** What the primitives tell an observer. Without one it costs a comparison. */
import { S } from "../core/shared.ts";

/** What happens at a lock or channel: somebody waits, gives up waiting, has got it, has released it. */
export type ResourceEvent = "wait" | "leave" | "hold" | "release";

/** @internal */
export function tell(event: ResourceEvent, resource: object, detail: object): void {
	if (S.hooks !== null) S.hooks.resource?.(event, resource, detail);
}
