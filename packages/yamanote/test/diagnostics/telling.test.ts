// @engines node20 node22 node24 node26 bun deno
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { attempt, run, sleep, yieldNow } from "yamanote";
import { type Diagnosis, diagnose, formatDiagnosis } from "yamanote/diagnostics";
import { SyncMutex } from "yamanote/sync";

const quiet = { longPoll: false, starvedLoop: false, neverPolled: false } as const;

/** Holds a guard across a wait: at one line, however often. */
function cross(): Promise<unknown> {
	const lock = new SyncMutex(0);
	return run(
		attempt(function* () {
			using _guard = lock.lock();
			yield* yieldNow();
		}),
	);
}

/** The same at five lines. */
const five: (() => Promise<unknown>)[] = [
	() =>
		run(
			attempt(function* () {
				using _guard = new SyncMutex(0).lock();
				yield* yieldNow();
			}),
		),
	() =>
		run(
			attempt(function* () {
				using _guard = new SyncMutex(0).lock();
				yield* yieldNow();
			}),
		),
	() =>
		run(
			attempt(function* () {
				using _guard = new SyncMutex(0).lock();
				yield* yieldNow();
			}),
		),
	() =>
		run(
			attempt(function* () {
				using _guard = new SyncMutex(0).lock();
				yield* yieldNow();
			}),
		),
	() =>
		run(
			attempt(function* () {
				using _guard = new SyncMutex(0).lock();
				yield* yieldNow();
			}),
		),
];

describe("what was found", () => {
	it("is told once for its line, and later with how often it was found meanwhile", async () => {
		const told: Diagnosis[] = [];
		using _on = diagnose({ onDiagnosis: (d) => void told.push(d), repeatMs: 1_000, ...quiet });
		for (let i = 0; i < 4; i++) await cross();
		expect(told.map(({ repeats }) => repeats)).toEqual([0]);
		await run(sleep(1_010));
		for (let i = 0; i < 2; i++) await cross();
		expect(told.map(({ repeats }) => repeats)).toEqual([0, 3]);
	});

	it("is told so many times in a minute at most, whatever it is", async () => {
		const told: Diagnosis[] = [];
		using _on = diagnose({ onDiagnosis: (d) => void told.push(d), maxPerMinute: 3, ...quiet });
		for (const at of five) await at();
		expect(told.length).toBe(3);
		expect(new Set(told.map(({ place }) => place?.line)).size).toBe(3);
	});

	it("is published on yamanote:diagnosis, besides the callback", async () => {
		const [published, told]: [unknown[], unknown[]] = [[], []];
		const listener = (message: unknown): void => void published.push(message);
		subscribe("yamanote:diagnosis", listener);
		try {
			using _on = diagnose({ onDiagnosis: (d) => void told.push(d), ...quiet });
			await cross();
		} finally {
			unsubscribe("yamanote:diagnosis", listener);
		}
		// Others in this process may have called `diagnose` as well.
		expect(told).toMatchObject([{ code: "YAMANOTE_GUARD_ACROSS_WAIT", severity: "error" }]);
		expect(published).toContainEqual(told[0]);
	});

	it("is told to the others though a listener throws, and the program goes on", async () => {
		const told: Diagnosis[] = [];
		const { console } = globalThis;
		const { error } = console;
		const printed: unknown[] = [];
		console.error = (text: unknown) => void printed.push(text);
		try {
			using _one = diagnose({
				onDiagnosis: () => {
					throw new Error("a listener's own mistake");
				},
				...quiet,
			});
			using _other = diagnose({ onDiagnosis: (d) => void told.push(d), ...quiet });
			await cross();
		} finally {
			console.error = error;
		}
		expect(told.length).toBe(1);
		expect(printed.join("\n")).toContain("a listener of diagnoses threw: Error: a listener's own mistake");
	});
});

describe("a diagnosis in words", () => {
	const diagnosis = (over: Partial<Diagnosis>): Diagnosis => ({
		code: "YAMANOTE_LONG_POLL",
		severity: "warning",
		message: "task #1 held the loop for 60 ms",
		advice: "give way",
		place: undefined,
		stack: [],
		task: "#1",
		id: 1,
		name: undefined,
		runtime: undefined,
		time: "2026-01-01T00:00:00.000Z",
		repeats: 0,
		details: {},
		...over,
	});

	it("says what happened, where, with the lines around it, and what to do", () => {
		const folder = mkdtempSync(join(tmpdir(), "telling-"));
		try {
			const path = join(folder, "app.mjs");
			writeFileSync(path, "one();\ntwo();\r\n\tthree(four);\nfive();\n");
			for (const file of [path, pathToFileURL(path).href]) {
				const place = { name: "work", file, line: 3, column: 8 };
				const found = diagnosis({ place, stack: [place, { ...place, name: "", line: 4, column: 1 }] });
				expect(formatDiagnosis(found)).toBe(`yamanote: warning YAMANOTE_LONG_POLL: task #1 held the loop for 60 ms
    at work (${file}:3:8)
      1 | one();
      2 | two();
    > 3 | \tthree(four);
        | \t      ^
      4 | five();
    at ${file}:4:1
  what to do: give way`);
				expect(formatDiagnosis(found, { codeFrame: false })).not.toContain("three(four)");
			}
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	});

	it("has the steps of a circle, and how often it was found, and no lines of a file that is gone", () => {
		const place = { name: "", file: "/nowhere/app.mjs", line: 3, column: 8 };
		const cycle = ["a waits for b", "b waits for a"];
		expect(formatDiagnosis(diagnosis({ place, stack: [place], details: { cycle }, repeats: 2 }))).toBe(
			`yamanote: warning YAMANOTE_LONG_POLL: task #1 held the loop for 60 ms
    at /nowhere/app.mjs:3:8
  a waits for b
  b waits for a
  what to do: give way
  (2 more like it since it was last told)`,
		);
	});

	it("has colours where they are asked for: red for errors, yellow for warnings", () => {
		expect(formatDiagnosis(diagnosis({ severity: "error" }), { colors: true })).toContain("\u001b[31myamanote: error");
		expect(formatDiagnosis(diagnosis({}), { colors: true })).toContain("\u001b[33myamanote: warning");
		expect(formatDiagnosis(diagnosis({}))).not.toContain("\u001b");
	});
});
