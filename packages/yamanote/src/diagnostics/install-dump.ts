/** Dumps when they are needed: on a signal, at a deadlock, at an exit with work pending. */
import { checkOptions } from "../core/error.ts";
import { hostProcess, hostReport } from "../core/host.ts";
import type { RuntimeCore } from "../core/runtime-core.ts";
import { S } from "../core/shared.ts";
import { type DumpOptions, dump, trackTasks } from "./dump.ts";

/** Options of {@link installDump}. */
export interface InstallDumpOptions extends Omit<DumpOptions, "runtime"> {
	/** The signal that asks for a dump; the program goes on after it. `false` for none. Default `"SIGQUIT"` (`kill -QUIT`, Ctrl+\). */
	readonly signal?: string | false | undefined;
	/** Write one when nothing is left that could wake the tasks that somebody waits for. Default true. */
	readonly deadlock?: boolean | undefined;
	/** Write one when the process exits while tasks have not ended. Default true. */
	readonly exit?: boolean | undefined;
	/** Remember when and where tasks are spawned, and who holds which lock. Default true. */
	readonly track?: boolean | undefined;
	/** Is given the text. Default: writes it to the standard error. */
	readonly write?: ((text: string) => void) | undefined;
}

/**
 * Has dumps written when they are needed: on a signal, at a deadlock, and at an exit with work pending. Disposing it ends that.
 *
 * Signals are Node's, Bun's and Deno's; in browsers only `dump()` itself is of use.
 *
 * @throws {@link TypeError} if the engine does not know the signal
 * @source none: SIGQUIT of the Java and Go runtimes
 *
 * @example
 * ```ts no-run
 * import { main, sleep } from "yamanote";
 * import { installDump } from "yamanote/diagnostics";
 *
 * installDump();
 * main(function* () {
 *   yield* sleep({ hours: 1 }); // meanwhile: kill -QUIT <pid>
 * });
 * ```
 */
export function installDump(options: InstallDumpOptions = {}): Disposable {
	checkOptions("installDump", options);
	const { signal = "SIGQUIT", deadlock = true, exit = true, write = hostReport } = options;
	const tracking = options.track === false ? null : trackTasks();
	const process = hostProcess();
	let told = false;
	const tell = (why: string): void => write(`${why}\n${dump(options)}`);
	const listeners: [event: string, listener: () => void][] = [];
	if (signal !== false) listeners.push([signal, () => tell(`${signal} received`)]);
	if (deadlock) {
		listeners.push([
			"beforeExit",
			() => {
				if (told || ![...S.runtimes].some(isDeadlocked)) return;
				told = true;
				tell("deadlock: nothing is left that could wake these tasks");
			},
		]);
	}
	if (exit) {
		listeners.push([
			"exit",
			() => {
				if (!told && [...S.runtimes].some((runtime) => runtime.alive > 0)) tell("the process exits with work pending");
			},
		]);
	}
	for (const [event, listener] of listeners) process?.on(event, listener);
	return {
		[Symbol.dispose]() {
			for (const [event, listener] of listeners) process?.off(event, listener);
			tracking?.[Symbol.dispose]();
		},
	};
}

function isDeadlocked(runtime: RuntimeCore): boolean {
	return runtime.roots > 0 && runtime.alive > 0 && runtime.queue.size === 0;
}
