/**
 * The executor: a FIFO run queue, drained by generations.
 *
 * A wake outside a drain schedules one in a microtask. A drain polls the tasks that were queued when it began (and, if these were few, those
 * that they woke, up to 16 polls), then returns, so that promise reactions interleave, and goes on by microtask until the host turn was used for `hostYield` milliseconds; then by a host
 * macrotask, so that timers and sockets are served. The clock is read every 64 polls: a turn with fewer costs no clock and no macrotask.
 *
 * It has no policy of its own: `runtime/` adds options, shutdown and `main`.
 */
import { ambientScope } from "./ambient.ts";
import { type ContextToken, captureContext } from "./context-token.ts";
import { type HostHandle, hostNow, hostTurn, setHostTimer } from "./host.ts";
import { refAll, refNew, watchExit } from "./process-life.ts";
import { Queue } from "./queue.ts";
import { runningTask, S } from "./shared.ts";
import type { Task } from "./task.ts";
import { reportFailure, type TaskFailure } from "./unobserved.ts";

/** The limits and policies of a runtime, all with defaults. Times are in milliseconds of the real clock. */
export interface RuntimeLimits {
	/** How long ready tasks may keep one turn of the host's loop before timers and sockets are served. Default 2. */
	hostYield: number;
	/** How long a cancelled async function may go on while it waits for foreign promises. Default 100. */
	cleanupGrace: number;
	/** How long cleanup may wait for futures of ours. Default 5,000. */
	cleanupTimeout: number;
	/** Told of each failure that nobody observed. Default: prints it. */
	onUnhandled: (failure: TaskFailure) => void;
}

/** @internal What timers and host work tell a paused clock: see `runtime/paused-clock.ts`. */
export interface PausedClock {
	/** The host work that holds it, by name. */
	readonly work: Map<object, string>;
	/** Every task waits, and timers are armed: it may move on by itself. */
	idle(timers: object): void;
	/** Says that a timer goes by the clock of runtime `own`, but runtime `waiting` waits for it. */
	refuse(own: string, waiting: string): never;
	/** It runs on. */
	stop(): void;
}

const nothing = Promise.resolve();
const CHECK = 63;
/** A drain makes so many polls, if there are so many to make, before promise reactions have their turn: a microtask costs as much as a poll. */
const LEAST_POLLS = 16;

/** @internal */
export class RuntimeCore {
	readonly name: string;
	readonly limits: RuntimeLimits;
	readonly queue: Queue<Task> = new Queue(64);
	/** A drain is scheduled or running. */
	#scheduled = false;
	/** This host turn was used up: the drain waits for the next. */
	#spent = false;
	#turnArmed = false;
	#turnStart = 0;
	#turnPolls = 0;
	#drains = 0;
	/** How many of the generation that is drained are still to be polled. */
	#left = 0;
	/** Another generation is drained at once while there were fewer polls. */
	#enough = 0;

	/** Live tasks: a list linked by `task.before`/`task.after`. */
	live: Task | null = null;
	alive = 0;
	spawned = 0;
	polls = 0;
	/** Milliseconds spent in polls: sampled, one drain in sixteen. */
	busy = 0;
	/** Root waiters: `main`, `run`, `blockOn`, a native `await`. While there is one of any runtime, host handles keep the process alive. */
	roots = 0;
	/** Host handles that keep the process alive while somebody waits. */
	readonly handles: Set<HostHandle> = new Set();
	/** Host work in flight that a paused clock waits for: promises, async functions outside our waits, threads. */
	hostWork = 0;
	/** Its clock while that is paused; null while it runs. */
	clock: PausedClock | null = null;
	/** Called when a drain has left the queue empty. */
	onIdle: (() => void) | null = null;
	/** Moves the ready task that runs next to the head, for schedule exploration; or gives what calls the drain later, to be asked again. None is FIFO. */
	pick: (() => ((drain: () => void) => void) | null) | null = null;
	/** Called when the last live task has ended. */
	onEmpty: (() => void) | null = null;
	/** It takes no tasks any more. */
	closed = false;
	/** What it was made with, for the layers above. */
	options: object = {};
	/** What higher layers keep for a runtime: the time driver, the blocking pool. */
	readonly slots: Map<symbol, unknown> = new Map();
	/** Errors that were left behind in this turn of the host; with the task that is to be told of, where one is. */
	leftBehind: Map<unknown, Task | null> | null = null;
	/** Failures that nobody has observed yet. */
	readonly unobserved: Set<TaskFailure> = new Set();

	constructor(name: string, limits: Partial<RuntimeLimits> = {}) {
		this.name = name;
		this.limits = { hostYield: 2, cleanupGrace: 100, cleanupTimeout: 5_000, onUnhandled: reportFailure, ...limits };
		S.runtimes.add(this);
		watchExit();
	}

