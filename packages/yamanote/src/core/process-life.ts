/** The process lives while work waits, and a silent exit with work pending, or with a failure that nobody saw, never happens. */
import { type HostHandle, hostProcess, hostReport } from "./host.ts";
import type { RuntimeCore } from "./runtime-core.ts";
import { S } from "./shared.ts";
import { tell } from "./unobserved.ts";

const watching = Symbol.for("yamanote.exit.v1");
const told = Symbol("told");
const DEADLOCK_EXIT = 13;
const MAX_LINES = 10;

/** @internal Somebody waits, for this runtime or for another: what one waits for may be a task or a timer of the other. */
export function isAwaited({ roots }: RuntimeCore): boolean {
	if (roots > 0) return true;
	for (const other of S.runtimes) if (other.roots > 0) return true;
	return false;
}

/** @internal A root waiter has come or gone: host handles keep the process alive while there is one. */
export function refAll(runtime: RuntimeCore): void {
	const on = isAwaited(runtime);
	for (const { handles } of S.runtimes) for (const h of handles) h.ref(on);
}

/** @internal A new one does so, too. */
export function refNew(runtime: RuntimeCore, handle: HostHandle): void {
	if (isAwaited(runtime)) handle.ref(true);
}

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
