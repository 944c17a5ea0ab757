/** Stands for `../process-life.ts` in bundles for browsers: a page lives as long as it likes, and has no end to watch. */
import type { HostHandle } from "../host.ts";
import type { RuntimeCore } from "../runtime-core.ts";

/** @internal */
export function isAwaited(_runtime: RuntimeCore): boolean {
	return true;
}

// Empty functions, which bundlers leave out together with their calls.
/** @internal */
export function refAll(_runtime: RuntimeCore): void {}
/** @internal */
export function refNew(_runtime: RuntimeCore, _handle: HostHandle): void {}
/** @internal */
export function watchExit(): void {}
