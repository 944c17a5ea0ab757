// @engines node20
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

interface Count {
	/** Allocated, without optimisation: each object and each number that is no small integer. */
	readonly objects: number;
	readonly bytes: number;
	readonly polls: number;
	readonly wakes: number;
	/** Host timers armed, of a whole run of many operations. */
	readonly timers: number;
}

/** A wait that is ready takes one of the 128 of a poll's budget, and after the last its task yields. */
const READY = 1 / 128;

const row = (objects: number, bytes: number, polls: number, wakes: number, timers = 0): Count => ({
	objects,
	bytes,
	polls,
	wakes,
	timers,
});

// What one operation costs. Not a timing: the same sources give the same numbers, whatever else the machine does. All are exact: who makes
// something cheaper writes the new number here, who makes it dearer says why.
const expected: { readonly [operation: string]: Count } = {
	yieldNow: row(1, 48, 1, 1),
	"spawn and join": row(12, 632, 2, 1),
	"spawn and join, a yield in the task": row(13, 712, 3, 2),
	"call that is ready": row(6, 288, 0, 0),
	"call that yields": row(7, 368, 1, 1),
	"call 100 deep that yields": row(601, 32048, 1, 1),
	"yield 100 calls deep": row(1, 48, 1, 1),
	"join of three": row(32, 1912, 1, 6),
	"select of two": row(34, 2664, 1, 2),
	"timeout in time": row(32, 1032, 1, 2, 1),
	"timer armed and dropped": row(52, 3040, 1, 2, 1),
	"mutex, uncontended": row(2, 96, READY, READY),
	"mutex, 10 tasks": row(3, 144, 2, 2),
	"semaphore, uncontended": row(2, 112, READY, READY),
	"semaphore of 4, 20 tasks": row(3, 160, 2, 2),
	"notification that is waited for": row(2, 128, 2, 2),
	"mpsc message": row(2, 136, 2 * READY, 2 * READY),
	"mpsc message, unbounded": row(1, 64, READY, READY),
	"round trip of two tasks": row(4, 272, 2, 2),
	oneshot: row(7, 328, READY, READY),
	"broadcast to 10": row(12, 736, 11, 11),
	"change seen by 10": row(12, 736, 11, 11),
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
	const flags = ["--no-opt", "--no-maglev", "--no-sparkplug", "--sampling-heap-profiler-suppress-randomness"];
	const fixture = fileURLToPath(new URL("fixtures/count.mjs", import.meta.url));
	counts = JSON.parse(execFileSync(process.execPath, [...flags, fixture, bundle], { encoding: "utf8" }));
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("what an operation costs, counted", () => {
	// What is an object, and what it weighs, is the engine's: those are of Node 20, and elsewhere the others are counted alone.
	const weighed = process.versions.node.startsWith("20.");
	for (const [operation, { objects, bytes, ...done }] of Object.entries(expected)) {
		const { polls, wakes, timers } = done;
		it(`${operation}: ${objects} objects of ${bytes} bytes, ${polls} polls, ${wakes} wakes, ${timers} host timers`, () => {
			expect(counts[operation]).toMatchObject(weighed ? { objects, bytes, ...done } : done);
		});
	}

	it("counts every operation of the list", () => {
		expect(Object.keys(counts).sort()).toEqual(Object.keys(expected).sort());
	});
});
