// `node examples/run.mjs <example> [arguments]`: compiles what has changed since the last time, and runs one example.
// Node 20 cannot run TypeScript by itself. A program of your own needs none of this: it imports "yamanote".
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const examples = dirname(fileURLToPath(import.meta.url));
const library = join(examples, "../packages/yamanote");

/** The time of the latest change of a TypeScript file of `dir`. */
function changed(dir) {
	const files = readdirSync(dir, { recursive: true }).map(String);
	const sources = files.filter((name) => /\.ts$/.test(name) && !/node_modules|^dist/.test(name));
	return Math.max(...sources.map((name) => statSync(join(dir, name)).mtimeMs));
}

/** Compiles without checking types, which takes seconds: `npm run check` does it. */
function compile(project, sources, output) {
	if (existsSync(output) && statSync(output).mtimeMs > changed(sources)) return;
	const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
	const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", project, "--noCheck"], { encoding: "utf8" });
	if (status === 0) return;
	console.error(stdout);
	process.exit(1);
}

const [name, ...args] = process.argv.slice(2);
if (name === undefined || !existsSync(join(examples, `${name}.ts`))) {
	const there = readdirSync(examples).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
	console.error(`usage: node examples/run.mjs <example>\n${there.map((file) => `  ${file.slice(0, -3)}`).join("\n")}`);
	process.exit(2);
}
const program = join(examples, `dist/${name}.js`);
compile(join(library, "tsconfig.build.json"), join(library, "src"), join(library, "dist/index.js"));
compile(join(examples, "tsconfig.build.json"), examples, program);
process.argv = [process.argv[0], program, ...args];
await import(pathToFileURL(program).href);
