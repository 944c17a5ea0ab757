import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rules } from "../../eslint-plugin-yamanote/src/rules/index.ts";
import { NoSuchFileError, sourceFiles } from "../src/lint/files.ts";
import { lintText } from "../src/lint/lint.ts";
import { lintProject } from "../src/lint/project.ts";

let folder: string;
beforeEach(() => {
	folder = realpathSync(mkdtempSync(join(tmpdir(), "doctor-")));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(file: string, text = ""): void {
	mkdirSync(dirname(join(folder, file)), { recursive: true });
	writeFileSync(join(folder, file), text);
}

const DROPPED = 'import { sleep } from "yamanote";\nexport async function go() {\n  sleep(1);\n}\n';

describe("the files of a project", () => {
	const found = (...paths: string[]): string[] => sourceFiles(paths, folder).map((file) => relative(folder, file));

	it("are its sources, not what is installed, built, minified or declared", () => {
		for (const file of ["a.ts", "src/b.tsx", "src/c.mjs", "src/d.d.ts", "e.min.js", "f.json", "dist/g.js"]) write(file);
		for (const file of ["node_modules/x/h.js", ".cache/i.js", "src/vendor/j.js"]) write(file);
		expect(found(".")).toEqual(["a.ts", "src/b.tsx", "src/c.mjs"]);
		expect(found("src")).toEqual(["src/b.tsx", "src/c.mjs"]);
	});

	it("are what git takes for them, in a repository", () => {
		write(".gitignore", "made\n");
		for (const file of ["a.ts", "made/b.ts", "node_modules/x/c.js", "dist/d.js"]) write(file);
		execFileSync("git", ["init", "--quiet"], { cwd: folder });
		expect(found(".")).toEqual(["a.ts", "dist/d.js"]);
	});

	it("are whatever is named, once each", () => {
		write("dist/g.d.ts");
		expect(found("dist/g.d.ts", "dist/g.d.ts")).toEqual(["dist/g.d.ts"]);
		expect(() => found("nowhere")).toThrow(new NoSuchFileError("nowhere: there is no such file or folder"));
	});
});

describe("linting a project", () => {
	const lint = (options: { strict?: boolean; fix?: boolean; modules?: string[] } = {}) =>
		lintProject(["."], { cwd: folder, strict: false, fix: false, modules: [], ...options });

	it("tells rule, place, line and what could be done", () => {
		write("src/app.ts", DROPPED);
		const { files, findings } = lint();
		expect(files).toBe(1);
		expect(findings).toEqual([
			expect.objectContaining({
				source: "lint",
				rule: "no-unpolled-future",
				severity: "error",
				file: join("src", "app.ts"),
				line: 3,
				column: 3,
				endColumn: 11,
				text: "  sleep(1);",
				fixable: true,
				suggestions: ["Run it as a task of its own: `spawn(sleep(…))`."],
			}),
		]);
		expect(findings[0]?.message).toContain("`sleep(…)` only makes a future");
	});

	it("has the levels of the presets", () => {
		write("a.ts", 'import { mpsc } from "yamanote/sync";\nexport const ends = mpsc.unboundedChannel<string>();\n');
		expect(lint().findings).toEqual([]);
		expect(lint({ strict: true }).findings).toMatchObject([{ rule: "no-unbounded-channel", severity: "error" }]);
	});

	it("knows further modules by their names", () => {
		write("a.ts", DROPPED.replace('"yamanote"', '"@acme/runtime"'));
		expect(lint().findings).toEqual([]);
		expect(lint({ modules: ["@acme/runtime"] }).findings).toMatchObject([{ rule: "no-unpolled-future" }]);
	});

	it("goes on when a file cannot be read, and says which", () => {
		write("a.ts", "const a = ;\n");
		write("b.ts", DROPPED);
		expect(lint().findings).toMatchObject([
			{ rule: "syntax", severity: "warning", file: "a.ts", line: 1, column: 11 },
			{ rule: "no-unpolled-future", file: "b.ts" },
		]);
	});

	it("mends what can be mended, and reports the rest", () => {
		write(
			"a.ts",
			'import { asyncFn, fail, sleep } from "yamanote";\nexport const go = asyncFn(function* () {\n  sleep(1);\n  fail(new Error("no"));\n});\n',
		);
		const { fixed, findings } = lint({ fix: true });
		expect(fixed).toBe(1);
		expect(findings).toEqual([]);
		expect(readFileSync(join(folder, "a.ts"), "utf8")).toBe(
			'import { asyncFn, fail, sleep } from "yamanote";\nexport const go = asyncFn(function* () {\n  yield* sleep(1);\n  return yield* fail(new Error("no"));\n});\n',
		);
	});
});

describe("comments that quieten a rule", () => {
	const lines = (code: string): number[] =>
		lintText(`import { sleep } from "yamanote";\nexport async function f() {\n${code}\n}\n`, "src/a.ts", {
			cwd: folder,
			rules,
		}).map(({ line }) => line - 2);

	it.each([
		["sleep(1);", [1]],
		["// eslint-disable-next-line\nsleep(1);\nsleep(2);", [3]],
		["// eslint-disable-next-line yamanote/no-unpolled-future -- it is meant\nsleep(1);", []],
		["// oxlint-disable-next-line yamanote/no-unpolled-future\nsleep(1);", []],
		["// eslint-disable-next-line no-console, other/no-unpolled-future\nsleep(1);", [2]],
		["sleep(1); // eslint-disable-line", []],
		["/* eslint-disable yamanote/no-unpolled-future */\nsleep(1);\n/* eslint-enable */\nsleep(2);", [4]],
		["/* eslint-disable */ sleep(1); /* eslint-enable yamanote/no-unpolled-future */ sleep(2);", [1]],
		["// eslint-disable\nsleep(1);", [2]],
		["/* eslint-disabled */ sleep(1);", [1]],
	])("%j", (code, expected) => {
		expect(lines(code)).toEqual(expected);
	});
});
