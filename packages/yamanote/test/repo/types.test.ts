import { describe, expect, it } from "vitest";
import { root } from "../../../../scripts/exports.mjs";
import { complaintsOf, judge, mistakesOf, sentences } from "../../../../scripts/type-tests.mjs";

describe("the judge of type tests", () => {
	const source = "good();\n\n\t// mistake: not that\n\tbad(\n\t\t1,\n\t);\n\ngood();\n";
	const mistakes = mistakesOf("a.ts", source);
	const complain = (line: number, message: string) => complaintsOf(`a.ts(${line},3): error TS1: ${message}\n`);

	it("reads a mistake with the lines it covers", () => {
		expect(mistakes).toEqual([{ file: "a.ts", line: 3, end: 6, text: "not that", code: "bad(\n\t1,\n);" }]);
	});

	it("takes a complaint about a mistake that says what it should", () => {
		expect(judge(mistakes, complain(5, "no, not that way")).wrong).toEqual([]);
	});

	it("refuses another sentence, silence, and a complaint about good code", () => {
		expect(judge(mistakes, complain(5, "something else")).wrong).toEqual([
			"a.ts:3 should say: not that\nTS1: something else",
		]);
		expect(judge(mistakes, []).wrong).toEqual(["a.ts:3 was not refused; it should say: not that"]);
		expect(judge(mistakes, [...complain(5, "not that"), ...complain(8, "oh")]).wrong).toEqual(["a.ts:8 TS1: oh"]);
	});

	it("keeps the further lines of a complaint, and those about the configuration", () => {
		const output = `a.ts(1,1): error TS1: one\n  two in '${root}/x'\n    three\nerror TS5: no such option\n`;
		expect(complaintsOf(output)).toEqual([
			{ file: "a.ts", line: 1, message: "TS1: one\n  two in './x'\n    three" },
			{ file: "(configuration)", line: 0, message: "TS5: no such option" },
		]);
	});

	it("writes one block for compilers that agree", () => {
		const said = (text: string) => new Map(mistakes.map((mistake: object) => [mistake, [text]]));
		const page = sentences(
			new Map([
				["5.9", said("TS1: a")],
				["6.0", said("TS1: a")],
				["7.0", said("TS1: b")],
			]),
		);
		expect(page).toContain("TypeScript 5.9, 6.0:\n\n```text\nTS1: a\n```\n\nTypeScript 7.0:\n\n```text\nTS1: b\n```");
	});
});
