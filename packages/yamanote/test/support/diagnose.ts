/**
 * `YAMANOTE_DIAGNOSE=1 npx vitest run`: every test runs under all detectors, and fails if one fires; so do the examples, which are processes of
 * their own. What a test plants on purpose is excepted by its place, with the reason. The limits are wide, since the tests themselves compute
 * for long, and the machine may be busy.
 */
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, expect } from "vitest";
import { type Diagnosis, diagnose, formatDiagnosis } from "yamanote/diagnostics";
import { home as builtHome } from "./built.ts";
import { type Planted, planted } from "./planted.ts";

/** Several files may run in one process: it is watched once. */
const key = Symbol.for("yamanote.test.diagnoses");
const home = globalThis as unknown as Record<symbol, Diagnosis[] | undefined>;
const found = (home[key] ??= watch());

function watch(): Diagnosis[] {
	const all: Diagnosis[] = [];
	diagnose({
		onDiagnosis: (diagnosis) => void all.push(diagnosis),
		repeatMs: 1,
		maxPerMinute: 100_000,
		longPoll: { thresholdMs: 10_000, neverYieldsMs: 60_000, sample: false },
		starvedLoop: { thresholdMs: 10_000 },
		neverPolled: { perSecond: 2_000 },
	});
	return all;
}

/** What a test has left is collected later, in another test. */
const COLLECTED = /NEVER_POLLED|FORGOTTEN_GUARD/;

function isPlanted(diagnosis: Diagnosis, testPath: string): boolean {
	const { code, stack } = diagnosis;
	// `expect(() => take(future)).toThrow()`: who was to take the future has refused it.
	if (code === "YAMANOTE_NEVER_POLLED" && stack.some(({ file }) => /@vitest[\\/]expect/.test(file))) return true;
	return planted.some((one) => one.codes.test(code) && isAt(one, diagnosis, testPath));
}

function isAt({ file, line }: Planted, { code, stack, message }: Diagnosis, testPath: string): boolean {
	const frame = stack.find((one) => one.file.includes(file));
	if (line === undefined) return frame !== undefined || (!COLLECTED.test(code) && testPath.includes(file));
	if (frame !== undefined) return line.test(textOf(frame.file, frame.line));
	// Some have no place in the code of anybody.
	return stack.length === 0 && testPath.includes(file) && line.test(message);
}

function textOf(file: string, line: number): string {
	return readFileSync(file.replace(/^file:\/\//, ""), "utf8").split("\n")[line - 1] ?? "";
}

/** The examples are told of by a module that each of their processes and threads loads first; it writes a line for each diagnosis. */
const told = join(builtHome(), `diagnoses-${process.pid}`);
if (expect.getState().testPath?.includes("test/examples/")) {
	const preload = `${told}.mjs`;
	writeFileSync(
		preload,
		`import { appendFileSync } from "node:fs";
import { diagnose } from "yamanote/diagnostics";
const write = (d) => appendFileSync(${JSON.stringify(told)}, JSON.stringify(d) + "\\n");
diagnose({ onDiagnosis: write });
`,
	);
	process.env["NODE_OPTIONS"] = `--import=${pathToFileURL(preload).href}`;
}

function toldByExamples(): Diagnosis[] {
	if (!existsSync(told)) return [];
	const lines = readFileSync(told, "utf8").trim().split("\n");
	rmSync(told);
	return lines.map((line) => JSON.parse(line) as Diagnosis);
}

afterEach(() => {
	const { testPath = "", currentTestName } = expect.getState();
	const wrong = [...found.splice(0), ...toldByExamples()].filter((diagnosis) => !isPlanted(diagnosis, testPath));
	if (wrong.length === 0) return;
	const text = wrong.map((d) => formatDiagnosis(d)).join("\n\n");
	// Another attempt of the test does not make it undone.
	const record = process.env["YAMANOTE_DIAGNOSED"];
	if (record !== undefined) appendFileSync(record, `${text}\n\n`);
	throw new Error(`diagnosed in "${currentTestName}":\n${text}`);
});
