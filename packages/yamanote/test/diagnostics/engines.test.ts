// @engines node20 node22 node24 node26
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { enginesOf } from "../../../../scripts/bundle-tests.mjs";
import { KINDS } from "../../src/diagnostics/diagnosis.ts";

const folder = resolve("packages/yamanote/test/diagnostics");
const columns = [["node20", "node22", "node24", "node26"], ["bun", "deno"], ["chromium"]] as const;

/** The rows of the table: what each says of a code, column by column. */
const rows = [...readFileSync("docs/diagnostics.md", "utf8").matchAll(/^\| `(YAMANOTE_\w+)` \| (.+) \|$/gm)]
	.map(([, code = "", cells = ""]) => ({ code, cells: cells.split(" | ") }))
	.filter(({ cells }) => cells.length === columns.length);

/** The tests of each engine, as text. Pages cannot collect garbage. */
function testsOn(engine: string): string {
	return readdirSync(folder)
		.filter((name) => name.endsWith(".test.ts") && name !== "engines.test.ts")
		.map((name) => readFileSync(join(folder, name), "utf8"))
		.filter((text) => enginesOf(text)?.includes(engine) ?? true)
		.filter((text) => engine !== "chromium" || !/^import .*"node:|from "\.\/garbage\.ts"/m.test(text))
		.join("\n");
}

describe("the table of what engines allow", () => {
	it("has a row for each code", () => {
		expect(rows.map(({ code }) => code).sort()).toEqual(Object.keys(KINDS).sort());
	});

	for (const [at, engines] of columns.entries()) {
		it(`says of ${engines.join(", ")} what their tests show`, () => {
			for (const engine of engines) {
				const tests = testsOn(engine);
				const says = rows.filter(({ cells }) => cells[at]?.startsWith("yes")).map(({ code }) => code);
				expect(says).toEqual(rows.map(({ code }) => code).filter((code) => shown(code, tests)));
			}
		});
	}
});

/** A test names the code that it expects. */
function shown(code: string, tests: string): boolean {
	return tests.includes(`"${code}"`);
}
