// `npm run test:diagnosed [folders]`: the whole suite and the examples under all detectors of `yamanote/diagnostics`, folder by folder.
// None may fire but for what is planted (packages/yamanote/test/support/planted.ts). What a test measures or promises to do in time may
// be tried again, since detectors cost time; what a detector has told is not forgotten by that.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./exports.mjs";

const tests = join(root, "packages/yamanote/test");
const inLibrary = readdirSync(tests, { withFileTypes: true })
	.filter(
		(entry) => entry.isDirectory() && readdirSync(join(tests, entry.name)).some((file) => file.endsWith(".test.ts")),
	)
	.map((entry) => `packages/yamanote/test/${entry.name}/`);
const others = ["packages/doctor/test/", "packages/eslint-plugin-yamanote/test/", "examples/", "bench/test/"];
const chosen = process.argv.slice(2);
const folders = chosen.length > 0 ? chosen : [...inLibrary, ...others];

const record = join(root, ".cache/diagnosed.txt");
mkdirSync(join(root, ".cache"), { recursive: true });
rmSync(record, { force: true });
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const failed = [];
const began = performance.now();
for (const folder of folders) {
	const { status } = spawnSync(process.execPath, [vitest, "run", "--retry=2", folder], {
		cwd: root,
		stdio: "inherit",
		env: { ...process.env, YAMANOTE_DIAGNOSE: "1", YAMANOTE_DIAGNOSED: record },
	});
	if (status !== 0) failed.push(folder);
}
const told = existsSync(record) ? readFileSync(record, "utf8") : "";
if (told !== "") console.error(`\n${told}`);
const seconds = Math.round((performance.now() - began) / 1000);
const diagnoses = told.match(/^yamanote: /gm)?.length ?? 0;
console.log(`${folders.length} folders under diagnosis in ${seconds} s: ${diagnoses} diagnoses`);
if (failed.length > 0) console.error(`failed: ${failed.join(" ")}`);
process.exit(diagnoses > 0 || failed.length > 0 ? 1 : 0);
