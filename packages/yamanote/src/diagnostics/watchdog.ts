/** Which task held the loop: `watchdog`. */
import { hostNow, hostReport } from "../core/host.ts";
import { S } from "../core/shared.ts";
import type { Task } from "../core/task.ts";
import { type DumpFrame, frameText } from "./frames.ts";
import { observe } from "./observe.ts";
import { traceTree } from "./trace-tree.ts";

/** A poll that took too long: what a {@link watchdog} reports. */
export interface LongPoll {
	/** The name and number of the task, as `"worker" (#7)`. */
	readonly task: string;
	/** The number of the task. */
	readonly id: number;
	/** The name of the task, if it has one. */
	readonly name: string | undefined;
	/** How long it held the loop, in milliseconds. */
	readonly ms: number;
	/** The wait at which it gave way at last, innermost frame first; empty if it has ended. The time was spent before that. */
	readonly stoppedAt: readonly DumpFrame[];
}

/** Options of {@link watchdog}. */
export interface WatchdogOptions {
	/** How long a task may hold the loop, in milliseconds. Default 100. */
	readonly thresholdMs?: number | undefined;
	/** Is told of each longer poll. Default: prints it. */
	readonly onLongPoll?: ((poll: LongPoll) => void) | undefined;
}

/**
 * Watches for tasks that hold the loop: between two of its waits a task runs alone, and nobody else is served. Disposing it ends that. It costs
 * two readings of the clock for each poll.
 *
 * A report comes when the task has given way: one that never does is found by the debugger alone. Move long computations to a thread, or give
 * way in them with `yield* consumeBudget()`.
 *
 * @throws {@link RangeError} if the threshold is not above 0
 * @source none: tokio-console's warning of long polls
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run } from "yamanote";
 * import { watchdog } from "yamanote/diagnostics";
 *
 * const held: string[] = [];
 * using _dog = watchdog({ thresholdMs: 5, onLongPoll: ({ task }) => held.push(task) });
 * await run(function* () {
 *   const end = performance.now() + 20;
 *   while (performance.now() < end);
 * }, { name: "busy" });
 * assert.match(held[0] ?? "", /"busy"/);
 * ```
 */
export function watchdog(options: WatchdogOptions = {}): Disposable {
	const { thresholdMs = 100, onLongPoll = print } = options;
	if (!(thresholdMs > 0)) throw new RangeError(`watchdog: thresholdMs must be above 0, not ${String(thresholdMs)}`);
	let since = 0;
	const stop = observe({
		pollStart() {
			since = hostNow();
		},
		pollEnd(task) {
			const ms = hostNow() - since;
			if (ms >= thresholdMs) onLongPoll(reportOf(task, ms));
		},
	});
	return { [Symbol.dispose]: stop };
}

function reportOf(task: Task, ms: number): LongPoll {
	const { current } = S;
	// Its poll is over: it can be traced as any task that waits.
	S.current = S.task = null;
	try {
		const stoppedAt = task.isFinished ? [] : traceTree(task).frames;
		return { task: task.label(), id: task.id, name: task.name, ms, stoppedAt };
	} finally {
		S.current = current;
		S.task = task;
	}
}

function print({ task, ms, stoppedAt }: LongPoll): void {
	const where = stoppedAt[0] === undefined ? "" : `, until ${frameText(stoppedAt[0])}`;
	hostReport(`yamanote: task ${task} held the loop for ${Math.round(ms)} ms${where}`);
}
