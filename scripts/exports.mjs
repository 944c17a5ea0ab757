// The export map of packages/yamanote, read in one place: which import names exist, and which source or
// built file stands behind each.
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
export const packageDir = join(root, "packages/yamanote");

const conditions = ["types", "node", "import", "default"];

function pick(target, wanted) {
	if (typeof target === "string") return target;
	if (target === null || typeof target !== "object") return undefined;
	for (const [condition, inner] of Object.entries(target)) {
		if (!wanted.includes(condition)) continue;
		const found = pick(inner, wanted);
		if (found !== undefined) return found;
	}
	return undefined;
}

/**
 * One row for each JavaScript entry of the export map.
 *
 * @returns {{ name: string, subpath: string, dist: string, types: string, source: string }[]}
 */
export function entries(dir = packageDir) {
	const manifest = JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));
	const rows = [];
	for (const [subpath, target] of Object.entries(manifest.exports)) {
		const dist = pick(target, conditions.slice(1));
		if (dist === undefined || !dist.endsWith(".js")) continue;
		const types = pick(target, conditions) ?? "";
		rows.push({
			name: manifest.name + subpath.slice(1),
			subpath,
			dist: join(dir, dist),
			types: join(dir, types),
			source: join(dir, dist.replace("./dist/", "./src/").replace(/\.js$/, ".ts")),
		});
	}
	return rows;
}

/** Import name -> source file, for tools that run the sources directly. */
export function sourceAliases(dir = packageDir) {
	return Object.fromEntries(entries(dir).map((entry) => [entry.name, entry.source]));
}
