// `npm run profile -- yield_many [n]`: where a workload's time goes. See docs/performance.md.
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openEngine } from "./lib/engines.mjs";
import { PEERS, prepare } from "./lib/peers.mjs";
import { deopts, garbage, topAllocations, topFunctions } from "./lib/profiles.mjs";
import { output } from "./lib/run-peer.mjs";
import { openSnapshot } from "./lib/snapshot.mjs";
import { fail, UsageError, wholeNumber } from "./lib/usage.mjs";
import { TIMED } from "./peers/lib/measure.mjs";
import { WORKLOADS } from "./workloads.mjs";

const USAGE = `usage: npm run profile -- WORKLOAD [n] [options]

prints the functions that the CPU was in, what was optimised in vain, what was allocated and what the collector did

  --top N           rows of each list (25)
  --peer P          another JavaScript peer instead of Yamanote
  --engine E        node or node26
  --rev REV         Yamanote as it was at that commit
  --als             with one AsyncLocalStorage store active
  --flags "F ..."   flags for the engine, such as --no-turbo-inlining: each function's allocations under its own name
  --keep FILE       leaves the CPU profile there, for a browser's developer tools

workloads: ${Object.keys(WORKLOADS).join(" ")}`;

const REPS = 5;

const report = (line) => console.error(`profile: ${line}`);

const OPTIONS = {
	top: { type: "string", default: "25" },
	peer: { type: "string", default: "yamanote" },
	engine: { type: "string", default: "node" },
	rev: { type: "string" },
	als: { type: "boolean", default: false },
	flags: { type: "string", default: "" },
	keep: { type: "string" },
	help: { type: "boolean", default: false, short: "h" },
};

const ENGINES = ["node", "node26"];

/** What the command line says; undefined where it asks for help. */
function parse(argv) {
	let parsed;
	try {
		parsed = parseArgs({ args: argv, allowPositionals: true, options: OPTIONS });
	} catch (error) {
		throw new UsageError(error.message);
	}
	const { values, positionals } = parsed;
	const [workload, n, ...more] = positionals;
	if (values.help) return undefined;
	if (workload === undefined) throw new UsageError(`name a workload\n\n${USAGE}`);
	if (!Object.hasOwn(WORKLOADS, workload))
		throw new UsageError(`no workload "${workload}"; there are: ${Object.keys(WORKLOADS).join(" ")}`);
	if (more.length > 0) throw new UsageError(`one workload at a time: leave out ${more.join(" ")}`);
	if (!ENGINES.includes(values.engine)) throw new UsageError(`--engine takes one of ${ENGINES.join(", ")}`);
	if (!Object.hasOwn(PEERS, values.peer)) throw new UsageError(`no peer "${values.peer}"`);
	if (!["own", "js"].includes(PEERS[values.peer].kind)) throw new UsageError(`${values.peer} does not run on Node`);
	return { ...values, top: wholeNumber("--top", values.top), workload, n: wholeNumber("n", n) };
}

/** Gives a function that runs the workload in a fresh process with these flags of the engine. */
function runner({ peer: name, engine: engineName, rev, als, flags: more, workload, n }) {
	const { main } = openSnapshot({ rev, report });
	const engine = openEngine(engineName, more.split(" ").filter(Boolean));
	const peer = prepare(name, engine, main, report);
	if (!peer?.workloads.includes(workload)) throw new UsageError(`${name} has no workload ${workload} here`);
	const program = [...peer.command.slice(engine.command.length), workload, ...(n ? [String(n)] : [])];
	return async (flags, env) =>
		output([...engine.command, ...flags, ...program], {
			env: { REPS: String(REPS), ...(als && { BENCH_ALS: "1" }), ...env },
		});
}

const resultOf = (text) => JSON.parse(text.split("\n").findLast((line) => line.startsWith("{")));

function printFunctions({ rows, samples, seconds }, top) {
	console.log(`time in each function itself (${seconds.toFixed(1)} s, ${samples.toLocaleString("en-US")} samples)\n`);
	for (const { share, name, where } of rows.slice(0, top)) {
		console.log(`${(share * 100).toFixed(1).padStart(6)}%  ${name.padEnd(36)} ${where}`);
	}
}

function printAllocations({ bytes, rows }, ops, top) {
	console.log(`\nallocated: about ${(bytes / ops).toFixed(0)} bytes an operation\n`);
	for (const { name, where, bytes: own } of rows.slice(0, top)) {
		if (own / ops < 0.5) break;
		console.log(`${(own / ops).toFixed(0).padStart(7)}  ${name.padEnd(36)} ${where}`);
	}
}

function printDeopts({ total, timed, rows }, top) {
	console.log(`\noptimised code thrown away: ${timed} times while timed, ${total - timed} before\n`);
	for (const { count, name, kind, reason } of rows.slice(0, top)) {
		console.log(`${String(count).padStart(7)}  ${name.padEnd(36)} ${kind}: ${reason}`);
	}
}

function printGarbage({ young, full, share }) {
	console.log(`\ngarbage collection: ${(share * 100).toFixed(1)}% of the time\n`);
	for (const [name, { count, ms, longest, freedMb }] of Object.entries({ young, full })) {
		const freed = `${freedMb.toFixed(0)} MB freed`;
		console.log(
			`${String(count).padStart(7)}  ${name.padEnd(6)} ${ms.toFixed(0)} ms, longest ${longest.toFixed(1)} ms, ${freed}`,
		);
	}
}

async function profile(options) {
	const run = runner(options);
	const folder = mkdtempSync(join(tmpdir(), "yamanote-profile-"));
	const trace = join(folder, "trace");
	try {
		const text = await run(["--cpu-prof", `--cpu-prof-dir=${folder}`], {});
		const file = join(
			folder,
			readdirSync(folder).find((name) => name.endsWith(".cpuprofile")),
		);
		if (options.keep) copyFileSync(file, options.keep);
		console.log(`${JSON.stringify(resultOf(text))}\n`);
		printFunctions(topFunctions(JSON.parse(readFileSync(file, "utf8"))), options.top);

		await run(["--trace-deopt", "--redirect-code-traces", `--redirect-code-traces-to=${trace}`], {
			BENCH_MARK_FILE: trace,
		});
		printDeopts(deopts(readFileSync(trace, "utf8"), TIMED), options.top);

		const sampled = resultOf(await run([], { BENCH_ALLOCATIONS_FILE: trace }));
		printAllocations(topAllocations(JSON.parse(readFileSync(trace, "utf8"))), sampled.n * REPS, options.top);

		const collected = await run(["--trace-gc"], { BENCH_MARK_FILE: trace });
		printGarbage(garbage(collected, resultOf(collected).timed_ms));
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

try {
	const options = parse(process.argv.slice(2));
	if (options) await profile(options);
	else console.log(USAGE);
} catch (error) {
	fail("profile", error);
}
