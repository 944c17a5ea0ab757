/** The process lives while work waits, and a silent exit with work pending never happens. */
import { hostProcess, hostReport } from "./host.ts";
import { S } from "./shared.ts";

let watching = false;

/** @internal Watches for the host's loop running dry while somebody waits: that is a deadlock, and it is told. */
export function watchExit(): void {
	if (watching) return;
	const process = hostProcess();
	if (process === undefined) return;
	watching = true;
	process.on("beforeExit", () => {
		for (const runtime of S.runtimes) {
			if (runtime.roots === 0 || runtime.queued > 0) continue;
			// Said once for a runtime: a listener of somebody else may revive the loop, and it may run dry again.
			if (runtime.slots.has(told)) continue;
			runtime.slots.set(told, true);
			process.exitCode ||= 13;
			const lines: string[] = [];
			for (let t = runtime.live; t !== null; t = t.after) lines.push(`  task ${t.label()}: waiting`);
			hostReport(
				`yamanote: deadlock: nothing is left that could wake the ${lines.length} waiting task(s) of runtime "${runtime.name}"\n${lines.slice(0, 50).join("\n")}`,
			);
		}
	});
}

const told = Symbol("deadlock told");