	/** Tells of an error that no awaiter can be given. */
	report(error: unknown, task: string, when: TaskFailure["when"], spawnedAt?: string): void {
		if (this.isNews(error)) this.limits.onUnhandled({ error, task, spawnedAt, runtime: this.name, when });
	}

	/** Whether nobody who was cancelled has left the same error behind in this turn of the host: several may pass it on, and end together. */
	isNews(error: unknown, task: Task | null = null): boolean {
		if (typeof error !== "object") return true;
		if (this.leftBehind === null) {
			this.leftBehind = new Map();
			hostTurn(() => {
				this.leftBehind = null;
			});
		}
		if (this.leftBehind.has(error)) return false;
		this.leftBehind.set(error, task);
		return true;
	}

	push(task: Task): void {
		this.queue.push(task);
		if (this.#scheduled === false) {
			this.#scheduled = true;
			if (this.#spent === false) nothing.then(this.#drain);
		}
	}

	#drain = (): void => {
		const { queue } = this;
		const timed = (this.#drains++ & 15) === 0 ? hostNow() : 0;
		if (timed !== 0) S.renew();
		if ((this.#drains & 63) === 1) queue.renew();
		let later: ((drain: () => void) => void) | null = null;
		S.hooks?.drain?.(true);
		try {
			this.#enough = this.polls + LEAST_POLLS;
			this.#left = queue.size;
			while (this.#left > 0) {
				if (this.pick !== null) later = this.pick();
				if (later !== null) break;
				const { context } = queue.peek();
				if (context === null) this.#batch();
				else context.run(this.#batch);
			}
		} finally {
			S.current = null;
			S.frame = null;
			S.suspended = null;
			S.depth = 0;
			S.hooks?.drain?.(false);
			if (timed !== 0) this.busy += (hostNow() - timed) * 16;
			if (queue.size === 0) {
				this.#scheduled = false;
				this.onIdle?.();
			} else if (later !== null) later(this.#drain);
			else if (this.#spent === false) nothing.then(this.#drain);
		}
	};

	/** Polls tasks of one context: to the end of the generation, and on while there were not enough polls. */
	#batch = (): void => {
		const { queue } = this;
		const { context } = queue.peek();
		do {
			this.polls++;
			queue.shift().run();
			const over = (++this.#turnPolls & CHECK) === 0 && this.#turnOver();
			if (over || queue.size === 0) {
				this.#left = 0;
				return;
			}
			if (--this.#left === 0) {
				if (this.polls >= this.#enough) return;
				this.#left = queue.size;
			}
		} while (this.pick === null && queue.peek().context === context);
	};

	#turnOver(): boolean {
		const now = hostNow();
		if (!this.#turnArmed) {
			this.#turnArmed = true;
			this.#turnStart = now;
			hostTurn(this.#onTurn);
			return false;
		}
		if (now - this.#turnStart < this.limits.hostYield) return false;
		this.#spent = true;
		return true;
	}

	#onTurn = (): void => {
		this.#turnArmed = false;
		this.#turnPolls = 0;
		if (this.#spent) {
			this.#spent = false;
			if (this.queue.size > 0) this.#drain();
		}
	};

	/** A root waiter begins to wait: the process must live. */
	addRoot(): void {
		if (this.roots++ === 0) refAll(this);
	}

	removeRoot(): void {
		if (--this.roots === 0) refAll(this);
	}

	/** Calls `f` after `ms` of the real clock. It keeps the process alive while there is a root waiter. */
	timer(ms: number, f: () => void): HostHandle {
		const { handles } = this;
		const host = setHostTimer(ms, () => {
			handles.delete(timer);
			f();
		});
		const timer: HostHandle = {
			...host,
			cancel() {
				handles.delete(timer);
				host.cancel();
			},
		};
		handles.add(timer);
		refNew(this, timer);
		return timer;
	}

	/** Host work begins that a paused clock must wait for. */
	beginWork(key: object, what: string): void {
		this.hostWork++;
		this.clock?.work.set(key, what);
	}

	endWork(key: object): void {
		this.hostWork--;
		this.clock?.work.delete(key);
		if (this.hostWork === 0 && this.queue.size === 0) this.onIdle?.();
	}

	/** The context that a task spawned now runs in. Task locals that spawned tasks take over have one of their own. */
	context(): ContextToken | null {
		return captureContext();
	}
}

/** @internal The runtime of the current task, else the entered one, else that of the ambient async body, else the default one. */
export function currentRuntime(): RuntimeCore {
	return runningTask()?.runtime ?? outside();
}

function outside(): RuntimeCore {
	return S.entered ?? ambientScope()?.runtime ?? (S.main ??= new RuntimeCore("default"));
}
