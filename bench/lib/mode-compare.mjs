// This work tree against another commit: the same programs over two builds, run in turn.
import { openEngine } from "./engines.mjs";
import { columns, disturbed, interleave } from "./interleave.mjs";
import { prepare } from "./peers.mjs";
import { openSnapshot } from "./snapshot.mjs";
import { meanRatio, NO_VERDICT, ratio, verdict } from "./statistics.mjs";
import { number } from "./table.mjs";
import { UsageError } from "./usage.mjs";

const percent = (x) => `${Math.abs((x - 1) * 100).toFixed(1)}%`;

/** One row: both figures, their ratio with its 95% interval, and what may be said. */
export function comparison(workload, now, then) {
	const r = ratio(now.rounds, then.rounds);
	const said = verdict(r);
	return {
		workload,
		now: now.ns_per_op ?? now.bytes_per_task,
		then: then.ns_per_op ?? then.bytes_per_task,
		ratio: Number(r.value.toPrecision(4)),
		ratio_low: Number(r.low.toPrecision(4)),
		ratio_high: Number(r.high.toPrecision(4)),
		rounds: r.rounds,
		verdict: said ?? "none",
		disturbed: disturbed(now) || disturbed(then),
		text: said ? `${percent(r.value)} ${said}` : NO_VERDICT,
	};
}

function print(rows, now, then) {
	const names = ["workload", now, then, "ratio", "95% interval", ""];
	const cells = rows.map((r) => [
		r.workload,
		number(r.now),
		number(r.then),
		r.ratio.toFixed(3),
		`${r.ratio_low.toFixed(3)} … ${r.ratio_high.toFixed(3)}`,
		r.text + (r.disturbed ? " *" : ""),
	]);
	const widths = names.map((name, i) => Math.max(name.length, ...cells.map((row) => row[i].length)));
	const text = [names, ...cells].map((row) =>
		row
			.map((x, i) => (i === 0 || i === 5 ? x.padEnd(widths[i]) : x.padStart(widths[i])))
			.join("  ")
			.trimEnd(),
	);
	console.log(text.join("\n"));
	if (rows.length > 1) {
		const mean = meanRatio(
			rows.map((r) => ({ value: r.ratio, low: r.ratio_low, high: r.ratio_high, rounds: r.rounds })),
		);
		const said = verdict(mean) ? `${percent(mean.value)} ${verdict(mean)}` : NO_VERDICT;
		console.log(`\ngeometric mean of the ratios: ${mean.value.toFixed(3)}  ${said}`);
	}
	if (rows.some((r) => r.disturbed)) console.log("* others used the machine meanwhile");
}

export async function run(options, { report, progress }) {
	const engine = openEngine(options.engine);
	const [now, then] = [options.rev, options.compare].map((rev) => {
		const { main, label } = openSnapshot({ rev, report });
		const peer = prepare("yamanote", engine, main, report);
		if (!peer) throw new Error(`the workloads do not start on ${label}`);
		return { ...peer, name: label };
	});
	if (now.name === then.name) throw new UsageError(`nothing to compare: both are ${now.name}`);
	const workloads = options.workloads.filter((w) => now.workloads.includes(w) && then.workloads.includes(w));
	if (workloads.length === 0) throw new UsageError(`not both have ${options.workloads.join(" ")}`);
	const rows = [];
	await interleave({
		...options,
		workloads,
		columns: columns([now, then], false).map((c) => (options.als ? { ...c, env: { BENCH_ALS: "1" } } : c)),
		progress,
		done(workload, results) {
			if (results.length < 2) return;
			const row = comparison(workload, results[0], results[1]);
			rows.push(row);
			if (options.json) console.log(JSON.stringify({ ...row, now_rev: now.name, then_rev: then.name }));
		},
	});
	progress("");
	if (!options.json) print(rows, now.name, then.name);
}
