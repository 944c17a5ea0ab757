// main.mjs <peer> <workload> [n]: one workload of one JavaScript peer in this process, one JSON line on standard output.
// main.mjs <peer> list: the workloads that the peer has here.
import { existsSync } from "node:fs";
import { SMALLER_N, WORKLOADS } from "../workloads.mjs";
import { measure } from "./lib/measure.mjs";

const [peer, workload, count] = process.argv.slice(2);
const fail = (message) => {
	console.error(message);
	process.exit(2);
};
if (!peer || !workload) fail("usage: main.mjs <peer> <workload|list> [n]");

if (workload === "list-growth") {
	const { growth } = await import("./yamanote.mjs");
	console.log(JSON.stringify(Object.entries(await growth()).map(([name, { what }]) => ({ name, what }))));
	process.exit(0);
}

/** One way to grow as a workload: its size is the number of operations. */
async function growing(name) {
	const { growth } = await import("./yamanote.mjs");
	return (await growth())[name];
}

/** The peer's workloads, each behind a function that gives its definition or, where the peer lacks it, undefined. */
async function loaders() {
	if (peer === "yamanote") return (await import("./yamanote.mjs")).loaders;
	const file = new URL(`./js/peers/${peer}.mjs`, import.meta.url);
	if (!existsSync(file)) fail(`no peer ${peer}`);
	const { workloads } = await import(file.href);
	return Object.fromEntries(Object.entries(workloads).map(([name, definition]) => [name, () => definition]));
}

const load = await loaders();
if (workload === "list") {
	for (const name of Object.keys(WORKLOADS)) if (await load[name]?.()) console.log(name);
	process.exit(0);
}
const definition = workload.startsWith("grow:") ? await growing(workload.slice(5)) : await load[workload]?.();
if (!definition) fail(`${peer} has no workload ${workload}`);
const n = count ? Number(count) : (SMALLER_N[peer]?.[workload] ?? WORKLOADS[workload]?.n);
if (!Number.isSafeInteger(n) || n < 1) fail("n is a whole number, 1 or more");
const line = await measure(peer, workload, definition, n);
process.stdout.write(`${JSON.stringify(line)}\n`, () => process.exit(0));
