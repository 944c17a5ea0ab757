// main.mjs <peer> <workload> [n]: one workload of one JavaScript peer in this process, one JSON line on standard output.
// main.mjs <peer> list: the workloads that the peer has here.
import { existsSync } from "node:fs";
import { SMALLER_N, WORKLOADS } from "../workloads.mjs";
import { measure } from "./lib/measure.mjs";

const [peer, workload, size] = process.argv.slice(2);
const fail = (message) => {
	console.error(message);
	process.exit(2);
};
if (!peer || !workload) fail("usage: main.mjs <peer> <workload|list> [n]");

/** The ways to grow, as workloads whose size is the number of operations: Yamanote's, and most of them in plain promises, to compare with. */
const growth = async () =>
	peer === "native" ? (await import("./js/lib/growth.mjs")).axes : (await import("./yamanote.mjs")).growth();

if (workload === "list-growth") {
	console.log(JSON.stringify(Object.entries(await growth()).map(([name, { what }]) => ({ name, what }))));
	process.exit(0);
}

/** The peer's workloads, each behind a function that gives its definition or, where the peer lacks it, undefined. */
async function loaders() {
	if (peer === "yamanote") return (await import("./yamanote.mjs")).loaders;
	const file = new URL(`./js/peers/${peer}.mjs`, import.meta.url);
	if (!existsSync(file)) fail(`no peer ${peer}`);
	const { workloads } = await import(file.href);
	return Object.fromEntries(Object.entries(workloads).map(([name, definition]) => [name, () => definition]));
}

const count = process.env.BENCH_COUNT === "1" && (await (await import("./lib/counting.mjs")).startCounting());
const load = await loaders();
if (workload === "list") {
	for (const name of Object.keys(WORKLOADS)) if (await load[name]?.()) console.log(name);
	process.exit(0);
}
const definition = workload.startsWith("grow:") ? (await growth())[workload.slice(5)] : await load[workload]?.();
if (!definition) fail(`${peer} has no workload ${workload}`);
const n = size ? Number(size) : (SMALLER_N[peer]?.[workload] ?? WORKLOADS[workload]?.n);
if (!Number.isSafeInteger(n) || n < 1) fail("n is a whole number, 1 or more");
const line = count
	? { peer, workload, n, ...(await count(typeof definition === "function" ? { run: definition } : definition, n)) }
	: await measure(peer, workload, definition, n);
process.stdout.write(`${JSON.stringify(line)}\n`, () => process.exit(0));
