/** Every task, where it stands and what it waits for: `dump`. */
import { checkOptions } from "../core/error.ts";
import { hostNow } from "../core/host.ts";
import type { RuntimeCore } from "../core/runtime-core.ts";
import { runningTask, S } from "../core/shared.ts";
import { type DumpTask, dumpTask, taskText } from "./task-dump.ts";
import { runningFrames } from "./trace-tree.ts";
import { track } from "./tracking.ts";

/** A runtime in a {@link Dump}. */
export interface DumpRuntime {
	readonly name: string;
	/** Tasks that have not ended. */
	readonly tasks: number;
	/** Tasks that stand in the run queue. */
	readonly ready: number;
	/** Promises, async functions and threads that its tasks wait for. */
	readonly hostWork: number;
}

/** Options of {@link dump}. */
export interface DumpOptions {
	/** The most tasks that are described; the others are counted. Default 100,000. */
	readonly maxTasks?: number | undefined;
	/** The longest that it may take, in milliseconds; tasks that are left then are counted. Default 5,000. */
	readonly maxMs?: number | undefined;
	/** The runtime to look at. Default: all. */
	readonly runtime?: { readonly name: string; readonly metrics: object } | undefined;
}

/** What {@link dump} gives: plain data for `JSON.stringify`, and text by `String(dump)`. */
export class Dump {
	/** When it was taken. */
	readonly time: string;
	/** The runtimes that are not shut down. */
	readonly runtimes: readonly DumpRuntime[];
	/** Their live tasks, the oldest first. */
	readonly tasks: readonly DumpTask[];
	/** Live tasks that are not described, for want of time or room. */
	readonly omitted: number;

	/** @internal */
	constructor(runtimes: DumpRuntime[], tasks: DumpTask[], omitted: number) {
		this.time = new Date().toISOString();
		this.runtimes = runtimes;
		this.tasks = tasks;
		this.omitted = omitted;
	}

	/** One block of lines for each task, as a person reads it. */
	toString(): string {
		const lines = [`yamanote dump, ${this.time}: ${count(this.tasks.length + this.omitted, "task")}`];
		for (const runtime of this.runtimes) {
			const { name, tasks, ready, hostWork } = runtime;
			lines.push("", `runtime "${name}": ${count(tasks, "task")}, ${ready} ready, ${hostWork} in flight at the host`);
			for (const task of this.tasks) if (task.runtime === name) lines.push("", ...taskText(task));
		}
		if (this.omitted > 0) lines.push("", `${count(this.omitted, "more task")}`);
		return `${lines.join("\n")}\n`;
	}
}

function count(n: number, what: string): string {
	return `${n} ${what}${n === 1 ? "" : "s"}`;
}

/**
 * Describes every live task: its name, state and polls, what it waits for and who holds that, and its stack with file, line and column of every
 * suspended frame, through `asyncFn` calls, bare generators, and the branches of `join`, `select`, `timeout` and `scope`.
 *
 * It is safe in production: no line of the tasks' code runs, no debugger is needed, and it takes some 20 µs a task, within `maxMs`. Age,
 * place of the spawn, and the holders of locks are known while {@link trackTasks} is on. Of a native async function that waits, engines tell
 * nothing; the futures that it waits for are tasks of their own here. The task that calls it has the stack of the call. Without stack traces that go through generators (no engine of today)
 * the frames are missing.
 *
 * @source `tokio::runtime::Handle::dump`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { asyncFn, sleep, spawn, yieldNow, run } from "yamanote";
 * import { dump } from "yamanote/diagnostics";
 *
 * const nap = asyncFn(function* nap() {
 *   yield* sleep(10_000);
 * });
 * const task = spawn(nap(), { name: "sleeper" });
 * await run(yieldNow());
 *
 * const [sleeper] = dump().tasks.filter(({ name }) => name === "sleeper");
 * assert.equal(sleeper?.state, "waiting");
 * assert.equal(sleeper?.stack[0]?.name, "nap");
 * task.abort();
 * ```
 */
export function dump(options: DumpOptions = {}): Dump {
	checkOptions("dump", options);
	const { maxTasks = 100_000, maxMs = 5_000 } = options;
	const end = hostNow() + maxMs;
	const cores = options.runtime === undefined ? [...S.runtimes] : [coreOf(options.runtime)];
	const running = runningTask() === null ? [] : runningFrames(dump);
	const tasks: DumpTask[] = [];
	let omitted = 0;
	for (const core of cores) {
		const live = [];
		for (let t = core.live; t !== null; t = t.after) live.push(t);
		// The list has the youngest first.
		for (const task of live.reverse()) {
			if (tasks.length >= maxTasks || hostNow() > end) omitted++;
			else tasks.push(dumpTask(task, running));
		}
	}
	return new Dump(cores.map(describeRuntime), tasks, omitted);
}

function coreOf(runtime: NonNullable<DumpOptions["runtime"]>): RuntimeCore {
	return (runtime as { readonly core?: RuntimeCore }).core ?? (runtime as unknown as RuntimeCore);
}

function describeRuntime(core: RuntimeCore): DumpRuntime {
	return { name: core.name, tasks: core.alive, ready: core.queue.size, hostWork: core.hostWork };
}

/** Options of {@link trackTasks}. */
export interface TrackOptions {
	/** Remember where each task was spawned; it costs some microseconds a spawn. Default true. */
	readonly stacks?: boolean | undefined;
}

/**
 * From now on remembers when and where each task is spawned, and which task holds which lock, for dumps. Disposing it ends that.
 *
 * @source none: tokio-console's instrumentation
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { sleep, spawn } from "yamanote";
 * import { dump, trackTasks } from "yamanote/diagnostics";
 *
 * using _tracking = trackTasks();
 * const task = spawn(sleep(1_000), { name: "nap" });
 * const [nap] = dump().tasks.filter(({ name }) => name === "nap");
 * assert.ok((nap?.age ?? -1) >= 0);
 * assert.ok((nap?.spawnedAt.length ?? 0) > 0);
 * task.abort();
 * ```
 */
export function trackTasks(options: TrackOptions = {}): Disposable {
	checkOptions("trackTasks", options);
	return { [Symbol.dispose]: track(options.stacks ?? true) };
}
