import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
	allExamples,
	examplesDir,
	fromMarkdown,
	fromSource,
	typeErrors,
	writeExamples,
} from "../../../../scripts/doc-examples.mjs";

const examples = writeExamples(allExamples(), examplesDir);

describe("documentation examples", () => {
	const log = console.log;
	beforeEach(() => {
		console.log = () => {};
	});
	afterEach(() => {
		console.log = log;
	});

	it("all compile", () => {
		expect(typeErrors(examples)).toEqual([]);
	}, 180_000);

	for (const example of examples) {
		if (example.kind === "no-run") continue;
		// They run in real time, which a busy machine may stretch: another attempt is another module.
		let attempt = 0;
		it(`${example.page}:${example.line} ${example.kind === "throws" ? "throws" : "runs"}`, { retry: 2 }, async () => {
			const program = import(/* @vite-ignore */ `${example.path}?${attempt++}`);
			if (example.kind === "throws") await expect(program).rejects.toThrow();
			else await program;
		});
	}
});

describe("the extraction of examples", () => {
	const page = ["Text", "", "```ts", "const a: number = 1;", "```", "", "```ts no-run", "await never();", "```"].join(
		"\n",
	);

	it("finds the fences of a page with their lines and kinds", () => {
		expect(fromMarkdown("page.md", page)).toEqual([
			{ page: "page.md", line: 4, kind: "run", code: "const a: number = 1;" },
			{ page: "page.md", line: 8, kind: "no-run", code: "await never();" },
		]);
	});

	it("finds the fences of docstrings and leaves other languages alone", () => {
		const text = [
			"export {};",
			"/**",
			" * Says.",
			" *",
			" * ```ts throws",
			" * throw 1;",
			" *   two();",
			" * ```",
			" * ```sh",
			" * ls",
			" * ```",
			" */",
		];
		expect(fromSource("a.ts", text.join("\n"))).toEqual([
			{ page: "a.ts", line: 6, kind: "throws", code: "throw 1;\n  two();" },
		]);
	});

	it("refuses a fence that it does not understand and one that never ends", () => {
		expect(() => fromMarkdown("page.md", "```ts norun\n```")).toThrow(
			'page.md:1: a fence says ts, ts no-run or ts throws; this one says "ts norun"',
		);
		expect(() => fromMarkdown("page.md", "\n```ts\n")).toThrow("page.md:2: this fence is never closed");
	});

	it("names the line of the page where an example does not compile", () => {
		const wrong = fromMarkdown("page.md", "\n\n```ts\nconst a = 1;\nconst b: string = a;\n```");
		const written = writeExamples(wrong, join(examplesDir, "../doc-examples-wrong"));
		expect(typeErrors(written)).toEqual(["page.md:5 Type 'number' is not assignable to type 'string'."]);
	}, 180_000);
});
