import { describe, expect, it } from "vitest";
import { faults, readTree, sourceDir } from "../../../../scripts/layers.mjs";

describe("layers", () => {
	it("hold in the sources: downwards only, no circle, node: where it may be", () => {
		const tree = readTree(sourceDir);
		expect(Object.keys(tree).length).toBeGreaterThan(0);
		expect(faults(tree)).toEqual([]);
	});

	it("refuse an import upwards, of values and of types", () => {
		const upwards = { "core/a.ts": 'import type { B } from "../runtime/b.ts";', "runtime/b.ts": "export type B = 1;" };
		expect(faults(upwards)).toEqual([
			'core/a.ts:1 imports "../runtime/b.ts": core (floor 0) may not import runtime (floor 2)',
		]);
		const value = { "sync/a.ts": 'export { b } from "../task/b.ts";', "task/b.ts": "export const b: number = 1;" };
		expect(faults(value)[0]).toContain("sync (floor 1) may not import task (floor 3)");
	});

	it("refuse a step aside that is not listed, and take one that is", () => {
		const tree = (from: string): Record<string, string> => ({
			[`${from}/a.ts`]: 'import { b } from "../io/b.ts";',
			"io/b.ts": "export const b: number = 1;",
		});
		expect(faults(tree("stream"))[0]).toContain("stream (floor 4) may not import io (floor 4)");
		expect(faults(tree("net"))).toEqual([]);
	});

	it("refuse a circle of value imports, and take one of types inside a folder", () => {
		const circle = (word: string): Record<string, string> => ({
			"core/a.ts": 'import { b } from "./b.ts";',
			"core/b.ts": `${word} { a } from "./a.ts";`,
		});
		expect(faults(circle("import"))).toEqual(["value imports in a circle: core/a.ts -> core/b.ts -> core/a.ts"]);
		expect(faults(circle("import type"))).toEqual([]);
	});

	it("refuse node: modules and packages in the core", () => {
		expect(faults({ "sync/a.ts": 'import fs from "node:fs";' })[0]).toContain('imports "node:fs"');
		expect(faults({ "core/a.ts": 'const x = import("node:fs");' })[0]).toContain('imports "node:fs"');
		expect(faults({ "core/a.ts": 'import x from "left-pad";' })[0]).toContain("has no dependency");
		expect(
			faults({ "fs/a.ts": 'import fs from "node:fs";', "threads/node.ts": 'import "node:worker_threads";' }),
		).toEqual([]);
	});

	it("refuse an unknown folder, a missing file, and an index.ts that does more than list names", () => {
		expect(faults({ "misc/a.ts": "" })).toEqual(["misc/ stands on no floor: give it one in scripts/layers.mjs"]);
		expect(faults({ "core/a.ts": 'import { b } from "./b.ts";' })[0]).toContain("does not exist");
		expect(faults({ "core/index.ts": "export const a: number = 1;" })[0]).toContain("lists names only");
		expect(faults({ "core/index.ts": 'export * from "./a.ts";', "core/a.ts": "" })[0]).toContain("lists names only");
	});
});
