// How long all rules take for 100,000 lines, beside typescript-eslint's recommended set: `node bench/speed.mjs`.
//
// The code is this repository's own TypeScript, copied under other names until there are lines enough, or the files of
// a folder that is named (`node bench/speed.mjs ../some-project`). Each set lints all of it in a process of its own, one
// after the other, five rounds; the figure is the least processor time, which other work on the machine disturbs least.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const LINES = 100_000;
const ROUNDS = 5;
const here = fileURLToPath(import.meta.url);
const repository = resolve(dirname(here), "../../..");

/** What the child does: lints every file of a folder by one set of rules. */
async function lint(set, folder, plugin) {
	const { ESLint } = await import("eslint");
	const parser = await import("@typescript-eslint/parser");
	const files = { files: ["**/*.{ts,tsx}"], languageOptions: { parser: parser.default ?? parser } };
	const configs = {
		// What each process pays before a rule looks at anything: reading, parsing, scopes.
		parse: async () => [files],
		recommended: async () => {
			const { default: typescriptEslint } = await import("@typescript-eslint/eslint-plugin");
			return [files, ...typescriptEslint.configs["flat/recommended"]];
		},
		yamanote: async () => [files, (await import(pathToFileURL(plugin).href)).default.configs.strict],
	};
	const eslint = new ESLint({ cwd: folder, overrideConfigFile: true, overrideConfig: await configs[set]() });
	const before = process.cpuUsage();
	const results = await eslint.lintFiles(["."]);
	const { user, system } = process.cpuUsage(before);
	const fatal = results.find((result) => result.fatalErrorCount > 0);
	if (fatal !== undefined) throw new Error(`${fatal.filePath}: ${fatal.messages[0].message}`);
	console.log(JSON.stringify({ ms: Math.round((user + system) / 1000), files: results.length }));
}

function sources(folder) {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && /(?<!\.d)\.tsx?$/.test(entry.name))
		.map((entry) => join(entry.parentPath, entry.name))
		.filter((path) => !/node_modules|[\\/](?:dist|fixtures)[\\/]/.test(path));
}

/** Copies until there are lines enough. Files of one folder stay together, so that imports are followed. */
function gather(from, to) {
	const texts = from.flatMap((root) =>
		sources(root).map((path) => [path.slice(repository.length), readFileSync(path, "utf8")]),
	);
	let lines = 0;
	for (let copy = 0; lines < LINES; copy++) {
		for (const [name, text] of texts) {
			if (lines >= LINES) break;
			const path = join(to, `copy${copy}`, name.replaceAll("..", "_"));
			mkdirSync(dirname(path), { recursive: true });
			writeFileSync(path, text);
			lines += text.split("\n").length - 1;
		}
	}
	return lines;
}

async function measure(folders) {
	const { build } = await import("esbuild");
	const temporary = mkdtempSync(join(tmpdir(), "speed-"));
	try {
		const plugin = join(temporary, "plugin.mjs");
		const entry = join(dirname(here), "../src/index.ts");
		await build({
			entryPoints: [entry],
			outfile: plugin,
			bundle: true,
			platform: "node",
			format: "esm",
			tsconfigRaw: {},
		});
		const code = join(temporary, "code");
		const lines = gather(folders, code);
		const best = {};
		for (let round = 0; round < ROUNDS; round++) {
			for (const set of ["parse", "recommended", "yamanote"]) {
				const out = execFileSync(process.execPath, [here, "--lint", set, code, plugin], { encoding: "utf8" });
				const { ms, files } = JSON.parse(out);
				best[set] = Math.min(best[set] ?? Number.POSITIVE_INFINITY, ms);
				best.files = files;
			}
		}
		console.log(`${lines} lines in ${best.files} files, Node ${process.version}, ${cpus()[0]?.model}`);
		console.log(`parsing alone                    ${best.parse} ms`);
		console.log(`typescript-eslint's recommended  ${best.recommended} ms`);
		console.log(`all rules of this plugin         ${best.yamanote} ms`);
		console.log(`ratio                            ${(best.yamanote / best.recommended).toFixed(2)} (at most 1.3)`);
		process.exitCode = best.yamanote > 1.3 * best.recommended ? 1 : 0;
	} finally {
		rmSync(temporary, { recursive: true, force: true });
	}
}

const args = process.argv.slice(2);
if (args[0] === "--lint") await lint(...args.slice(1));
else {
	const own = ["packages/yamanote/src", "packages/yamanote/test", "packages/eslint-plugin-yamanote/src", "examples"];
	await measure(args.length > 0 ? args.map((path) => resolve(path)) : own.map((path) => join(repository, path)));
}
