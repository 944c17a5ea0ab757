// The page of what Tokio has and what stands for it here: docs/parity.md, from packages/yamanote/test/parity.
//
//   node scripts/parity.mjs            says whether the page is up to date
//   node scripts/parity.mjs --write    writes it

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(import.meta.dirname, "..");
const data = join(root, "packages/yamanote/test/parity");
const json = (file) => JSON.parse(readFileSync(file, "utf8"));

/** The rows of the upstream's inventory: `{ reasons, rows: { module: { item: row } } }`. */
export const inventory = json(join(data, "inventory.json"));
/** The tests of the upstream: `{ upstream, reasons, tests: { file: { name: answer } } }`. */
export const manifest = json(join(data, "manifest.json"));
export const pagePath = join(root, "docs/parity.md");

const cell = (text) => text.replaceAll("|", "\\|");
const statuses = ["done", "n/a", "postponed", "missing"];

/** How many of some rows have which status. */
export function count(rows) {
	const counts = Object.fromEntries(statuses.map((status) => [status, 0]));
	for (const { status } of rows) counts[status]++;
	return counts;
}

function tableOf(module, rows) {
	const lines = [`## ${module}`, "", "| Tokio | here | shown by, or why not |", "| --- | --- | --- |"];
	for (const [item, row] of Object.entries(rows)) {
		const why = inventory.reasons[row.why];
		if (row.status === "done") {
			const from = row.entry === "yamanote" ? "" : ` (${row.entry.slice("yamanote/".length)})`;
			lines.push(`| \`${item}\` | \`${row.ours}\`${from} | ${cell(row.tests.join("; "))} |`);
		} else lines.push(`| \`${item}\` | ${row.status === "n/a" ? "not applicable" : row.status} | ${cell(why)} |`);
	}
	return lines.join("\n");
}

const areas = [
	["sync", /^tokio\/tests\/sync_/],
	["tasks", /^tokio\/tests\/(task_(?!trace)|join_handle|unwindsafe|async_send)/],
	["time", /^tokio\/tests\/(time_|test_clock)/],
	["select, join and test macros", /^tokio\/tests\/macros_/],
	["runtime", /^tokio\/tests\/(rt_|no_rt|dump|coop|task_trace)/],
	["tokio-util: sync, task, time", /^tokio-util\//],
	["tokio-test", /^tokio-test\//],
];

function testsTable() {
	const lines = [
		"| tests of | in all | answered by ours | of these, otherwise here | without a meaning | postponed |",
		"| --- | ---: | ---: | ---: | ---: | ---: |",
	];
	for (const [area, files] of areas) {
		const answers = Object.entries(manifest.tests)
			.filter(([file]) => files.test(file))
			.flatMap(([, tests]) => Object.values(tests));
		const n = (test) => answers.filter(test).length;
		const answered = n(({ by }) => by !== undefined);
		const differs = n((answer) => answer.differs !== undefined);
		const none = n(({ by, none }) => by === undefined && none !== undefined);
		lines.push(
			`| ${area} | ${answers.length} | ${answered} | ${differs} | ${none} | ${n((a) => a.later !== undefined)} |`,
		);
	}
	return lines.join("\n");
}

/** The page. */
export function page() {
	const modules = Object.entries(inventory.rows);
	const summary = [
		"| module | items | done | not applicable | postponed | missing |",
		"| --- | ---: | ---: | ---: | ---: | ---: |",
	];
	for (const [module, rows] of modules) {
		const items = Object.values(rows);
		const c = count(items);
		summary.push(`| \`${module}\` | ${items.length} | ${c.done} | ${c["n/a"]} | ${c.postponed} | ${c.missing} |`);
	}
	return `# Parity with Tokio

Each public item of Tokio 1.53, tokio-util 0.7 and tokio-test 0.4 for tasks, time, synchronisation, runtimes and tests, and what stands for it
here. Names are Tokio's words in camelCase; an item without a folder in brackets is exported by \`yamanote\`, others by \`yamanote/sync\` and so on. Where the
semantics differ, [decision 10](decisions/0010-divergences-of-sync.md) (locks and channels) and
[decision 11](decisions/0011-divergences-of-tasks-and-time.md) (tasks, runtimes, time) say so.

Written by \`npm run parity -- --write\` from \`packages/yamanote/test/parity/inventory.json\`; a test checks that the page is fresh, that each name is exported,
and that each test exists.

${summary.join("\n")}

Of Tokio's own tests, each has an entry in \`packages/yamanote/test/parity/manifest.json\`, with the test of ours that answers it or the reason why none does:

${testsTable()}

${modules.map(([module, rows]) => tableOf(module, rows)).join("\n\n")}
`;
}

/**
 * The names that an API report declares, as `Mutex` and `Mutex.lock`, with those that a class or interface inherits.
 *
 * @param {string} report
 */
export function declared(report) {
	const members = new Map();
	const parents = new Map();
	const names = new Map();
	const same = [];
	let comment = "";
	for (const block of report.split(/\n\n/)) {
		const alias = /\/\/ ([\w.]+): as in/.exec(block)?.[1];
		if (alias !== undefined) same.push(alias);
		const renamed = /^\/\/ ([\w.]+), declared as (\w+)$/m.exec(block)?.[1] ?? comment;
		comment = "";
		const head = /^(?:abstract )?(?:class|interface|type|function|const) (\w+)/m.exec(block);
		if (head === null) continue;
		const name = renamed === "" ? head[1] : renamed;
		names.set(name, head[1]);
		const own = [
			...block.matchAll(/^ {2}(?:static |readonly |abstract |protected |get |set )*\[?([\w.]+)\]?[<(:?]/gm),
		].map((m) => m[1]);
		members.set(name, new Set([...(members.get(name) ?? []), ...own]));
		const parent = /^(?:abstract )?(?:class|interface) \w+(?:<.*?>)? extends ([\w., <>]+?)(?: implements .*)? \{/m.exec(
			block,
		);
		if (parent !== null) parents.set(name, parent[1].match(/\w+(?=[<,]|$)/g) ?? []);
	}
	const all = new Set(names.keys());
	const inherited = (name, seen = new Set()) => {
		if (seen.has(name)) return [];
		seen.add(name);
		return [...(members.get(name) ?? []), ...(parents.get(name) ?? []).flatMap((parent) => inherited(parent, seen))];
	};
	for (const name of names.keys()) for (const member of inherited(name)) all.add(`${name}.${member}`);
	for (const alias of same) {
		all.add(alias);
		const last = alias.slice(alias.indexOf(".") + 1);
		const source = [...names.keys()].find((name) => name === last || name.endsWith(`.${last}`));
		if (source !== undefined) for (const member of inherited(source)) all.add(`${alias}.${member}`);
	}
	return all;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	if (process.argv.includes("--write")) writeFileSync(pagePath, page());
	else if (readFileSync(pagePath, "utf8") !== page()) {
		console.error("docs/parity.md is not what packages/yamanote/test/parity says: npm run parity -- --write");
		process.exitCode = 1;
	}
}
