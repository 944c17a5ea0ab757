// The tests of packages/yamanote as plain modules for an engine other than Node: `vitest` stands for the harness, and
// what a test takes from the sources comes from the built package, so that there is one copy of it.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { build } from "esbuild";
import { packageDir, root } from "./exports.mjs";

const testDir = join(packageDir, "test");
const slash = (path) => path.split(sep).join("/");

/** The engines a test file is meant for: all, or those that a first-lines comment `// @engines node bun` names. */
export function enginesOf(text) {
	const named = /^\/\/ @engines (.+)$/m.exec(text.slice(0, 500));
	return named === null ? undefined : named[1].trim().split(/[\s,]+/);
}

/** Test files for an engine, below packages/yamanote/test. Those of the repository's own tools stay with Node. */
export function testFiles(engine, filters = []) {
	return readdirSync(testDir, { recursive: true })
		.map(slash)
		.filter((name) => name.endsWith(".test.ts") && !/(^|\/)(repo|fixtures|node_modules)\//.test(name))
		.filter((name) => filters.length === 0 || filters.some((filter) => name.includes(filter)))
		.filter((name) => enginesOf(readFileSync(join(testDir, name), "utf8"))?.includes(engine) ?? true)
		.sort();
}

/** The pages in which a test file runs: as a first-lines comment `// @pages isolated plain` names them. */
export function pagesOf(name) {
	const named = /^\/\/ @pages (.+)$/m.exec(readFileSync(join(testDir, name), "utf8").slice(0, 500));
	return named === null ? ["isolated"] : named[1].trim().split(/[\s,]+/);
}

/** Workers of pages are programs of their own: they are found as `/workers/<name>.mjs`. */
const pageWorkers = () =>
	readdirSync(join(testDir, "threads/fixtures/pages")).map((file) => ({
		in: join(testDir, "threads/fixtures/pages", file),
		out: `workers/${file.replace(/\.ts$/, "")}`,
	}));

/** Test files whose engines are named, and the Node that runs this is none of them. */
export function notForNode() {
	const engine = `node${process.versions.node.split(".")[0]}`;
	const all = readdirSync(testDir, { recursive: true }).map(slash);
	return all
		.filter((name) => name.endsWith(".test.ts"))
		.filter((name) => enginesOf(readFileSync(join(testDir, name), "utf8"))?.includes(engine) === false)
		.map((name) => `packages/yamanote/test/${name}`);
}

/** `../../src/core/x.ts` in a test is the built file of that name. */
const fromDist = (external) => ({
	name: "sources-from-dist",
	setup(build) {
		build.onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, (args) => {
			const path = resolve(args.resolveDir, args.path);
			const inside = relative(join(packageDir, "src"), path);
			if (inside.startsWith("..")) return undefined;
			const built = join(packageDir, "dist", inside.replace(/\.ts$/, ".js"));
			if (!existsSync(built)) return { errors: [{ text: `${relative(root, built)} does not exist: npm run build` }] };
			return { path: built, external };
		});
	},
});

function reachesNode(outputs, name, seen = new Set()) {
	if (seen.has(name)) return false;
	seen.add(name);
	return outputs[name].imports.some((one) => {
		if (one.kind !== "import-statement") return false;
		return one.external ? one.path.startsWith("node:") : reachesNode(outputs, one.path, seen);
	});
}

/**
 * Bundles `names` for a page (everything inside) or for a process (the package stays outside and is found through
 * its export map). Gives back the bundled file of each, and which of them import `node:` modules.
 */
export async function bundleTests(names, engine) {
	const browser = engine === "chromium";
	const outdir = join(root, ".cache/engines", engine);
	rmSync(outdir, { recursive: true, force: true });
	const result = await build({
		absWorkingDir: root,
		entryPoints: [
			{ in: join(root, "engines/harness", browser ? "page.mjs" : "process.mjs"), out: "main" },
			{ in: join(testDir, "support/setup.ts"), out: "setup" },
			...(browser ? pageWorkers() : []),
			...names.map((name) => ({ in: join(testDir, name), out: `tests/${name.replace(/\.ts$/, "")}` })),
		],
		outdir,
		outExtension: { ".js": ".mjs" },
		bundle: true,
		splitting: true,
		format: "esm",
		platform: browser ? "browser" : "node",
		target: "es2022",
		sourcemap: "linked",
		sourcesContent: false,
		metafile: true,
		logLevel: "error",
		// Not the repository's tsconfig.json, which sends "yamanote" to the sources.
		tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
		alias: { vitest: join(root, "engines/harness/vitest.mjs") },
		external: browser ? ["node:*"] : ["node:*", "yamanote", "yamanote/*"],
		plugins: [fromDist(!browser)],
		define: { "import.meta.vitest": "undefined" },
	});
	// Bun looks for `paths` when it runs a file, too: this one has none.
	writeFileSync(join(outdir, "tsconfig.json"), "{}\n");
	const { outputs } = result.metafile;
	return {
		outdir,
		files: names.map((name) => {
			const out = `tests/${name.replace(/\.ts$/, ".mjs")}`;
			return { name, out, needsNode: reachesNode(outputs, slash(relative(root, join(outdir, out)))) };
		}),
	};
}
