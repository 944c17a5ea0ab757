// Each test of Tokio, tokio-util and tokio-test for what is here, and what answers it.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { testExists } from "../support/titles.ts";

interface Answer {
	/** Tests of ours, as `folder/file: title`, the title as it stands in the source. */
	readonly by?: readonly string[];
	/** The number of the decision record that says how it is otherwise here. */
	readonly differs?: string;
	/** The reason, by its name, why it has no meaning here. */
	readonly none?: string;
	/** The reason why it is postponed. */
	readonly later?: string;
}

const root = join(import.meta.dirname, "..");
const parity = (file: string): unknown => JSON.parse(readFileSync(join(root, "parity", file), "utf8"));
const { tests, reasons } = parity("manifest.json") as {
	readonly tests: Readonly<Record<string, Readonly<Record<string, Answer>>>>;
	readonly reasons: Readonly<Record<string, string>>;
};
const upstream = parity("upstream-tests.json");
const entries = Object.entries(tests).flatMap(([file, answers]) =>
	Object.entries(answers).map(([name, answer]) => ({ place: `${file}: ${name}`, ...answer })),
);

describe("the manifest of upstream tests", () => {
	it("names every upstream test, and no other", () => {
		const named = Object.fromEntries(Object.entries(tests).map(([file, answers]) => [file, Object.keys(answers)]));
		expect(named).toEqual(upstream);
	});

	it("has as many as the upstream counts", () => {
		const count = (pattern: RegExp): number => entries.filter(({ place }) => pattern.test(place)).length;
		// One test fewer is counted upstream, which is compiled for threads alone.
		expect(count(/^tokio\/tests\/sync_/)).toBe(385);
		expect(count(/^tokio\/tests\/task_(?!trace)|^tokio\/tests\/(join_handle|unwind)/)).toBe(133);
		expect(count(/^tokio-test\//)).toBe(34);
	});

	it("says for each what answers it, how it differs, or why it is not here", () => {
		const bare = entries.filter(({ by, differs, none, later }) => (by ?? differs ?? none ?? later) === undefined);
		expect(bare).toEqual([]);
		const unshown = entries.filter(({ by, differs }) => differs !== undefined && (by ?? []).length === 0);
		expect(unshown).toEqual([]);
	});

	it("names tests that exist", () => {
		const missing = new Set<string>();
		for (const { place, by = [] } of entries)
			for (const test of by) if (!testExists(test)) missing.add(`${place} -> ${test}`);
		expect([...missing]).toEqual([]);
	});

	it("names decision records that exist", () => {
		const records = readdirSync(join(root, "../../../docs/decisions"));
		const named = new Set(entries.flatMap(({ differs }) => differs ?? []));
		for (const number of named) expect(records.filter((file) => file.startsWith(`${number}-`)).length).toBe(1);
		expect(named.size).toBeGreaterThan(0);
	});

	it("uses each of its reasons, and no other", () => {
		const used = new Set(entries.flatMap(({ none, later }) => [none, later].filter((r) => r !== undefined)));
		expect([...used].sort()).toEqual(Object.keys(reasons).sort());
	});
});
