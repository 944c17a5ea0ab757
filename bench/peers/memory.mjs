// memory.mjs <yamanote|native> <thing|list> [n]: bytes of the heap for one of a thing, with --expose-gc.
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";

/** Held here, and with it all that waits for it: the collector takes what only waits for what nobody holds. */
const never = new Promise(() => {});

const NATIVE = {
	task_parked: () =>
		(async () => {
			await never;
		})(),
	task_asleep: () =>
		(async () => {
			await sleep(1e8, undefined, { ref: false });
		})(),
	timer: () => setTimeout(() => {}, 1e8),
	oneshot_channel: () => {
		const end = {};
		end.receiver = new Promise((resolve) => {
			end.send = resolve;
		});
		return end;
	},
};

const [peer, thing, count] = process.argv.slice(2);
const { memory, reached } = await import("./yamanote.mjs");
const things = peer === "native" ? NATIVE : await memory();
if (thing === "list") {
	console.log(Object.keys(things).join("\n"));
	process.exit(0);
}
const n = Number(count ?? 100_000);
const make = things[thing];
const keep = new Array(n);
make(0); // what the first one sets up is not counted

async function settled() {
	if (peer === "yamanote") await reached();
	for (let i = 0; i < 3; i++) await turn();
	for (let i = 0; i < 3; i++) globalThis.gc();
	const { heapUsed, external, arrayBuffers } = process.memoryUsage();
	return heapUsed + external + arrayBuffers;
}

await settled();
const before = await settled();
for (let i = 0; i < n; i++) keep[i] = make(i);
const bytes = ((await settled()) - before) / n;
if (keep.length !== n) throw new Error("kept"); // holds them until here
process.stdout.write(`${JSON.stringify({ peer, thing, n, bytes: Math.round(bytes) })}\n`, () => process.exit(0));
