// node bench/floor.mjs [workload ...] [--engine E] [--rounds N] [--reps N]: what no runtime of generators can do without.
//
// First what the engine itself takes, which bounds `yield_many`, `spawn_join`, `deep_await` from below: nanoseconds, the 10th percentile of short
// slices. Then workloads as bare programs (peers/js/peers/bare.mjs, bare-futures.mjs), beside Yamanote and Tokio, run in turn.

import { parse } from "./lib/args.mjs";
import { openEngine } from "./lib/engines.mjs";
import { columns, interleave } from "./lib/interleave.mjs";
import { prepare } from "./lib/peers.mjs";
import { openSnapshot } from "./lib/snapshot.mjs";

const TASKS = 200;
const YIELDS = 100;
const DEPTH = 100;
const SLICES = 400;

/** As a future of ours: its own iterator and its own iterator result, ready when it is asked again. */
class Once {
	done = false;
	value = undefined;
	next() {
		this.done = this.value === true;
		this.value = true;
		return this;
	}
	[Symbol.iterator]() {
		return this;
	}
}

function* yields() {
	for (let i = 0; i < YIELDS; i++) yield;
}

function* waits() {
	for (let i = 0; i < YIELDS; i++) yield* new Once();
}

function* gives(value) {
	return value;
}

function* deep(depth) {
	return depth === 0 ? 0 : 1 + (yield* deep(depth - 1));
}

async function nativeYields() {
	for (let i = 0; i < YIELDS; i++) await null;
}

async function nativeDeep(depth) {
	return depth === 0 ? 0 : 1 + (await nativeDeep(depth - 1));
}

/** Resumes each in turn until all have ended: an array is the shortest run queue there is. */
function drain(generators) {
	let live = generators;
	while (live.length > 0) live = live.filter((generator) => !generator.next().done);
}

const times = (n, f) => Array.from({ length: n }, f);

/** What a slice does, and how many operations that are. */
const slices = [
	["a plain `yield`, 200 generators", TASKS * YIELDS, () => drain(times(TASKS, yields))],
	["`yield*` of a new object, 200 generators", TASKS * YIELDS, () => drain(times(TASKS, waits))],
	["`await null`, 200 async functions", TASKS * YIELDS, () => Promise.all(times(TASKS, nativeYields))],
	["a generator, made and run to its end", TASKS * YIELDS, () => drain(times(TASKS * YIELDS, gives))],
	["100 generators deep and back, no wait", TASKS, () => drain(times(TASKS, () => deep(DEPTH)))],
	["100 async functions deep and back", TASKS, () => Promise.all(times(TASKS, () => nativeDeep(DEPTH)))],
];

async function measured(operations, slice) {
	const all = [];
	for (let i = 0; i < SLICES; i++) {
		const start = performance.now();
		await slice();
		all.push(((performance.now() - start) * 1e6) / operations);
	}
	return all.sort((a, b) => a - b)[SLICES / 10];
}

const report = (line) => console.error(`floor: ${line}`);

/** The fastest round of each: what is slower is the machine's doing, and all had as many chances. */
async function workloadFloors(options) {
	const { main } = openSnapshot({ report });
	const engine = openEngine(options.engine);
	const peers = ["tokio-current", "bare", "bare-futures", "yamanote"]
		.map((name) => prepare(name, engine, main, report))
		.filter(Boolean);
	const bare = peers.find(({ name }) => name === "bare").workloads;
	const titles = ["tokio", "bare", "futures", "ours", "futures/tokio", "ours/futures", "ours/tokio"];
	console.log(`\n${"".padEnd(20)}${titles.map((title) => title.padStart(14)).join("")}`);
	await interleave({
		...options,
		workloads: options.workloads.filter((workload) => bare.includes(workload)),
		columns: columns(peers, false),
		progress() {},
		done(workload, lines) {
			const least = (name) => lines.find(({ peer }) => peer === name)?.min ?? Number.NaN;
			const [tokio, plain, futures, ours] = ["tokio-current", "bare", "bare-futures", "yamanote"].map(least);
			const times = [tokio, plain, futures, ours].map((ns) => ns.toFixed(0));
			const ratios = [futures / tokio, ours / futures, ours / tokio].map((ratio) => ratio.toFixed(2));
			console.log(workload.padEnd(20) + [...times, ...ratios].map((text) => text.padStart(14)).join(""));
		},
	});
}

const options = parse(process.argv.slice(2));
for (const [name, operations, slice] of slices)
	console.log(`${name.padEnd(42)} ${(await measured(operations, slice)).toFixed(0).padStart(6)} ns`);
await workloadFloors(options);
