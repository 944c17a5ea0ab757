/** How long a timer has still to go, for dumps. */
import type { Sleep } from "./sleep.ts";

/** @internal Whole milliseconds, rounded up. */
export function msLeft({ due, timers }: Sleep): number {
	return Math.max(0, Math.ceil(due - timers.now()));
}
