// @engines node20
/** The programs about threads that docstrings and the guide show, each in a process of its own: a test runner would load their workers otherwise. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allExamples } from "../../../../scripts/doc-examples.mjs";
import { home } from "../support/built.ts";

const examples = allExamples().map((example) => ({
	...example,
	worker: /^\/\/ ([\w-]+\.worker)\.ts\n/.exec(example.code)?.[1],
}));
const programs = examples.filter(
	({ code, worker }) => worker === undefined && /from "\.\/[\w-]+\.worker\.ts"/.test(code),
);

let folder: string;

function write(name: string, code: string): void {
	const { code: compiled } = transformSync(code.replace(/\.worker\.ts"/g, '.worker.mjs"'), {
		loader: "ts",
		target: "es2022",
	});
	writeFileSync(join(folder, `${name}.mjs`), compiled);
}

beforeAll(() => {
	folder = mkdtempSync(join(home(), "guide-"));
	for (const { code, worker } of examples) if (worker !== undefined) write(worker, code);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("documentation examples of threads", () => {
	it("are many", () => {
		expect(programs.length).toBeGreaterThan(12);
	});

	for (const [at, { page, line, code }] of programs.entries()) {
		it(`${page}:${line} runs to its end`, async () => {
			write(`program-${at}`, code);
			const options = { timeout: 60_000, env: { ...process.env, NODE_OPTIONS: "", NODE_V8_COVERAGE: "" } };
			const errors = await new Promise<string>((resolve) => {
				execFile(process.execPath, [join(folder, `program-${at}.mjs`)], options, (error, _, stderr) =>
					resolve(error === null ? stderr : error.message),
				);
			});
			expect(errors).toBe("");
		}, 90_000);
	}
});
