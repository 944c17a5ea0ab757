// Bytes that a web page would load: small programs bundled and minified for the browser.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { installed, installFolder } from "./install.mjs";
import { openSnapshot } from "./snapshot.mjs";

const js = fileURLToPath(new URL("../peers/js", import.meta.url));

/** What is bundled: a name, the exports that are used, and the module. */
const OWN = [
	["run, spawn, sleep, timeout, tryJoin", "yamanote"],
	["run, asyncFn", "yamanote"],
	["*", "yamanote"],
	["mpsc, Mutex, Semaphore", "yamanote/sync"],
	["*", "yamanote/sync"],
];
const OTHERS = [
	["Effect, Fiber", "effect"],
	["run, spawn, sleep, race, all", "effection"],
	["lastValueFrom, forkJoin, race, timer, timeout", "rxjs"],
	["Mutex, Semaphore", "async-mutex"],
];

async function bundle(esbuild, exports, from, resolveDir) {
	const contents = exports === "*" ? `export * from "${from}";` : `export { ${exports} } from "${from}";`;
	const { outputFiles } = await esbuild.build({
		stdin: { contents, resolveDir },
		bundle: true,
		minify: true,
		write: false,
		format: "esm",
		platform: "browser",
		external: ["node:*"],
		logLevel: "silent",
	});
	const code = outputFiles[0].contents;
	return { minified: code.length, gzip: gzipSync(code, { level: 9 }).length, brotli: brotliCompressSync(code).length };
}

export async function run(options, { report }) {
	const require = createRequire(import.meta.url);
	const esbuild = require("esbuild");
	const { folder } = openSnapshot({ rev: options.rev, report });
	if (!installed(js)) installFolder(js, "the npm packages of the peers", report);
	const rows = [];
	for (const [exports, from] of [...OWN, ...OTHERS]) {
		const name = `${exports} from ${from}`;
		try {
			rows.push({ bundle: name, ...(await bundle(esbuild, exports, from, from.startsWith("yamanote") ? folder : js)) });
		} catch (error) {
			report(`not available: ${name} (${error.errors?.[0]?.text ?? error.message})`);
		}
	}
	if (options.json) {
		for (const row of rows) console.log(JSON.stringify(row));
		return;
	}
	const wide = Math.max(...rows.map((row) => row.bundle.length));
	const kinds = ["minified", "gzip", "brotli"];
	console.log(`${"bytes".padEnd(wide)}${kinds.map((x) => x.padStart(12)).join("")}`);
	for (const row of rows) {
		console.log(`${row.bundle.padEnd(wide)}${kinds.map((k) => row[k].toLocaleString("en-US").padStart(12)).join("")}`);
	}
}
