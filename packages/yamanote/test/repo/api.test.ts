import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { difference, reports } from "../../../../scripts/api.mjs";

const sample = reports(join(import.meta.dirname, "fixtures/api"));

describe("the API report", () => {
	it("has one file for each entry of the export map", () => {
		expect(Object.keys(sample)).toEqual(["index.api.md", "extra.api.md"]);
	});

	it("shows each exported name by its declaration, without comments", () => {
		expect(sample["index.api.md"]).toContain(
			"const limit: number;\n\nfunction makeBox<T>(value: T, of?: Hidden): Box<T>;\n```",
		);
		expect(sample["extra.api.md"]).toContain("function twice(n: number): number;\nfunction twice(n: bigint): bigint;");
		expect(sample["index.api.md"]).not.toContain("The most that a box holds");
	});

	it("says under which name a declaration is exported, and where it was shown already", () => {
		expect(sample["index.api.md"]).toContain("// Shown, declared as Hidden\ninterface Hidden {");
		expect(sample["extra.api.md"]).toContain('// limit: as in "sample"');
	});

	it("shows a namespace as the names in it", () => {
		expect(sample["extra.api.md"]).toContain(
			'// shapes.circle, declared as circle\nfunction circle(radius: number): Label;\n\n// shapes.sides: as in "sample"',
		);
	});

	it("shows what the exported declarations mention, to any depth, and nothing else", () => {
		const [, hidden = ""] = (sample["index.api.md"] ?? "").split("Mentioned by these, not exported:");
		expect(hidden).toContain("interface Box<T> {");
		expect(hidden).toContain('type Label = "big" | "small";');
		expect(sample["index.api.md"]).not.toContain("Unused");
	});

	it("leaves out what is marked as internal", () => {
		expect(sample["index.api.md"]).not.toContain("secret");
	});

	it("tells a change by the lines that differ alone", () => {
		expect(difference("a\nb\nc", "a\nx\nc\nd")).toEqual(["- b", "+ x", "+ d"]);
		expect(difference("same\n", "same\n")).toEqual([]);
	});
});
