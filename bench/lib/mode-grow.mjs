// How cost grows: total time over size, as an exponent. 1 is linear; more than MAX_EXPONENT is a defect, unless counts and a reference show
// that it is the memory's cost and not ours: see `judge`.
import { WORKLOADS } from "../workloads.mjs";
import { openEngine } from "./engines.mjs";
import { growing, growth, judge, totals } from "./growth.mjs";
import { disturbed as isDisturbed } from "./interleave.mjs";
import { prepare } from "./peers.mjs";
import { quietly } from "./quiet.mjs";
import { output, runPeer } from "./run-peer.mjs";
import { openSnapshot } from "./snapshot.mjs";
import { MAX_EXPONENT } from "./statistics.mjs";
import { number } from "./table.mjs";
import { UsageError } from "./usage.mjs";

/** Small sizes are repeated until they last, and well warmed up: the compiler's cost is not the workload's growth. */
const ENV = { BENCH_MIN_MS: "30", BENCH_WARM_OPS: "30000" };

/** Coverage is exact as long as nothing is optimised. */
const COUNTING = ["--no-opt", "--no-maglev", "--no-sparkplug"];
/** A young generation in which the most that these rows allocate has room: nothing is copied. */
const UNCOLLECTED = ["--min-semi-space-size=1024", "--max-semi-space-size=1024"];

const SIZES = [1e3, 1e4, 1e5, 1e6];
/** Counting takes a hundred times as long. */
const MOST_COUNTED = 1e5;
const TRIES = 3;

const KINDS = ["polls", "wakes", "steps", "bytes"];
const SIZE_COLUMN = 10;
const COLUMN = 9;

/** The programs: Yamanote, the same with other flags, and plain promises. */
function programs(options, report) {
	const { main, label } = openSnapshot({ rev: options.rev, report });
	const with_ = (name, flags) => prepare(name, openEngine(options.engine, flags), main, report);
	const own = with_("yamanote", []);
	if (!own) throw new Error("Yamanote's own workloads do not start");
	const v8 = options.engine.startsWith("node");
	return {
		label,
		own,
		native: with_("native", []),
		counting: v8 ? with_("yamanote", COUNTING) : undefined,
		uncollected: v8 ? with_("yamanote", UNCOLLECTED) : undefined,
	};
}

const listed = async (peer) => (peer ? JSON.parse(await output([...peer.command, "list-growth"])) : []);

/** What grows: each workload by n, and, unless some are named, the axes of tasks, branches, depth, waiters; and whether promises can do it. */
async function costs({ own, native }, options) {
	const named = options.workloads.filter((w) => own.workloads.includes(w) && WORKLOADS[w].grow !== false);
	const all = options.workloads.length === Object.keys(WORKLOADS).length;
	const axes = all ? await listed(own) : [];
	const natives = new Set((await listed(native)).map(({ name }) => name));
	return [
		...named.map((name) => ({ key: name, what: `${name} by n`, native: native?.workloads.includes(name) })),
		...axes.map(({ name, what }) => ({ key: `grow:${name}`, what, native: natives.has(name) })),
	];
}

/** One cost: points, exponents and counts. The peers are run in turn at each size. */
async function measureRow({ key, what, native }, peers, sizes, { reps, measure, progress }) {
	let busy = false;
	const timed = (peer) => async (size) => {
		progress(`${what}: ${peer.name} ${size}`);
		const line = await measure(() => runPeer(peer, key, { n: size, reps, env: ENV }));
		busy ||= isDisturbed(line);
		return (line.min ?? line.live_bytes_per_task ?? line.bytes_per_task) * size;
	};
	const { points, failure } = await totals(sizes, timed(peers.own), { repetitions: reps });
	const measured = points.map((p) => p.size);
	const others = native ? await totals(measured, timed(peers.native), { repetitions: reps }) : undefined;
	const row = { key, what, points, failure, slope: growth(points), native: growth(others?.points) };
	row.native_points = others?.points;
	const { unit, grow } = WORKLOADS[key] ?? {};
	if (peers.counting && unit === undefined && grow !== "timed") {
		row.counts = [];
		for (const size of measured.filter((n) => n <= MOST_COUNTED)) {
			progress(`${what}: counting ${size}`);
			const { steps, polls, wakes, bytes } = await runPeer(peers.counting, key, {
				n: size,
				reps,
				env: { BENCH_COUNT: "1" },
			});
			row.counts.push({ size, steps, polls, wakes, bytes });
		}
	}
	if (row.slope > MAX_EXPONENT && peers.uncollected) {
		row.uncollected = growth((await totals(measured, timed(peers.uncollected), { repetitions: reps })).points);
	}
	return { ...row, disturbed: busy, mark: judge(row) };
}

