/** Stands for `../host.ts` in bundles for browsers: no `process`, no immediates, and nothing that keeps a process alive. */
import type * as everywhere from "../host.ts";
import { messageTurn } from "../message-turn.ts";

export type { HostHandle } from "../host.ts";

// Kept at load: a test that fakes the globals must not stop our clock.
const { setTimeout, clearTimeout, performance, console } = globalThis;

/** @internal */
export const hostProcess: typeof everywhere.hostProcess = () => undefined;

/** @internal */
export const hostModule: typeof everywhere.hostModule = () => undefined;

/** @internal */
export const hostNow: typeof everywhere.hostNow = () => performance.now();

/** @internal */
export const setHostTimer: typeof everywhere.setHostTimer = (ms, f) => {
	// The longest delay that host timers know; longer ones would fire at once.
	const h = setTimeout(f, Math.min(ms, 0x7fff_ffff));
	return { cancel: () => clearTimeout(h), ref() {} };
};

/** @internal */
export const hostTurn: typeof everywhere.hostTurn = (f) => (messageTurn(f) ? null : setHostTimer(0, f));

/** @internal */
export const hostReport: typeof everywhere.hostReport = (...what) => console.error(...what);
