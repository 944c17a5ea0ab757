import { describe, expect, it } from "vitest";
import { comparison } from "../lib/mode-compare.mjs";
import { NO_VERDICT } from "../lib/statistics.mjs";
import { number, table, withRatios } from "../lib/table.mjs";

const result = (peer, rounds, more = {}) => ({
	peer,
	workload: "yield_many",
	ns_per_op: rounds[rounds.length >> 1],
	rounds,
	rss_mb: 1,
	tries: 1,
	...more,
});
const own = result("yamanote", [48, 49, 50, 51, 52]);

describe("the table", () => {
	it("puts Yamanote's figure over the peer's beside the peer's own", () => {
		const text = table(new Map([["yield_many", [own, result("native", [98, 99, 100, 101, 102])]]]), [
			"yamanote",
			"native",
		]);
		expect(text).toMatch(/yield_many +50\.0 ±4% +100 \| 0\.50 \[0\.\d\d 0\.\d\d\]/);
	});

	it("marks a ratio without a verdict, and a figure that others disturbed", () => {
		const noisy = result("native", [30, 40, 50, 60, 70], { other_cpu: 0.9 });
		const text = table(new Map([["yield_many", [own, noisy]]]), ["yamanote", "native"]);
		expect(text).toMatch(/50\.0\* \| 1\.00\? \[/);
	});

	it("compares with a store active like with like, and tells the price of the store", () => {
		const lines = [
			own,
			result("native", [100, 100, 100, 100, 100]),
			result("yamanote+als", [75, 75, 75, 75, 75]),
			result("native+als", [300, 300, 300, 300, 300]),
		];
		const text = table(new Map([["yield_many", lines]]), ["yamanote", "native", "yamanote+als", "native+als"], 400);
		expect(text).toContain("75.0 ±0% = 1.50 x plain");
		expect(text).toContain("300 | 0.25");
	});

	it("leaves a dash where a peer lacks the workload", () => {
		const rows = new Map([
			["yield_many", [own, result("native", [100])]],
			["join3", [{ ...own, workload: "join3" }]],
		]);
		expect(table(rows, ["yamanote", "native"])).toMatch(/join3 .* -\n/);
	});

	it("says nothing by a geometric mean that the spreads of its rows do not say", () => {
		const rows = (rounds) =>
			table(
				new Map([
					["yield_many", [own, result("native", rounds)]],
					["join3", [own, result("native", rounds)]],
				]),
				["yamanote", "native"],
			);
		expect(rows([98, 99, 100, 101, 102])).toContain("mean 0.50 of 2");
		expect(rows([30, 40, 50, 60, 70])).toContain("mean 1.00? of 2");
	});

	it("shows two digits of a small ratio", () => {
		const slow = result("native", [49_800, 49_900, 50_000, 50_100, 50_200]);
		expect(table(new Map([["yield_many", [own, slow]]]), ["yamanote", "native"])).toContain("50,000 | 0.0010 [0.00");
	});

	it("breaks into several tables where the columns are wider than the terminal", () => {
		const peers = ["a", "b", "c", "d"].map((name) => result(name, [100, 100, 100]));
		const text = table(new Map([["yield_many", [own, ...peers]]]), ["yamanote", "a", "b", "c", "d"], 60);
		expect(text.match(/^workload/gm).length).toBeGreaterThan(1);
		for (const line of text.split("\n\n").slice(0, -1).join("\n").split("\n"))
			expect(line.length).toBeLessThanOrEqual(70);
	});

	it("shows three digits at least", () => {
		expect([0.123456, 45.678, 1234.5, 2_345_678].map(number)).toEqual(["0.123", "45.7", "1,235", "2.35M"]);
	});
});

describe("result lines", () => {
	it("carry the ratio, its interval and the verdict for each peer and not for Yamanote", () => {
		const [mine, theirs] = withRatios([own, result("native", [98, 99, 100, 101, 102])]);
		expect(mine.ratio).toBeUndefined();
		expect(theirs).toMatchObject({ ratio: 0.5, verdict: "faster" });
	});
});

describe("the comparison of two commits", () => {
	it("tells how much faster, or that nothing can be told", () => {
		const then = result("old", [100, 100, 101, 102, 102]);
		expect(comparison("yield_many", result("new", [79, 80, 80, 81, 82]), then).text).toBe("20.8% faster");
		expect(comparison("yield_many", result("new", [60, 90, 100, 120, 140]), then).text).toBe(NO_VERDICT);
	});
});
