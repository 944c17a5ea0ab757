/** Programs: `main`. */
import { toMs } from "../core/duration.ts";
import { CancelledError, CleanupTimeout, checkOptions } from "../core/error.ts";
import { hostProcess, hostReport } from "../core/host.ts";
import { into } from "../core/into.ts";
import { currentRuntime, type RuntimeCore } from "../core/runtime-core.ts";
import { Task } from "../core/task.ts";
import type { Starred, Waitable } from "../core/types.ts";
import { SignalError } from "./error.ts";
import { type ShutdownOptions, shutdown } from "./runtime.ts";

/** @internal Where a runtime keeps who is asked first when a signal comes: true if it was taken. */
export const onSignal: unique symbol = Symbol.for("yamanote.onSignal.v1") as never;

const signals: { readonly [name: string]: number } = { SIGINT: 2, SIGTERM: 15 };

/**
 * Runs a script: the program as the root task of the default runtime, and a shutdown at its end.
 *
 * - A failure is printed with its async stack, and the exit code is 1; so it is when a task has failed that nobody observed.
 * - SIGINT and SIGTERM cancel the program: `finally` and `using` run, and the exit code is 128 and the signal's number. A second signal
 *   exits at once. A listener of your own is called as well, and holds nothing back: to end in order give `gracefulShutdown`, which takes the
 *   signals over.
 * - When the program has ended, the tasks that it left behind are cancelled. `timeout` (default 5 s) bounds all cleanup, the program's own too.
 *
 * The process itself ends as Node does: when nothing else, such as an open server, keeps it.
 *
 * @param program - whatever can be waited for
 * @throws {@link TypeError} or {@link RangeError} at the call, if that is no program or `timeout` no duration
 * @source `#[tokio::main]`
 *
 * @example
 * ```ts no-run
 * import { main, sleep } from "yamanote";
 *
 * main(function* () {
 *   yield* sleep({ seconds: 1 });
 *   console.log("one second later");
 * });
 * ```
 */
export function main<const F extends Waitable>(program: F & Starred<F>, options: ShutdownOptions = {}): void {
	checkOptions("main", options);
	const core = currentRuntime();
	const root = into(program);
	if (options.timeout !== undefined) core.limits.cleanupTimeout = toMs(options.timeout);
	const task = new Task(root, core);
	task.name = "main";
	// A promise all the same, for who wants to wait: it is resolved when all is done, and never rejected.
	return runMain(task, core, options) as unknown as undefined;
}

async function runMain(task: Task, core: RuntimeCore, options: ShutdownOptions): Promise<void> {
	const process = hostProcess();
	let stopped: string | undefined;
	const listeners = Object.keys(signals).map((name) => {
		const listener = (): void => {
			// A graceful shutdown that is in force takes the signal.
			const handler = core.slots.get(onSignal) as ((name: string) => boolean) | undefined;
			if (handler?.(name) === true) return;
			if (stopped !== undefined) process?.exit(128 + (signals[name] as number));
			stopped = name;
			task.abort(new SignalError(name));
		};
		process?.on(name, listener);
		return { name, listener };
	});
	let code = 0;
	// A failure that nobody has observed counts whenever it is told, or the exit code would depend on when its handle is collected.
	let failed = false;
	let ended = false;
	const { onUnhandled } = core.limits;
	core.limits.onUnhandled = (failure) => {
		failed ||= ended || failure.when !== "cleanup";
		onUnhandled(failure);
	};
	try {
		await task.promise();
	} catch (error) {
		if (stopped !== undefined && error instanceof CancelledError && error.reason instanceof SignalError) {
			code = 128 + (signals[stopped] as number);
			if (error.suppressed !== undefined && !(error.suppressed instanceof CleanupTimeout)) print(error.suppressed);
		} else {
			code = 1;
			print(error);
		}
	}
	ended = true;
	await shutdown(core, options);
	core.limits.onUnhandled = onUnhandled;
	for (const { name, listener } of listeners) process?.off(name, listener);
	if (code === 0 && failed) code = 1;
	if (process !== undefined && code !== 0) process.exitCode = code;
}

function print(error: unknown): void {
	if (error instanceof Error) hostReport(error);
	else hostReport("Uncaught", error);
}
