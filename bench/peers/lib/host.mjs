// The engine and the process that a workload runs in.
import { readFileSync } from "node:fs";

/** Name and version of the engine: `["node20", "20.20.2"]`. */
export const engine = () => {
	if (globalThis.Deno) return ["deno", Deno.version.deno];
	if (globalThis.Bun) return ["bun", Bun.version];
	return [`node${process.versions.node.split(".")[0]}`, process.versions.node];
};

const status = (field) => {
	try {
		const text = readFileSync("/proc/self/status", "utf8");
		return Number(text.match(new RegExp(`^${field}:\\s+(\\d+) kB`, "m"))[1]) * 1024;
	} catch {
		return undefined; // not Linux
	}
};

/** Resident bytes now. */
export const residentBytes = () => status("VmRSS") ?? process.memoryUsage().rss;

/** The most resident bytes so far. */
export const peakBytes = () => status("VmHWM") ?? process.resourceUsage().maxRSS * 1024;

/** Collects garbage where the engine lets a program ask for it; says whether it did. */
export async function collect() {
	if (globalThis.gc) {
		globalThis.gc();
		return true;
	}
	if (globalThis.Bun) {
		Bun.gc(true);
		return true;
	}
	if (globalThis.Deno) return false;
	const [v8, vm] = await Promise.all([import("node:v8"), import("node:vm")]);
	v8.setFlagsFromString("--expose-gc");
	vm.runInNewContext("gc")();
	return true;
}
