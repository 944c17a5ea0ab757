// That no cost of one grows with how many there are: counted in steps of code, and not timed, so it is the same in every run. `--grow` times it.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { growing } from "../lib/growth.mjs";
import { axes as core } from "../peers/yamanote/growth-core.mjs";
import { axes as sync } from "../peers/yamanote/growth-sync.mjs";
import { axes as time } from "../peers/yamanote/growth-time.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "yamanote-growth-"));
let steps = {};

beforeAll(async () => {
	const bundle = join(folder, "axes.mjs");
	await build({
		stdin: {
			contents: `
				import { axes as core } from "./growth-core.mjs";
				import { axes as sync } from "./growth-sync.mjs";
				import { axes as time } from "./growth-time.mjs";
				export const axes = { ...core, ...sync, ...time };`,
			resolveDir: here("../peers/yamanote"),
		},
		alias: {
			"yamanote/sync": here("../../packages/yamanote/src/sync/index.ts"),
			yamanote: here("../../packages/yamanote/src/index.ts"),
		},
		bundle: true,
		format: "esm",
		platform: "neutral",
		external: ["node:*"],
		target: "es2022",
		outfile: bundle,
		tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
	});
	const args = ["--no-opt", "--no-maglev", "--no-sparkplug", here("fixtures/steps.mjs"), bundle];
	steps = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the steps of code for one", () => {
	for (const [name, { what }] of Object.entries({ ...core, ...sync, ...time })) {
		it(`are the same however many there are: ${what}`, () => {
			expect(steps[name].at(-1).steps).toBeGreaterThan(10);
			expect(growing(steps[name])).toEqual([]);
		});
	}

	it("would be seen to grow", () => {
		expect(growing(steps.scans)[0].slope).toBeGreaterThan(1.9);
	});
});
