// @engines node20
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

interface Count {
	readonly bytes: number;
	readonly polls: number;
	readonly timers: number;
}

// What one operation may cost; host timers are those of the whole measurement (one for each of its two runs). Not a timing: counted without optimisation, so that the same sources give the same numbers. Bytes are a
// ceiling with a few bytes of slack for the engine's own bookkeeping; polls and host timers are exact.
const ceilings: { readonly [operation: string]: Count } = {
	yieldNow: { bytes: 410, polls: 1, timers: 0 },
	"spawn and join": { bytes: 1190, polls: 2, timers: 0 },
	"call that is ready": { bytes: 300, polls: 0, timers: 0 },
	"call that yields": { bytes: 730, polls: 1, timers: 0 },
	"join of three": { bytes: 2620, polls: 1, timers: 0 },
	"select of two": { bytes: 3520, polls: 1, timers: 0 },
	"timeout in time": { bytes: 1560, polls: 1, timers: 2 },
	"timer armed and dropped": { bytes: 4050, polls: 1, timers: 2 },
	"mutex, uncontended": { bytes: 112, polls: 0, timers: 0 },
	"semaphore, uncontended": { bytes: 130, polls: 0, timers: 0 },
	"mpsc message": { bytes: 225, polls: 0, timers: 0 },
	oneshot: { bytes: 495, polls: 0, timers: 0 },
};

const folder = mkdtempSync(join(tmpdir(), "yamanote-count-"));
let counts: { readonly [operation: string]: Count } = {};

beforeAll(async () => {
	const bundle = join(folder, "yamanote.mjs");
	const root = fileURLToPath(new URL("../..", import.meta.url));
	await build({
		stdin: { contents: 'export * from "./src/index.ts"; export * from "./src/sync/index.ts";', resolveDir: root },
		bundle: true,
		format: "esm",
		platform: "neutral",
		target: "es2022",
		outfile: bundle,
		tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
	});
	const flags = ["--expose-gc", "--no-opt", "--no-sparkplug", "--min-semi-space-size=256", "--max-semi-space-size=256"];
	const fixture = fileURLToPath(new URL("fixtures/count.mjs", import.meta.url));
	counts = JSON.parse(execFileSync(process.execPath, [...flags, fixture, bundle], { encoding: "utf8" }));
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("what an operation costs, counted", () => {
	// What objects weigh and when is the engine's: the bytes are those of Node 20, the others are counted for polls and timers alone.
	const weighed = process.versions.node.startsWith("20.");
	for (const [operation, { bytes, polls, timers }] of Object.entries(ceilings)) {
		it(`${operation}: at most ${bytes} bytes, ${polls} polls, ${timers} host timers`, () => {
			const count = counts[operation] as Count;
			expect(count.bytes).toBeLessThanOrEqual(weighed ? bytes : Infinity);
			expect(count.polls).toBeCloseTo(polls, 1);
			expect(count.timers).toBe(timers);
		});
	}

	it("counts every operation of the list", () => {
		expect(Object.keys(counts).sort()).toEqual(Object.keys(ceilings).sort());
	});
});
