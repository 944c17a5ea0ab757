// What a user installs (`npm run check package`): packs packages/yamanote as it would be published, then looks at
// the tarball alone. publint, are-the-types-wrong, import() and require() of every entry, unreachable internals,
// source maps, and browser bundles by esbuild and rolldown that run where nothing of Node exists. Needs a build.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import vm from "node:vm";
import { build } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { rolldown } from "rolldown";
import { browserGlobals } from "./browser-globals.mjs";
import { entries, packageDir, root } from "./exports.mjs";

const cache = join(root, ".cache/package");
const consumer = join(cache, "consumer");
const installed = join(consumer, "node_modules/yamanote");
const problems = [];

function run(command, args, cwd = root) {
	return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Runs one check; what it throws is a problem of that name. */
async function check(name, body) {
	try {
		await body();
	} catch (error) {
		const output = [error.stdout, error.stderr].filter(Boolean).join("\n").trim();
		problems.push(`${name}: ${output || error.message}`);
	}
}

function pack() {
	rmSync(cache, { recursive: true, force: true });
	mkdirSync(installed, { recursive: true });
	const [{ filename }] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", cache], packageDir));
	const tarball = join(cache, filename);
	run("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"]);
	writeFileSync(join(consumer, "package.json"), '{ "type": "module" }\n');
	return tarball;
}

/** Entries that promise to run everywhere, i.e. not Node's own folders. */
function portable(list) {
	return list.filter((entry) => !/^\.\/(io|net|fs|process|signal)(\/|$)/.test(entry.subpath));
}

async function runsInBrowser(bundler, code, names) {
	const sandbox = vm.createContext(browserGlobals());
	vm.runInContext(`globalThis.self = globalThis.window = globalThis;\n${code}`, sandbox);
	const found = Object.keys(sandbox.all ?? {}).length;
	if (found !== names) throw new Error(`${bundler}: ${found} of ${names} names arrived`);
}

const tarball = pack();
const list = entries(installed);

await check("publint", async () => {
	const pkg = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
	const { messages } = await publint({ pkgDir: installed, strict: true, pack: false });
	const said = messages.filter((message) => message.type !== "suggestion").map((one) => formatMessage(one, pkg));
	if (said.length > 0) throw new Error(said.join("\n"));
});

await check("are-the-types-wrong", () => {
	run("node_modules/.bin/attw", [tarball, "--profile", "esm-only", "--no-color", "--no-emoji", "--format", "ascii"]);
});

await check("files", () => {
	const has = readdirSync(installed, { recursive: true });
	for (const entry of list) {
		if (!existsSync(entry.dist)) throw new Error(`${entry.name}: ${entry.dist} is not in the tarball`);
		if (!existsSync(entry.types)) throw new Error(`${entry.name}: ${entry.types} is not in the tarball`);
	}
	for (const file of has.filter((name) => name.endsWith(".js"))) {
		const map = join(installed, `${file}.map`);
		if (!existsSync(map)) throw new Error(`${file} has no source map`);
		const { sources, sourcesContent } = JSON.parse(readFileSync(map, "utf8"));
		const inside = sources.every((source) => existsSync(join(dirname(map), source)));
		if (sourcesContent === undefined && !inside) throw new Error(`${file}.map does not carry its sources`);
	}
	const orphans = has.filter((name) => {
		const source = name.replace(/^dist\/(.*)\.js$/, "src/$1.ts");
		return source !== name && !existsSync(join(installed, source));
	});
	if (orphans.length > 0) throw new Error(`no source any more, so remove dist and build again: ${orphans.join(", ")}`);
	const stray = has.filter((name) => /(^|\/)(test|api|\.cache)\/|\.tsbuildinfo$/.test(name));
	if (stray.length > 0) throw new Error(`does not belong into the tarball: ${stray.join(", ")}`);
});

await check("import and require", () => {
	for (const entry of list) {
		const esm = `import * as all from "${entry.name}"; console.log(Object.keys(all).sort().join())`;
		const cjs = `console.log(Object.keys(require("${entry.name}")).filter((n) => n !== "__esModule").sort().join())`;
		const imported = run("node", ["--input-type=module", "-e", esm], consumer);
		const required = run("node", ["--no-warnings", "--input-type=commonjs", "-e", cjs], consumer);
		if (imported.trim() === "") throw new Error(`${entry.name} exports nothing`);
		if (imported !== required) throw new Error(`${entry.name}: require() gives ${required}, import ${imported}`);
	}
});

await check("internals", async () => {
	for (const path of ["yamanote/dist/index.js", "yamanote/src/index.ts", "yamanote/core", "yamanote/internal"]) {
		const program = `import(${JSON.stringify(path)}).then(() => process.exit(0), () => process.exit(3))`;
		const code = await new Promise((resolve) => {
			try {
				run("node", ["-e", program], consumer);
				resolve(0);
			} catch (error) {
				resolve(error.status);
			}
		});
		if (code !== 3 && !list.some((entry) => entry.name === path)) throw new Error(`${path} can be imported`);
	}
});

const everything = portable(list);
const source = everything.map((entry, i) => `import * as m${i} from "${entry.name}";`).join("\n");
const gathered = everything.map((entry, i) => `[${JSON.stringify(entry.name)}]: m${i}`).join(", ");
const browserProgram = `${source}\nglobalThis.all = { ${gathered} };\n`;

await check("esbuild, for the browser", async () => {
	const result = await build({
		stdin: { contents: browserProgram, resolveDir: consumer },
		bundle: true,
		write: false,
		format: "iife",
		platform: "browser",
		target: "es2022",
		logLevel: "silent",
		// Without this the repository's tsconfig.json would send "yamanote" to the sources.
		tsconfigRaw: {},
	});
	await runsInBrowser("esbuild", result.outputFiles[0].text, everything.length);
});

await check("rolldown, for the browser", async () => {
	const input = join(consumer, "program.js");
	writeFileSync(input, browserProgram);
	const bundle = await rolldown({ input, platform: "browser", cwd: consumer, tsconfig: false, logLevel: "silent" });
	const { output } = await bundle.generate({ format: "iife" });
	await runsInBrowser("rolldown", output[0].code, everything.length);
});

for (const problem of problems) console.log(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
