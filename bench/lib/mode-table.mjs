// The comparison: workload by peer.
import { writeFileSync } from "node:fs";
import { openEngine } from "./engines.mjs";
import { columns, interleave } from "./interleave.mjs";
import { prepare, version } from "./peers.mjs";
import { openSnapshot } from "./snapshot.mjs";
import { table, withRatios } from "./table.mjs";
import { UsageError } from "./usage.mjs";

/** Fails before hours of measuring, and not after. */
function checkWritable(file) {
	try {
		writeFileSync(file, "", { flag: "a" });
	} catch (error) {
		throw new UsageError(`--out ${file}: ${error.message}`);
	}
}

/** Readies Yamanote and the peers that the options name; Yamanote first. */
export function preparePeers(options, report) {
	const engine = openEngine(options.engine);
	const { main, label } = openSnapshot({ rev: options.rev, report });
	const own = prepare("yamanote", engine, main, report);
	if (!own) throw new Error("Yamanote's own workloads do not start");
	const others = options.peers.map((name) => prepare(name, engine, main, report)).filter(Boolean);
	const missing = options.workloads.filter((w) => !own.workloads.includes(w));
	if (missing.length > 0) report(`not available in this build of Yamanote: ${missing.join(" ")}`);
	return { peers: [own, ...others], label };
}

/** Measures and gives the result lines by workload. */
export async function measureAll(options, { report, progress }) {
	if (options.out) checkWritable(options.out);
	const { peers, label } = preparePeers(options, report);
	const wide = columns(peers, options.als);
	const workloads = options.workloads.filter((w) => peers.some((peer) => peer.workloads.includes(w)));
	if (workloads.length === 0) throw new UsageError(`nobody here can do ${options.workloads.join(" ")}`);
	const results = new Map();
	await interleave({
		...options,
		workloads,
		columns: wide,
		progress,
		done(workload, lines) {
			const marked = withRatios(lines).map((line) =>
				line.peer.startsWith("yamanote") ? { ...line, rev: label } : line,
			);
			results.set(workload, marked);
			if (options.json) for (const line of marked) console.log(JSON.stringify(line));
		},
	});
	progress("");
	if (options.out) {
		writeFileSync(
			options.out,
			[...results.values()]
				.flat()
				.map((line) => `${JSON.stringify(line)}\n`)
				.join(""),
		);
	}
	const versions = [...new Set(peers.map(({ name }) => version(name)).filter(Boolean))];
	return { results, labels: wide.map((column) => column.label), label, versions };
}

export async function run(options, io) {
	const { results, labels, label, versions } = await measureAll(options, io);
	if (options.json) return;
	const width = process.stdout.columns ?? 132;
	console.log(`Yamanote ${label} on ${options.engine}, ${options.rounds} rounds of ${options.reps} repetitions\n`);
	console.log(table(results, labels, width));
	console.log(versions.join("; "));
}
