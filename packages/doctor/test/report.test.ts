import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { afterAll, describe, expect, it } from "vitest";
import type { Diagnosis } from "yamanote/diagnostics";
import type { Finding } from "../src/report/finding.ts";
import { findingsText, totals } from "../src/report/text.ts";
import { findingsOf } from "../src/run/diagnosis.ts";
import { original } from "../src/run/original.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "doctor-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the report", () => {
	const finding: Finding = {
		source: "lint",
		rule: "no-unpolled-future",
		severity: "error",
		message: "Nothing runs.",
		count: 1,
		file: "src/app.ts",
		line: 12,
		column: 2,
		endColumn: 9,
		text: "\tsave(1); // now",
	};

	it("shows the line, and where in it", () => {
		expect(findingsText([finding], { colour: false })).toBe(
			`src/app.ts
  12:2  error  Nothing runs.  no-unpolled-future
      12 |   save(1); // now
         |   ^^^^^^^
`,
		);
	});

	it("groups by file, and ends with what has no place", () => {
		const text = findingsText(
			[
				{ source: "run", rule: "not-observed", severity: "warning", message: "Nothing was heard.", count: 1 },
				{ ...finding, file: "b.ts", text: "x".repeat(300) },
				{ ...finding, file: "a.ts", count: 3, details: ["in task #1"], text: "x".repeat(300) },
			],
			{ colour: false },
		);
		expect(text).toBe(`a.ts
  12:2  error  Nothing runs. (3 times)  no-unpolled-future
      in task #1

b.ts
  12:2  error  Nothing runs.  no-unpolled-future

  warning  Nothing was heard.  not-observed
`);
	});

	it("has colours where they are wanted", () => {
		expect(findingsText([finding], { colour: true })).toContain("\u001b[31merror\u001b[0m");
	});

	it("counts", () => {
		expect(totals([])).toBe("no problems");
		expect(totals([finding, finding, { ...finding, severity: "warning" }])).toBe("2 errors, 1 warning");
	});
});

describe("what the runtime tells", () => {
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

	it("is one finding for each line, with how often it was seen", () => {
		const file = join(folder, "app.mjs");
		writeFileSync(file, "one();\ntwo();\n");
		const place = { name: "work", file: pathToFileURL(file).href, line: 2, column: 1 };
		const outer = { name: "", file, line: 1, column: 4 };
		const found = findingsOf(
			[
				diagnosis({ place, stack: [place, outer] }),
				diagnosis({ place, stack: [place], repeats: 2, message: "task #2 held the loop for 70 ms" }),
				diagnosis({ place: { ...place, line: 1 }, stack: [] }),
				diagnosis({ message: "nobody knows where" }),
			],
			folder,
		);
		expect(found).toMatchObject([
			{
				rule: "YAMANOTE_LONG_POLL",
				file: "app.mjs",
				line: 2,
				column: 1,
				text: "two();",
				count: 4,
				details: ["at app.mjs:1:4", "in task #1", "give way"],
			},
			{ file: "app.mjs", line: 1, text: "one();", count: 1 },
			{ message: "nobody knows where", count: 1 },
		]);
		expect(found[2]).not.toHaveProperty("file");
	});

	it("shortens the files in its words", () => {
		const message = `taken at ${pathToFileURL(join(folder, "a b.mjs")).href}:1:2, held at ${pathToFileURL(join(folder, "c.mjs")).href}:3:4`;
		expect(findingsOf([diagnosis({ message })], folder)[0]?.message).toBe("taken at a b.mjs:1:2, held at c.mjs:3:4");
	});

	it("is told of the source where the program was compiled", () => {
		const source =
			"interface Far {\n  away: number;\n}\n\nexport function work(far: Far) {\n  throw new Error(String(far.away));\n}\n";
		for (const inlineSourceMap of [true, false]) {
			const { outputText, sourceMapText } = ts.transpileModule(source, {
				fileName: "work.ts",
				compilerOptions: { target: ts.ScriptTarget.ES2022, inlineSourceMap, sourceMap: !inlineSourceMap },
			});
			const file = join(folder, "work.js");
			writeFileSync(file, outputText);
			if (sourceMapText !== undefined) writeFileSync(`${file}.map`, sourceMapText);
			const line = outputText.split("\n").findIndex((text) => text.includes("throw")) + 1;
			expect(line).toBe(2);
			expect(original({ file, line, column: 5 })).toEqual({ file: join(folder, "work.ts"), line: 6, column: 3 });
		}
	});

	it("is told as it is where there is no map, or none that can be read", () => {
		const file = join(folder, "plain.js");
		const spot = { file, line: 1, column: 1 };
		expect(original(spot)).toBe(spot);
		for (const text of ["a();", "a();\n//# sourceMappingURL=gone.js.map", "a();\n//# sourceMappingURL=plain.js"]) {
			writeFileSync(file, text);
			expect(original(spot)).toBe(spot);
		}
	});
});
