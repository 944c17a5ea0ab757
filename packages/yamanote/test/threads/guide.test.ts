// @engines node20
/** The programs of the guide on threads, each in a process of its own: a test runner would load their workers otherwise than a program does. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromMarkdown } from "../../../../scripts/doc-examples.mjs";
import { home } from "../support/built.ts";

const page = "docs/guide/threads.md";
const examples = fromMarkdown(page, readFileSync(page, "utf8")).map(({ line, kind, code }) => {
	const worker = /^\/\/ ([\w-]+\.worker)\.ts\n/.exec(code)?.[1];
	return { line, kind, code, worker };
});
const programs = examples.filter(
	// The last one is for a bundler.
	({ kind, code, worker }) => kind === "no-run" && worker === undefined && !code.includes("new Worker("),
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

describe("the guide on threads", () => {
	it("has programs", () => {
		expect(programs.length).toBeGreaterThan(6);
	});

	for (const { line, code } of programs) {
		it(`${page}:${line} runs to its end`, async () => {
			write(`line-${line}`, code);
			const options = { timeout: 60_000, env: { ...process.env, NODE_OPTIONS: "", NODE_V8_COVERAGE: "" } };
			const errors = await new Promise<string>((resolve) => {
				execFile(process.execPath, [join(folder, `line-${line}.mjs`)], options, (error, _, stderr) =>
					resolve(error === null ? stderr : error.message),
				);
			});
			expect(errors).toBe("");
		}, 90_000);
	}
});
