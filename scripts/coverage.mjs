// The coverage provider of `npm run coverage`: vitest's own, and the lines that run in worker threads and in processes
// of the tests. Node writes what these have run to a folder, for copies of the package that are the same sources without
// their types; here it is mapped back to the sources and added to what vitest has counted.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { mergeProcessCovs } from "@bcoe/v8-coverage";
import v8 from "@vitest/coverage-v8";
import { root } from "./exports.mjs";

const folder = join(root, ".cache/coverage");
const copies = /\/\.cache\/(?:built|threads)\/.*node_modules\/yamanote\/dist\/.*\.js$/;

/** What other threads and processes have run, by script. */
function runElsewhere() {
	if (!existsSync(folder)) return [];
	const all = readdirSync(folder).flatMap((name) => {
		const text = readFileSync(join(folder, name), "utf8");
		// A process that was killed while it wrote leaves half a file.
		const { result } = text.endsWith("}") ? JSON.parse(text) : { result: [] };
		return { result: result.filter(({ url }) => copies.test(url) && existsSync(fileURLToPath(url))) };
	});
	rmSync(folder, { recursive: true, force: true });
	return mergeProcessCovs(all).result;
}

/** The source map of a script: within it, or beside it. Its sources are absolute. */
function mapOf(path, code) {
	const inline = /\/\/# sourceMappingURL=data:application\/json;base64,(\S+)/.exec(code)?.[1];
	const text = inline === undefined ? readFileSync(`${path}.map`, "utf8") : Buffer.from(inline, "base64").toString();
	const map = JSON.parse(text);
	return { ...map, sourceRoot: "", sources: map.sources.map((source) => resolve(dirname(path), source)) };
}

/** How often each line was run. */
function linesOf(statementMap, hits) {
	const lines = new Map();
	for (const [id, { start }] of Object.entries(statementMap))
		lines.set(start.line, Math.max(lines.get(start.line) ?? 0, hits[id]));
	return lines;
}

/** A statement that vitest has not seen run, and whose line has run elsewhere, has run. */
function add(map, name, lines) {
	if (!map.files().includes(name)) return;
	const { statementMap, s } = map.fileCoverageFor(name).data;
	for (const [id, { start }] of Object.entries(statementMap)) s[id] ||= lines.get(start.line) ?? 0;
}

export default {
	...v8,

	/** Runs in each process of vitest, before its tests: what it starts from now on tells what it has run. */
	startCoverage(options) {
		process.env.NODE_V8_COVERAGE = folder;
		return v8.startCoverage(options);
	},

	async getProvider() {
		const provider = await v8.getProvider();
		// As v8's own, it would be started in the processes without us.
		provider.name = "custom";
		const generate = provider.generateCoverage.bind(provider);
		const clean = provider.clean.bind(provider);
		provider.clean = (...args) => {
			rmSync(folder, { recursive: true, force: true });
			return clean(...args);
		};
		provider.generateCoverage = async (context) => {
			const map = await generate(context);
			for (const { url, functions } of runElsewhere()) {
				const path = fileURLToPath(url);
				const code = readFileSync(path, "utf8");
				const found = await provider.remapCoverage(
					pathToFileURL(path).href,
					0,
					{ code, map: mapOf(path, code) },
					functions,
				);
				for (const [name, { statementMap, s }] of Object.entries(found)) add(map, name, linesOf(statementMap, s));
			}
			return map;
		};
		return provider;
	},
};
