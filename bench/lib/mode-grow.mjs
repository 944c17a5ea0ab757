// How cost grows: total time over size, as an exponent. 1 is linear; more than MAX_EXPONENT is a defect.
import { WORKLOADS } from "../workloads.mjs";
import { totals } from "./growth.mjs";
import { preparePeers } from "./mode-table.mjs";
import { output, runPeer } from "./run-peer.mjs";
import { exponent, MAX_EXPONENT } from "./statistics.mjs";
import { number } from "./table.mjs";

/** Small sizes are repeated until they last, and well warmed up: the compiler's cost is not the workload's growth. */
const ENV = { BENCH_MIN_MS: "30", BENCH_WARM_OPS: "30000" };

const SIZES = [1e3, 1e4, 1e5, 1e6];
const COLUMN = 11;

/** What grows: each workload by n, and, unless some are named, the axes of tasks, branches, depth, waiters. */
async function costs(own, options) {
	const named = options.workloads.filter((w) => own.workloads.includes(w) && WORKLOADS[w].grow !== false);
	const all = options.workloads.length === Object.keys(WORKLOADS).length;
	const axes = all ? JSON.parse(await output([...own.command, "list-growth"])) : [];
	return [
		...named.map((name) => ({ key: name, what: `${name} by n` })),
		...axes.map(({ name, what }) => ({ key: `grow:${name}`, what })),
	];
}

function row({ what, points, failure, slope }, sizes, wide) {
	const cells = sizes.map((size) => {
		const point = points.find((p) => p.size === size);
		return (point ? number(point.total / size) : failure ? "fails" : "too slow").padStart(COLUMN);
	});
	const flag = failure || slope > MAX_EXPONENT ? `  <- ${failure ? "fails" : `above ${MAX_EXPONENT}`}` : "";
	return `${what.padEnd(wide)}${cells.join("")}${(slope?.toFixed(2) ?? "?").padStart(COLUMN)}${flag}`;
}

export async function run(options, { report, progress }) {
	const { peers } = preparePeers({ ...options, peers: [] }, report);
	const own = peers[0];
	const sizes = SIZES.filter((size) => size <= options.max);
	const list = await costs(own, options);
	const wide = Math.max(...list.map(({ what }) => what.length));
	const say = (line) => !options.json && console.log(line);
	say(
		`${"".padEnd(wide)}${sizes.map((s) => s.toLocaleString("en-US").padStart(COLUMN)).join("")}${"exponent".padStart(COLUMN)}`,
	);
	let defects = 0;
	for (const { key, what } of list) {
		const measure = async (size) => {
			progress(`${what}: ${size}`);
			const line = await runPeer(own, key, { n: size, reps: options.reps, env: ENV });
			return (line.ns_per_op ?? line.live_bytes_per_task ?? line.bytes_per_task) * size;
		};
		const { points, failure } = await totals(sizes, measure, { repetitions: options.reps });
		progress("");
		if (failure) report(`${what}: ${failure.message.split("\n").slice(0, 4).join(" ")}`);
		const slope = points.length > 1 ? exponent(points) : undefined;
		if (failure || slope > MAX_EXPONENT) defects++;
		if (options.json)
			console.log(JSON.stringify({ growth: key, what, points, exponent: slope, failed: Boolean(failure) }));
		say(row({ what, points, failure, slope }, sizes, wide));
	}
	say("\nns for one at each size (idle_tasks: live bytes); the exponent is that of the total, so 1 is linear.");
	say(defects === 0 ? `none above ${MAX_EXPONENT}` : `defects: ${defects}`);
}
