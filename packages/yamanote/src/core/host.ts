/**
 * The one place that knows the engine: host turns, host timers, the clock, and what Node's `process` offers.
 *
 * Everything is looked up by feature, so that the same file runs in Node, Bun, Deno and browsers. Bundles for browsers take
 * `browser/host.ts` in its place.
 */
import { messageTurn } from "./message-turn.ts";
import { printed } from "./stack-lines.ts";

/** @internal A scheduled host callback. */
export interface HostHandle {
	cancel(): void;
	/** Whether the callback keeps the process alive. */
	ref(on: boolean): void;
}

interface Refable {
	ref?(): unknown;
	unref?(): unknown;
}

interface ProcessLike {
	getBuiltinModule?(name: string): unknown;
	versions?: Record<string, string | undefined>;
	execArgv?: readonly string[];
	exitCode?: number | string | null | undefined;
	on(event: string, listener: (...args: never[]) => void): unknown;
	off(event: string, listener: (...args: never[]) => void): unknown;
	exit(code?: number): never;
}

const g = globalThis as unknown as {
	process?: ProcessLike;
	setImmediate?(f: () => void): Refable;
	clearImmediate?(h: unknown): void;
	setTimeout(f: () => void, ms: number): Refable | number;
	clearTimeout(h: unknown): void;
	performance: { now(): number };
	console?: { error(...args: unknown[]): void };
};

// Kept at load: a test that fakes the globals must not stop our clock; ours is paused by itself.
const { setTimeout, clearTimeout, setImmediate, clearImmediate, performance } = g;

/** @internal Node's `process`, or what stands for it in Bun and Deno; undefined in browsers. */
export const hostProcess = (): ProcessLike | undefined => (typeof g.process?.on === "function" ? g.process : undefined);

/** @internal A module built into the engine; undefined where there is none. */
export const hostModule = (name: string): unknown => g.process?.getBuiltinModule?.(name);

/** @internal Milliseconds of a clock that never goes back, with fractions. */
export const hostNow = (): number => performance.now();

/** The longest delay that host timers know; longer ones would fire at once. */
const MAX_DELAY = 0x7fff_ffff;

/** @internal Calls `f` after `ms` of the real clock. The callback does not keep the process alive unless `ref(true)`. */
export function setHostTimer(ms: number, f: () => void): HostHandle {
	const h = setTimeout(f, Math.min(ms, MAX_DELAY));
	const r = (typeof h === "object" ? h : {}) as Refable;
	r.unref?.();
	return { cancel: () => clearTimeout(h), ref: (on) => void (on ? r.ref?.() : r.unref?.()) };
}

/**
 * Calls `f` in a later turn of the host's loop, after its timers and sockets had their chance. It keeps the process alive, for that one turn:
 * an immediate that does not would wait until something else wakes the loop.
 *
 * @internal
 */
export const hostTurn: (f: () => void) => HostHandle | null =
	setImmediate !== undefined && clearImmediate !== undefined
		? (f) => {
				const h = setImmediate(f);
				return { cancel: () => clearImmediate(h), ref: (on) => void (on ? h.ref?.() : h.unref?.()) };
			}
		: (f) => (messageTurn(f) ? null : setHostTimer(0, f));

/** @internal Says that something went wrong where nobody can catch it. */
export function hostReport(...what: unknown[]): void {
	g.console?.error(what.map((one) => printed(one)).join(" "));
}
