// Bundle sizes (`npm run check size`): each row of packages/yamanote/test/repo/size.json names imports and the most
// bytes that they may take, bundled for the browser by esbuild, minified and gzipped. Needs a build.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { packageDir, root } from "./exports.mjs";

/** @typedef {{ names: string[] | "*", from: string, ceiling: number }} Row */

/** The program that uses exactly the imports of a row. */
export function program({ names, from }) {
	const used = names === "*" ? "* as all" : `{ ${names.join(", ")} }`;
	return `import ${used} from ${JSON.stringify(from)};\nglobalThis.used = [${names === "*" ? "all" : names.join(", ")}];\n`;
}

/** Gzipped bytes of a minified browser bundle of `source`, whose imports are looked up from `dir`. */
export async function gzippedSize(source, dir = root) {
	const result = await build({
		stdin: { contents: source, resolveDir: dir, sourcefile: "program.js" },
		bundle: true,
		minify: true,
		write: false,
		format: "esm",
		platform: "browser",
		target: "es2022",
		logLevel: "silent",
		// Without this the repository's tsconfig.json would send "yamanote" to the sources.
		tsconfigRaw: {},
	});
	return gzipSync(result.outputFiles[0].contents, { level: 9 }).length;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	/** @type {Row[]} */
	const rows = JSON.parse(readFileSync(join(packageDir, "test/repo/size.json"), "utf8"));
	for (const row of rows) {
		const size = await gzippedSize(program(row));
		const over = size > row.ceiling;
		const what = `${row.names === "*" ? "everything" : row.names.join(", ")} from "${row.from}"`;
		console.log(`${over ? "OVER" : "  ok"} ${String(size).padStart(6)} of ${row.ceiling} bytes: ${what}`);
		if (over) process.exitCode = 1;
	}
}
