// Bundles the doctor into packages/yamanote/dist/doctor: the rules, a parser and a scope analysis in one file, so that
// `npx yamanote doctor` needs nothing installed and `yamanote` keeps its promise of no dependency.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const packages = join(here, "..");
const out = process.argv[2] ?? join(packages, "yamanote/dist/doctor");

/** Tables of the names of TypeScript's own types, 1.5 MB of which nobody asks for here. */
const withoutTypeTables = {
	name: "without-type-tables",
	setup({ onResolve, onLoad }) {
		onResolve({ filter: /^\.\.?\/lib$/ }, ({ importer }) =>
			/scope-manager/.test(importer) ? { path: "none", namespace: "no-types" } : undefined,
		);
		onLoad({ filter: /^none$/, namespace: "no-types" }, () => ({ contents: "export const lib = new Map();" }));
	},
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const common = {
	bundle: true,
	format: "esm",
	platform: "node",
	target: "node20.19",
	outExtension: { ".js": ".mjs" },
	legalComments: "none",
	logLevel: "warning",
	tsconfigRaw: {},
};

const { metafile } = await build({
	...common,
	entryPoints: { doctor: join(here, "src/cli.ts") },
	outdir: out,
	metafile: true,
	plugins: [withoutTypeTables],
	external: ["yamanote/*"],
});

await build({
	...common,
	entryPoints: { preload: join(here, "src/run/preload.ts") },
	outdir: out,
	plugins: [
		{
			// The diagnostics that lie beside it: hooks are shared by all copies of the library in a program.
			name: "beside",
			setup({ onResolve }) {
				onResolve({ filter: /^yamanote\// }, ({ path }) => ({
					path: path.replace(/^yamanote\/(.*)$/, "../$1/index.js"),
					external: true,
				}));
			},
		},
	],
});

// The pages of the rules, where the bundled rules look for them.
cpSync(join(packages, "eslint-plugin-yamanote/docs/rules"), join(out, "../docs/rules"), { recursive: true });

const bundled = Object.keys(metafile.inputs)
	.map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
	.filter((folder) => folder !== undefined);
const licences = [...new Set(bundled)].sort().map((path) => {
	const folder = join(process.cwd(), path);
	const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
	return `${name} ${version}\n\n${readFileSync(join(folder, "LICENSE"), "utf8").trim()}\n`;
});
writeFileSync(join(out, "LICENSES.txt"), licences.join("\n---\n\n"));
