/** Whether a runtime can still do anything by itself. */
import type { RuntimeCore } from "../core/runtime-core.ts";
import { timersOf } from "../time/timers.ts";

/** @internal Every task waits, no timer is armed, and no host work that we know of is in flight. */
export function isStuck(core: RuntimeCore): boolean {
	return core.alive > 0 && core.queue.size === 0 && core.hostWork === 0 && timersOf(core).wheel.size === 0;
}
