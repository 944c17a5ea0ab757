// The command line of `npm run bench` and `npm run profile`.
import { parseArgs } from "node:util";
import { WORKLOADS } from "../workloads.mjs";
import { DEFAULT_PEERS, PEERS } from "./peers.mjs";
import { UsageError, wholeNumber } from "./usage.mjs";

export const ENGINES = ["node", "node26", "bun", "deno"];

export const USAGE = `usage: npm run bench -- [workload ...] [options]

  (nothing)            every workload, against every peer that this machine can run
  yield_many join3     these workloads; a trailing * stands for any rest: mpsc*
  --peers a,b          against these peers alone ("none": Yamanote alone)
  --engine E           ${ENGINES.join(", ")}: the engine of the JavaScript peers
  --rounds N           how often each is run, in turn with the others (5)
  --reps N             timed repetitions in each run (5; with --grow 3)
  --n N                operations in each repetition, instead of the workload's own number
  --quick              a smoke test: one round, one repetition, a tenth of the operations
  --als                a second column: with one AsyncLocalStorage store active
  --rev REV            Yamanote as it was at that commit
  --json               one JSON line for each workload and peer on standard output, instead of the table
  --out FILE           these lines into a file, besides
  --list               the workloads and peers, and which of them this machine can run

other measurements, of Yamanote as it is in the work tree:
  --compare REV        against another commit: both built, run in turn, the ratio with its 95% interval
  --grow               how cost grows with n, tasks, receivers, depth, beside plain promises; above 1.1 is flagged
  --max N              the largest size of --grow (1000000)
  --memory             bytes for each idle task, waiter, timer, channel
  --startup            time to import and to spawn the first task
  --size               bytes when bundled
  --charts             the comparison, drawn as SVG into docs/charts/; with --from FILE the lines of an earlier --out
`;

const OPTIONS = {
	peers: { type: "string" },
	engine: { type: "string" },
	rounds: { type: "string" },
	reps: { type: "string" },
	n: { type: "string" },
	max: { type: "string" },
	quick: { type: "boolean", default: false },
	als: { type: "boolean", default: false },
	rev: { type: "string" },
	json: { type: "boolean", default: false },
	out: { type: "string" },
	from: { type: "string" },
	list: { type: "boolean", default: false },
	compare: { type: "string" },
	grow: { type: "boolean", default: false },
	memory: { type: "boolean", default: false },
	startup: { type: "boolean", default: false },
	size: { type: "boolean", default: false },
	charts: { type: "boolean", default: false },
	help: { type: "boolean", default: false, short: "h" },
};

const RUNS = ["engine", "rounds", "reps", "n", "quick", "als", "rev"];

/** What each mode takes beside its own name; what it would ignore is refused. */
const TAKES = {
	table: ["workloads", "peers", ...RUNS, "json", "out"],
	list: ["peers", "engine", "rev"],
	compare: ["workloads", ...RUNS, "json"],
	grow: ["workloads", "engine", "reps", "max", "rev", "json"],
	memory: ["engine", "rounds", "rev", "json"],
	startup: ["engine", "rev", "json"],
	size: ["rev", "json"],
	charts: ["workloads", "peers", ...RUNS, "out", "from"],
	help: [...Object.keys(OPTIONS), "workloads"],
};

/** An exponent needs two sizes, and the first is 1,000. */
const LEAST_MAX = 10_000;

/** The names that a pattern stands for: itself, or with a trailing * all that begin so. */
function expand(pattern, names, what) {
	const found = pattern.endsWith("*")
		? names.filter((name) => name.startsWith(pattern.slice(0, -1)))
		: names.filter((name) => name === pattern);
	if (found.length === 0) throw new UsageError(`no ${what} "${pattern}"; there are: ${names.join(" ")}`);
	return found;
}

const unique = (values) => [...new Set(values)];

/** The workloads named, in the order of the list; all of them where none is named. */
export function chooseWorkloads(patterns) {
	const names = Object.keys(WORKLOADS);
	if (patterns.length === 0) return names;
	const chosen = new Set(patterns.flatMap((pattern) => expand(pattern, names, "workload")));
	return names.filter((name) => chosen.has(name));
}

function choosePeers(text) {
	if (text === undefined) return { peers: DEFAULT_PEERS, peersNamed: false };
	if (text === "none") return { peers: [], peersNamed: true };
	const names = Object.keys(PEERS);
	const wanted = text
		.split(",")
		.map((name) => name.trim())
		.filter(Boolean);
	return {
		peers: unique(wanted.flatMap((name) => expand(name, names, "peer"))).filter((name) => name !== "yamanote"),
		peersNamed: true,
	};
}

function modeOf(values) {
	const modes = Object.keys(TAKES).filter((mode) => values[mode] !== undefined && values[mode] !== false);
	if (modes.length > 1) throw new UsageError(`choose one of ${modes.map((mode) => `--${mode}`).join(" and ")}`);
	return modes[0] ?? "table";
}

function refuseOthers(mode, values, positionals) {
	const takes = [mode, ...(mode === "charts" && values.from !== undefined ? ["from"] : TAKES[mode])];
	if (positionals.length > 0 && !takes.includes("workloads"))
		throw new UsageError(`--${mode} takes no workloads: leave out ${positionals.join(" ")}`);
	const other = Object.keys(values).find((name) => values[name] !== false && !takes.includes(name));
	if (other === undefined) return;
	if (mode !== "table") {
		const name = values.from === undefined ? `--${mode}` : `--${mode} --from`;
		throw new UsageError(`${name} has no use for --${other}`);
	}
	const of = Object.keys(TAKES).filter((name) => TAKES[name].includes(other) && name !== "help");
	throw new UsageError(`--${other} belongs to ${of.map((name) => `--${name}`).join(", ")}`);
}

/** @param {string[]} argv what follows the program's name */
export function parse(argv) {
	let parsed;
	try {
		parsed = parseArgs({ args: argv, options: OPTIONS, allowPositionals: true });
	} catch (error) {
		throw new UsageError(error.message);
	}
	const { values, positionals } = parsed;
	const { engine = "node" } = values;
	if (!ENGINES.includes(engine)) throw new UsageError(`--engine takes one of ${ENGINES.join(", ")}`);
	const mode = modeOf(values);
	refuseOthers(mode, values, positionals);
	if (mode === "memory" && !engine.startsWith("node"))
		throw new UsageError("--memory needs Node: other engines do not tell");
	for (const name of ["compare", "rev"]) if (values[name] === "") throw new UsageError(`--${name} takes a commit`);
	const max = wholeNumber("--max", values.max) ?? 1_000_000;
	if (max < LEAST_MAX) throw new UsageError(`--max takes ${LEAST_MAX} or more: an exponent needs two sizes`);
	return {
		mode,
		workloads: chooseWorkloads(positionals),
		...choosePeers(values.peers),
		engine,
		rounds: wholeNumber("--rounds", values.rounds) ?? (values.quick ? 1 : mode === "compare" ? 10 : 5),
		reps: wholeNumber("--reps", values.reps) ?? (values.quick ? 1 : mode === "grow" ? 3 : 5),
		n: wholeNumber("--n", values.n),
		max,
		quick: values.quick,
		als: values.als,
		json: values.json,
		rev: values.rev,
		compare: values.compare,
		out: values.out,
		from: values.from,
	};
}
