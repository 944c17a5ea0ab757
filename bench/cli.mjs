// `npm run bench`: see lib/args.mjs for what it takes, and docs/performance.md for how to read what it prints.
import { parse, USAGE } from "./lib/args.mjs";
import { fail } from "./lib/usage.mjs";

const progress = (line) => {
	if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
};
const report = (line) => {
	progress("");
	console.error(`bench: ${line}`);
};

/** Each mode is a module with `run(options, { report, progress })`; only the one asked for is loaded. */
const MODES = {
	table: "./lib/mode-table.mjs",
	list: "./lib/mode-list.mjs",
	compare: "./lib/mode-compare.mjs",
	grow: "./lib/mode-grow.mjs",
	memory: "./lib/mode-memory.mjs",
	startup: "./lib/mode-startup.mjs",
	size: "./lib/mode-size.mjs",
	charts: "./lib/mode-charts.mjs",
};

try {
	const options = parse(process.argv.slice(2));
	if (options.mode === "help") {
		console.log(USAGE);
	} else {
		const { run } = await import(MODES[options.mode]);
		await run(options, { report, progress });
	}
} catch (error) {
	progress("");
	fail("bench", error);
}