/** A count of one operation; what happens now and then only is as good as never. */
const count = (x) => (x < 0.001 ? "0" : number(x)).padStart(COLUMN);
const slopeCell = (slope) => (slope?.toFixed(2) ?? "-").padStart(COLUMN);

function text({ what, points, failure, slope, native, uncollected, counts, disturbed, mark }, sizes, wide) {
	const cells = sizes.map((size) => {
		const point = points.find((p) => p.size === size);
		return (point ? number(point.total / size) : failure ? "fails" : "too slow").padStart(SIZE_COLUMN);
	});
	const last = counts?.at(-1);
	const counted = KINDS.map((kind) => (last ? count(last[kind]) : "-".padStart(COLUMN)));
	const grown = counts ? growing(counts).map(({ kind, slope: s }) => `${kind} ${s.toFixed(2)}`) : [];
	const why = [mark, ...(failure ? ["fails"] : []), ...grown].filter(Boolean).join(", ");
	const slopes = [slope, native, uncollected].map(slopeCell).join("");
	return `${what.padEnd(wide)}${cells.join("")}${slopes}${counted.join("")}${disturbed ? " *" : ""}${why && `  <- ${why}`}`;
}

const LEGEND = `ns for one at each size, the least of the repetitions (idle_tasks: live bytes), and the exponent of the total, so 1 is linear:
ours, that of plain promises in the same shape, and ours with a young generation so large that nothing is copied (where ours is above
${MAX_EXPONENT}). Then what one operation does, counted at the largest size up to ${MOST_COUNTED.toLocaleString("en-US")}: polls, wakes, steps of code (calls and blocks) and
bytes, without optimisation; what grows of these is named. "memory": above ${MAX_EXPONENT}, but each operation does the same at every size, and promises
grow alike (or have no such shape, and ours does not grow where nothing is copied). All else above ${MAX_EXPONENT} is a defect. * others used the machine meanwhile.`;

export async function run(options, { report, progress }) {
	const peers = programs(options, report);
	const sizes = SIZES.filter((size) => size <= options.max);
	const list = await costs(peers, options);
	if (list.length === 0) throw new UsageError(`nothing grows with n in ${options.workloads.join(" ")}`);
	const wide = Math.max(...list.map(({ what }) => what.length));
	const say = (line) => !options.json && console.log(line);
	const measure = quietly({
		tries: TRIES,
		onBusy: () => report("others use this machine all the time: do not trust this"),
	});
	const head = ["exponent", "native", "no copy", ...KINDS].map((x) => x.padStart(COLUMN));
	say(
		`${"".padEnd(wide)}${sizes.map((s) => s.toLocaleString("en-US").padStart(SIZE_COLUMN)).join("")}${head.join("")}`,
	);
	const marks = { memory: 0, defect: 0 };
	for (const cost of list) {
		const row = await measureRow(cost, peers, sizes, { reps: options.reps, measure, progress });
		progress("");
		if (row.failure) report(`${row.what}: ${row.failure.message.split("\n").slice(0, 4).join(" ")}`);
		if (row.mark) marks[row.mark]++;
		const { key, what, slope, failure, ...rest } = row;
		if (options.json)
			console.log(
				JSON.stringify({ growth: key, what, exponent: slope, failed: Boolean(failure), rev: peers.label, ...rest }),
			);
		say(text(row, sizes, wide));
	}
	say(`\n${LEGEND}\n`);
	const above = marks.memory > 0 ? `; above ${MAX_EXPONENT} by memory alone: ${marks.memory}` : "";
	say(`of ${list.length} rows, defects: ${marks.defect}${above}`);
}
