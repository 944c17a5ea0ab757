// Bundle sizes (`npm run check size`): each row of packages/yamanote/test/repo/size.json names imports and the most
// bytes that they may take, bundled for the browser by esbuild, minified and gzipped; `over` names imports from "yamanote"
// on top of which they are counted. Needs a build. A row may also say what we wish they took.
// `node scripts/size.mjs --write` sets each ceiling to what was measured and 2% more.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { packageDir, root } from "./exports.mjs";

/** @typedef {{ names: string[] | "*", from: string, over?: string[], ceiling: number, wish?: number }} Row */

/** The program that uses exactly the imports of a row, and those that it is counted on top of. */
export function program({ names, from, over = [] }) {
	const used = names === "*" ? "* as all" : `{ ${names.join(", ")} }`;
	const base = over.length === 0 ? "" : `import { ${over.join(", ")} } from "yamanote";\n`;
	const all = [...over, ...(names === "*" ? ["all"] : names)];
	return `${base}import ${used} from ${JSON.stringify(from)};\nglobalThis.used = [${all.join(", ")}];\n`;
}

/** Gzipped bytes of a row. */
async function sizeOf(row) {
	const size = await gzippedSize(program(row));
	if (row.over === undefined) return size;
	return size - (await gzippedSize(program({ names: row.over, from: "yamanote" })));
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
	const file = join(packageDir, "test/repo/size.json");
	const write = process.argv.includes("--write");
	/** @type {Row[]} */
	const rows = JSON.parse(readFileSync(file, "utf8"));
	const ceilings = [];
	for (const row of rows) {
		const size = await sizeOf(row);
		// What is counted on top of something moves a little with what lies below.
		if (write) row.ceiling = Math.ceil(Math.max(size * 1.02, row.over === undefined ? 0 : size + 50));
		ceilings.push(row.ceiling);
		const over = size > row.ceiling;
		const top = row.over === undefined ? "" : `, on top of ${row.over.join(", ")}`;
		const what = `${row.names === "*" ? "everything" : row.names.join(", ")} from "${row.from}"${top}`;
		const wish = row.wish === undefined ? "" : ` (wish: ${row.wish})`;
		console.log(`${over ? "OVER" : "  ok"} ${String(size).padStart(6)} of ${row.ceiling} bytes${wish}: ${what}`);
		if (over) process.exitCode = 1;
	}
	if (write) {
		const text = readFileSync(file, "utf8");
		writeFileSync(
			file,
			text.replace(/"ceiling": \d+/g, () => `"ceiling": ${ceilings.shift()}`),
		);
	}
}
