// Times one workload in this process and gives its result line.
//
// A workload is `async (n) => ops` or `{ setup?, run(n, ctx), serial?(n, ctx), teardown?, minWarm? }`. `run` returns
// how many operations it made (a small n is rounded to the workload's shape) and throws if its own check fails.
import { appendFileSync, writeFileSync } from "node:fs";
import { WORKLOADS } from "../../workloads.mjs";
import { collect, engine, peakBytes, residentBytes } from "./host.mjs";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const round = (x) => Number(x.toPrecision(6));
const sorted = (xs) => xs.sort((a, b) => a - b);
const median = (xs) => xs[xs.length >> 1];

/** The settings of a run, from the environment: the parent process is the only one who sets them. */
const settings = () => ({
	reps: Number(process.env.REPS ?? 5),
	/** A repetition repeats the workload until it has lasted this long: for small n. */
	minMs: Number(process.env.BENCH_MIN_MS ?? 0),
	/** At least so many operations before the first timed one. */
	warmOps: Number(process.env.BENCH_WARM_OPS ?? 0),
	als: process.env.BENCH_ALS === "1",
	/** A file to which the start of the first timed repetition is written: the engine traces into the same one. */
	markFile: process.env.BENCH_MARK_FILE,
	/** A file for what the timed repetitions allocate, by function (Node). */
	allocationsFile: process.env.BENCH_ALLOCATIONS_FILE,
});

/** Ends the part of an engine's trace that is about loading and warming up. */
export const TIMED = "#timed";

/** A warm-up of at least so many operations ends after this long all the same. */
const WARM_MS = 1000;

/** Runs `f` with one AsyncLocalStorage store active, as a traced web service does. */
async function withStore(f) {
	const { AsyncLocalStorage } = await import("node:async_hooks");
	return new AsyncLocalStorage().run({ request: 1 }, f);
}

/** Samples what is allocated, collected or not, until the function it gives is called: that writes the profile. */
async function sampleAllocations(file) {
	const { Session } = await import("node:inspector/promises");
	const session = new Session();
	session.connect();
	await session.post("HeapProfiler.startSampling", {
		samplingInterval: 8192,
		includeObjectsCollectedByMajorGC: true,
		includeObjectsCollectedByMinorGC: true,
	});
	return async () => {
		const { profile } = await session.post("HeapProfiler.stopSampling");
		writeFileSync(file, JSON.stringify(profile));
	};
}

/** One timed repetition: ns an operation, and how many operations a run made. */
async function repetition(w, n, ctx, cpuTime, minMs) {
	const cpu0 = process.cpuUsage();
	const t0 = performance.now();
	let ops = 0;
	let elapsed;
	do {
		ops += (await w.run(n, ctx)) ?? n;
		elapsed = performance.now() - t0;
	} while (elapsed < minMs);
	const cpu = process.cpuUsage(cpu0);
	return (cpuTime ? (cpu.user + cpu.system) * 1e3 : elapsed * 1e6) / ops;
}

async function timed(w, workload, n, { reps, minMs, warmOps, markFile, allocationsFile }) {
	const ctx = await w.setup?.(n);
	const warm = Math.max(w.minWarm ?? 1, Math.floor(n / 10));
	const start = performance.now();
	let warmed = 0;
	do warmed += (await w.run(warm, ctx)) ?? warm;
	while (warmed < warmOps && performance.now() - start < WARM_MS);

	const cpuTime = WORKLOADS[workload]?.cpu === true;
	if (markFile) appendFileSync(markFile, `${TIMED}\n`);
	const stopSampling = allocationsFile && (await sampleAllocations(allocationsFile));
	const timedFrom = performance.now();
	const times = [];
	for (let i = 0; i < reps; i++) times.push(await repetition(w, n, ctx, cpuTime, minMs));
	sorted(times);
	const out = { ns_per_op: round(median(times)), min: round(times[0]), max: round(times.at(-1)) };
	if (stopSampling) await stopSampling();
	if (markFile) out.timed_ms = [round(timedFrom), round(performance.now())];
	if (w.serial) {
		await w.serial(Math.max(1, Math.floor(n / 10)), ctx);
		const serial = [];
		const run = async () => {
			await w.serial(n, ctx); // its result is no number of operations
		};
		for (let i = 0; i < reps; i++) serial.push(await repetition({ run }, n, ctx, false, 0));
		out.serial_ns_per_op = round(median(sorted(serial)));
		out.speedup = Number((out.serial_ns_per_op / out.ns_per_op).toFixed(2));
	}
	await Promise.race([w.teardown?.(ctx), pause(2000)]); // the close() of some pools never settles
	return out;
}

/**
 * Memory instead of time, without a warm-up: resident bytes before and after n tasks are parked. The live bytes are
 * the heap's growth after a collection: without allocator slack and garbage.
 */
async function parked(w, n, { minMs }) {
	if (minMs > 0) await collect(); // a small n must not drown in the garbage of the start
	const resident = residentBytes();
	const heap = process.memoryUsage().heapUsed;
	const keep = await w.run(n);
	await pause(200);
	const out = { ns_per_op: null, min: null, max: null, bytes_per_task: round((residentBytes() - resident) / n) };
	if (globalThis.process?.versions?.v8 && (await collect())) {
		out.live_bytes_per_task = round((process.memoryUsage().heapUsed - heap) / n);
	}
	if (!keep) throw new Error("idle_tasks must hand back what holds its tasks");
	return out;
}

/** The result line of one workload. */
export async function measure(peer, workload, definition, n) {
	const w = typeof definition === "function" ? { run: definition } : definition;
	const how = settings();
	const [name, version] = engine();
	const go = () => (WORKLOADS[workload]?.unit === "bytes" ? parked(w, n, how) : timed(w, workload, n, how));
	const result = await (how.als ? withStore(go) : go());
	return {
		peer,
		workload,
		n,
		...result,
		rss_mb: round(peakBytes() / 2 ** 20),
		engine: name,
		engine_version: version,
		...(how.als && { als: true }),
	};
}
