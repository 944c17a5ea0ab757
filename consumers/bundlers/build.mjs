// The same page by three bundlers: `dist/<bundler>/index.html`.
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { rolldown } from "rolldown";
import webpack from "webpack";

const here = fileURLToPath(new URL(".", import.meta.url));
const entries = { main: join(here, "src/main.js"), "hashing.worker": join(here, "src/hashing.worker.js") };
const out = (bundler) => join(here, "dist", bundler);

// The worker is an entry beside the page: `new URL("./hashing.worker.js", import.meta.url)` is where it is built.
await esbuild.build({
	entryPoints: Object.entries(entries).map(([out, path]) => ({ in: path, out })),
	outdir: out("esbuild"),
	bundle: true,
	splitting: true,
	format: "esm",
	minify: true,
});

const bundle = await rolldown({ input: entries, logLevel: "warn" });
await bundle.write({ dir: out("rolldown"), format: "esm", minify: true, entryFileNames: "[name].js" });
await bundle.close();

// webpack finds the worker by itself.
await new Promise((resolve, reject) => {
	webpack(
		{
			mode: "production",
			context: here,
			entry: { main: entries.main },
			output: { path: out("webpack"), filename: "[name].js", chunkFilename: "[name].chunk.js" },
		},
		(error, stats) => {
			if (error !== null || stats.hasErrors()) reject(error ?? new Error(stats.toString()));
			else resolve();
		},
	);
});

for (const bundler of ["esbuild", "rolldown", "webpack"]) {
	mkdirSync(out(bundler), { recursive: true });
	copyFileSync(join(here, "index.html"), join(out(bundler), "index.html"));
}
