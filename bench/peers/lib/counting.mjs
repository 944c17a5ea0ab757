// What one operation does, counted instead of timed: steps of code (calls and blocks), polls, wakes, bytes. The engine counts, by its
// coverage, which is exact as long as nothing is optimised: run with --no-opt --no-maglev --no-sparkplug, and begin before the code is loaded.
import { Session } from "node:inspector/promises";

const round = (x) => Number(x.toPrecision(6));

/** The functions of the core that are a poll and a wake, by file. */
const POLLS = { "task.js": "run", "branch.js": "step" };
const WAKES = { "task.js": "wake", "branch.js": "wake" };

/** The counts of a coverage report: of files, and not of the engine's own code. */
export function tally(scripts) {
	const sum = { steps: 0, polls: 0, wakes: 0 };
	for (const { url, functions } of scripts) {
		if (!url.startsWith("file:")) continue;
		const file = /\/core\/([^/]+)$/.exec(url)?.[1];
		for (const { functionName, ranges } of functions) {
			for (const { count } of ranges) sum.steps += count;
			if (functionName === POLLS[file]) sum.polls += ranges[0].count;
			if (functionName === WAKES[file]) sum.wakes += ranges[0].count;
		}
	}
	return sum;
}

const bytesOf = ({ selfSize, children }) => children.reduce((sum, node) => sum + bytesOf(node), selfSize);

/** Begins to count all code that is loaded from now on; the function it gives counts one run of a workload, after a first small one. */
export async function startCounting() {
	const session = new Session();
	session.connect();
	await session.post("Profiler.enable");
	await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
	return async (w, n) => {
		const ctx = await w.setup?.(n);
		await w.run(Math.min(n, 100), ctx);
		await session.post("Profiler.takePreciseCoverage"); // begins anew
		await session.post("HeapProfiler.startSampling", {
			samplingInterval: Math.max(256, Math.floor(n / 4)),
			includeObjectsCollectedByMajorGC: true,
			includeObjectsCollectedByMinorGC: true,
		});
		const ops = (await w.run(n, ctx)) ?? n;
		const { profile } = await session.post("HeapProfiler.stopSampling");
		const { result } = await session.post("Profiler.takePreciseCoverage");
		await w.teardown?.(ctx);
		const { steps, polls, wakes } = tally(result);
		return {
			steps: round(steps / ops),
			polls: round(polls / ops),
			wakes: round(wakes / ops),
			bytes: round(bytesOf(profile.head) / ops),
		};
	};
}
