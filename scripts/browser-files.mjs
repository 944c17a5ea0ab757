// The last step of `npm run build`: in the built package, imports of a file that has a counterpart in core/browser go through
// the `imports` of package.json ("#core/host" for "./host.js"), where bundlers for browsers find the counterpart.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { packageDir } from "./exports.mjs";

const core = join(packageDir, "dist/core");

/** The text of a built file, with its imports of such files rewritten. */
export function conditional(path, text) {
	return text.replace(/( from )"(\.\.?\/[^"]+)\.js"/g, (found, from, specifier) => {
		const target = resolve(dirname(path), specifier);
		const name = basename(target);
		return dirname(target) === core && existsSync(join(core, "browser", `${name}.js`))
			? `${from}"#core/${name}"`
			: found;
	});
}

for (const name of readdirSync(join(packageDir, "dist"), { recursive: true })) {
	if (!name.endsWith(".js")) continue;
	const path = join(packageDir, "dist", name);
	const text = readFileSync(path, "utf8");
	const rewritten = conditional(path, text);
	if (rewritten !== text) writeFileSync(path, rewritten);
}
