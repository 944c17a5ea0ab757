// Runs everything in turn: a workload by each peer, then again, so that what changes on the machine over minutes
// (heat, other programs) touches all peers alike and does not pass for a difference between them.
import { WORKLOADS } from "../workloads.mjs";
import { BUSY, quietly } from "./quiet.mjs";
import { runPeer } from "./run-peer.mjs";
import { median } from "./statistics.mjs";

const TRIES = 3;

/** What a run is asked for beside its workload: half of the columns with AsyncLocalStorage, if asked for. */
const ALS = { BENCH_ALS: "1" };

/** The columns: each peer, and once more with a store active where that can be. */
export const columns = (peers, als) => [
	...peers.map((peer) => ({ peer, label: peer.name, env: {} })),
	...(als
		? peers
				.filter((peer) => peer.kind === "own" || peer.kind === "js")
				.map((peer) => ({ peer, label: `${peer.name}+als`, env: ALS }))
		: []),
];

/** One figure for each round: nanoseconds an operation, or bytes a task. */
const figure = (line) => line.ns_per_op ?? line.bytes_per_task;

/** The rounds of one workload and column as one result line. */
function summary(workload, label, lines) {
	const figures = lines.map(figure);
	const last = lines.at(-1);
	const known = lines.map((line) => line.other_cpu).filter((cpu) => cpu !== undefined);
	const bytes = WORKLOADS[workload].unit === "bytes";
	return {
		...last,
		peer: label,
		workload,
		...(bytes
			? { bytes_per_task: Math.round(median(figures)) }
			: { ns_per_op: Number(median(figures).toPrecision(6)) }),
		min: Math.min(...figures),
		max: Math.max(...figures),
		rss_mb: Math.max(...lines.map((line) => line.rss_mb)),
		...(last.speedup !== undefined && {
			speedup: median(lines.map((line) => line.speedup)),
			serial_ns_per_op: median(lines.map((line) => line.serial_ns_per_op)),
		}),
		rounds: figures,
		tries: lines.reduce((sum, line) => sum + line.tries, 0),
		...(known.length > 0 && { other_cpu: Math.max(...known) }),
	};
}

/** Whether others used too much of the machine even in the quietest try of some round. */
export const disturbed = (result) => (result.other_cpu ?? 0) > BUSY;

/**
 * Measures workloads by columns; calls `done` with each workload's result lines as they are complete.
 *
 * @param {{ workloads: string[], columns: ReturnType<typeof columns>, rounds: number, reps: number, n?: number,
 *   quick?: boolean, progress: (line: string) => void, done: (workload: string, results: object[]) => void }} options
 */
export async function interleave({ workloads, columns, rounds, reps, n, quick = false, progress, done }) {
	const measure = quietly({
		tries: quick ? 1 : TRIES,
		onBusy() {
			progress("");
			console.error("bench: others use this machine all the time; figures marked with * are not to be trusted");
		},
	});
	for (const [index, workload] of workloads.entries()) {
		const able = columns.filter(({ peer }) => peer.workloads.includes(workload));
		const lines = new Map(able.map((column) => [column, []]));
		const failed = new Set();
		for (let round = 0; round < rounds; round++) {
			// each round begins with another peer, so that none is always the one after a heavy one
			for (let k = 0; k < able.length; k++) {
				const column = able[(k + round) % able.length];
				if (failed.has(column)) continue;
				progress(`${index + 1}/${workloads.length} ${workload} round ${round + 1}/${rounds} ${column.label}`);
				const size = n ?? (quick ? Math.ceil(WORKLOADS[workload].n / 10) : undefined);
				const run = () => runPeer(column.peer, workload, { n: size, reps, env: column.env });
				try {
					lines.get(column).push(await measure(run));
				} catch (error) {
					failed.add(column);
					progress("");
					console.error(`bench: ${column.label} failed: ${error.message}`);
				}
			}
		}
		const results = able.filter((c) => !failed.has(c)).map((c) => summary(workload, c.label, lines.get(c)));
		done(workload, results);
	}
}
