/** The process lives while work waits, and a silent exit with work pending, or with a failure that nobody saw, never happens. */
import { hostProcess, hostReport } from "./host.ts";
import { S } from "./shared.ts";
import { tell } from "./unobserved.ts";

const watching = Symbol.for("yamanote.exit.v1");
const told = Symbol("told");
const DEADLOCK_EXIT = 13;
const MAX_LINES = 10;

/** @internal Watches the end of the process, once. */
export function watchExit(): void {
	const process = hostProcess();
	const home = globalThis as unknown as Record<symbol, boolean | undefined>;
	if (process === undefined || home[watching] === true) return;
	home[watching] = true;
	process.on("beforeExit", () => {
		for (const runtime of S.runtimes) {
			// Said once for a runtime: a listener of somebody else may revive the loop, and it may run dry again.
			if (runtime.alive === 0 || runtime.queue.size > 0 || runtime.slots.has(told)) continue;
			runtime.slots.set(told, true);
			const tasks: string[] = [];
			for (let t = runtime.live; t !== null && tasks.length < MAX_LINES; t = t.after) tasks.push(`  task ${t.label()}`);
			if (runtime.roots > 0) {
				process.exitCode ||= DEADLOCK_EXIT;
				hostReport(
					`yamanote: deadlock: nothing is left that could wake the ${runtime.alive} waiting task(s) of runtime "${runtime.name}"\n${tasks.join("\n")}`,
				);
			} else {
				hostReport(
					`yamanote: the process ends while ${runtime.alive} task(s) of runtime "${runtime.name}" wait, since nobody waits for them: use main(), or await their handles\n${tasks.join("\n")}`,
				);
			}
		}
	});
	process.on("exit", () => {
		for (const runtime of S.runtimes) {
			if (runtime.unobserved.size === 0) continue;
			process.exitCode ||= 1;
			for (const failure of runtime.unobserved) tell(runtime, failure, "shutdown");
		}
	});
}
