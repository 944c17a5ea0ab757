// Measures (or reads what was measured) and draws it into docs/charts/.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ratioChart, timeChart } from "./charts.mjs";
import { installed, installFolder } from "./install.mjs";
import { measureAll } from "./mode-table.mjs";
import { withRatios } from "./table.mjs";
import { UsageError } from "./usage.mjs";

const folder = fileURLToPath(new URL("../charts", import.meta.url));
const target = fileURLToPath(new URL("../../docs/charts/", import.meta.url));

async function load(name) {
	const require = createRequire(`${folder}/package.json`);
	return import(pathToFileURL(require.resolve(name)).href);
}

async function draw(spec) {
	const [vega, { compile }] = await Promise.all([load("vega"), load("vega-lite")]);
	const view = new vega.View(vega.parse(compile(spec).spec), { renderer: "none" });
	return `${await view.toSVG()}\n`;
}

/** Result lines of a file, with ratios where it has none. */
function readLines(file) {
	let lines;
	try {
		const text = readFileSync(file, "utf8").split("\n");
		lines = text.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
	} catch (error) {
		throw new UsageError(`--from ${file}: ${error.message}`);
	}
	if (!lines.some((line) => line.workload && line.peer)) throw new UsageError(`--from ${file}: no result lines`);
	const byWorkload = new Map(lines.map((line) => [line.workload, []]));
	for (const line of lines) byWorkload.get(line.workload).push(line);
	return [...byWorkload.values()].flatMap(withRatios);
}

export async function run(options, io) {
	const lines = options.from ? readLines(options.from) : [...(await measureAll(options, io)).results.values()].flat();
	if (!installed(folder)) installFolder(folder, "what draws charts", io.report);
	const { engine, engine_version: version } = lines.find((line) => line.peer === "yamanote") ?? lines[0];
	const name = engine.replace(/\d+$/, "");
	const where = `${name[0].toUpperCase()}${name.slice(1)} ${version}`;
	mkdirSync(target, { recursive: true });
	for (const [kind, spec] of [
		["ratio", ratioChart(lines, `Time beside Yamanote's, on ${where}`)],
		["time", timeChart(lines, `Time an operation, on ${where}`)],
	]) {
		const file = `${target}${engine}-${kind}.svg`;
		writeFileSync(file, await draw(spec));
		console.log(file);
	}
}
