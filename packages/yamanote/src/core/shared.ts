/**
 * The state that every part of the library, and every copy of it in one program, shares: who is being polled right now.
 *
 * It sits on `globalThis` under a registered symbol. The layout is version 1: a later, different layout takes another symbol.
 * Everything here is meaningful only during a poll, apart from `entered`, `main`, `hooks` and `ids`.
 */
import type { Driver, Frame } from "./driver.ts";
import type { Hooks } from "./hooks.ts";
import type { RuntimeCore } from "./runtime-core.ts";
import type { Task } from "./task.ts";

/** What each poll and each call writes. Made anew now and then: a pointer from an old object to a young one costs the collector's barrier. */
class Now {
	/** The driver (task or branch) whose code is on the stack; null outside a poll. */
	current: Driver | null = null;
	/** The `asyncFn` frame whose generator runs; null in a bare generator or a leaf. */
	frame: Frame | null = null;
	/**
	 * What has just answered by `next()` that it is pending, a future mostly; null means that nothing has, and no other answer is a suspension.
	 * To compare with it is faster than to look for `done` in what may be any kind of future: an address, since it is an object or null.
	 */
	suspended: object | null = null;
}

/**
 * @internal How many calls begin one on the native stack of the other, where the innermost has to wait: a processor foretells where the last 32
 * native calls return to, and one of ours is four of them.
 */
export const NESTING = 8;
/** @internal How many where none has to wait, and suspending the callers would be in vain. */
export const MOST_NESTING = 400;

/** @internal */
export class Shared {
	now: Now = new Now();
	/** The task whose async function is on the stack, while nobody is polled; null otherwise. */
	native: Task | null = null;
	/** The innermost frame that suspended during the current advance. */
	top: Frame | null = null;
	/** True when the future that suspended is still being dropped: its generator must get `return()` again, not `next()`. */
	dropping = false;
	/** What `suspended` is if nothing waits, but a call has to begin: its driver begins it, at `top`. */
	readonly begins: object = {};
	/** The driver that is being unwound just now, inside `return()` of its code. */
	closing: Driver | null = null;
	/** Stands for tracing as `current`: see `trace.ts`. */
	tracer: Driver | null = null;
	/** Guards that must not live across a suspension; null when none is held. */
	plain: { crossed(d: Driver): Error | undefined } | null = null;
	/** How many calls have begun on the native stack, and branches are polled, one in the other. */
	depth = 0;
	/** The driver begins a call that is nested deeper on the native stack: one of the two above, by what came of the last ones. */
	nesting: number = NESTING;
	/** Cooperative budget that is left in this poll. */
	budget = 0;
	/** The runtime entered by `runtime.enter`, outside a poll. */
	entered: RuntimeCore | null = null;
	/** The default runtime, made on first use. */
	main: RuntimeCore | null = null;
	/** Every runtime that is not shut down. */
	runtimes: Set<RuntimeCore> = new Set();
	/** The observer of state changes; null when nobody watches. */
	hooks: Hooks | null = null;
	/** The number of the last task. */
	ids = 0;

	get current(): Driver | null {
		return this.now.current;
	}
	set current(d: Driver | null) {
		this.now.current = d;
	}
	get frame(): Frame | null {
		return this.now.frame;
	}
	set frame(d: Frame | null) {
		this.now.frame = d;
	}

	get suspended(): object | null {
		return this.now.suspended;
	}
	set suspended(r: object | null) {
		this.now.suspended = r;
	}

	/** Makes what each poll writes young again, while nobody is polled. */
	renew(): void {
		this.now = new Now();
	}
}

const key = Symbol.for("yamanote/1");
const home = globalThis as unknown as Record<symbol, Shared | undefined>;

/** @internal */
export const S: Shared = (home[key] ??= new Shared());

/** @internal The task at the bottom of the stack; null outside a poll. Found when asked for: each poll would have to write it. */
export function runningTask(): Task | null {
	return S.current === null ? S.native : S.current.task;
}
