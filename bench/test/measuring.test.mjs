import { describe, expect, it } from "vitest";
import { growing, judge, totals } from "../lib/growth.mjs";
import { deopts, garbage, place, topAllocations, topFunctions } from "../lib/profiles.mjs";
import { quietly } from "../lib/quiet.mjs";
import { tally } from "../peers/lib/counting.mjs";

/** A machine on which others keep so many CPUs busy in each run, and none between runs unless told. */
const machine = (loads, { waiting = [], seconds = 1 } = {}) => {
	let time = 0;
	let measuring = false;
	let runs = 0;
	return {
		now: () => time,
		sleep: async (ms) => {
			measuring = false;
			time += ms;
		},
		watching: () => () => (measuring ? loads[runs - 1] : (waiting.shift() ?? 0)),
		run: async () => {
			measuring = true;
			time += seconds * 1000;
			return { ns: ++runs };
		},
	};
};

const measureOn = (m, options) => {
	const measure = quietly({ ...m, ...options });
	return () => measure(m.run);
};

describe("quietly", () => {
	it("stops at the first quiet try", async () => {
		const measure = measureOn(machine([0.9, 0.05, 0.01]), { tries: 4 });
		expect(await measure()).toEqual({ ns: 2, other_cpu: 0.05, tries: 2 });
	});

	it("keeps the quietest try, whatever its figure, when none was quiet", async () => {
		const measure = measureOn(machine([0.9, 0.4, 0.6]), { tries: 3 });
		expect(await measure()).toEqual({ ns: 2, other_cpu: 0.4, tries: 3 });
	});

	it("waits for a quiet moment before it begins", async () => {
		const m = machine([0], { waiting: [0.8, 0.8, 0.1] });
		await measureOn(m, { tries: 3 })();
		expect(m.now()).toBe(3 * 200 + 1000);
	});

	it("measures once where the machine does not tell", async () => {
		const measure = measureOn(machine([undefined]), { tries: 3 });
		expect(await measure()).toEqual({ ns: 1, tries: 1 });
	});

	it("gives up on a machine that is never quiet, says so once, and then tries once each", async () => {
		let told = 0;
		const m = machine(new Array(20).fill(0.9), { seconds: 10 });
		const measure = measureOn(m, { tries: 3, graceSeconds: 12, onBusy: () => told++ });
		expect((await measure()).tries).toBe(3); // 12 + 3 - 10 - 10: the grace is spent
		expect((await measure()).tries).toBe(1);
		expect(told).toBe(1);
	});
});

describe("totals", () => {
	it("measures every size of a cost that grows slowly", async () => {
		const { points } = await totals([1e3, 1e4, 1e5], async (size) => size * 100);
		expect(points.map((p) => p.size)).toEqual([1e3, 1e4, 1e5]);
	});

	it("leaves out a size that would take too long at the rate so far", async () => {
		const { points } = await totals([1e3, 1e4, 1e5, 1e6], async (size) => size ** 2, { limitSeconds: 9 });
		expect(points.map((p) => p.size)).toEqual([1e3, 1e4]);
	});

	it("measures a steep step once more, and keeps the lesser", async () => {
		const found = [100, 9_000, 1_100, 40_000, 60_000];
		const { points } = await totals([1e3, 1e4, 1e5], async () => found.shift());
		expect(points.map((p) => p.total)).toEqual([100, 1_100, 40_000]);
		expect(found).toEqual([]);
	});

	it("reports a size that fails, with the sizes before it", async () => {
		const measure = async (size) => {
			if (size > 1e3) throw new Error("stack overflow");
			return size;
		};
		const { points, failure } = await totals([1e3, 1e4], measure);
		expect(points).toHaveLength(1);
		expect(failure.message).toBe("stack overflow");
	});
});

const flat = { steps: 50, polls: 2, wakes: 2, bytes: 600 };
const counts = (more = () => ({})) => [1e3, 1e4, 1e5].map((size) => ({ size, ...flat, ...more(size) }));

describe("what grows of what is counted", () => {
	it("is nothing where each operation does the same, and what is done once is a part that falls", () => {
		expect(growing(counts((size) => ({ steps: 50 + 90 / size, wakes: 8 / size })))).toEqual([]);
	});

	it("is the count that rises with the size, with the exponent of its total", () => {
		const [{ kind, slope }, ...others] = growing(counts((size) => ({ polls: Math.sqrt(size) })));
		expect([kind, others.length]).toEqual(["polls", 0]);
		expect(slope).toBeCloseTo(1.5);
	});

	it("tells the logarithm of a heap from the rounding of an exact count, and forgives sampled bytes more", () => {
		expect(growing(counts((size) => ({ steps: Math.log2(size) }))).map(({ kind }) => kind)).toEqual(["steps"]);
		expect(growing(counts((size) => ({ bytes: 600 * size ** 0.02 })))).toEqual([]);
	});

	it("is nothing for a count that never happens, or nearly never", () => {
		expect(growing(counts(() => ({ wakes: 0 })))).toEqual([]);
		expect(growing(counts((size) => ({ wakes: size / 1e7 })))).toEqual([]);
	});

	it("is nothing for a count that approaches a limit, because the first operations do less", () => {
		expect(growing(counts((size) => ({ wakes: 2 - 1000 / size })))).toEqual([]);
	});
});

describe("the judgement of a growth", () => {
	const steep = { slope: 1.2, counts: counts(), native: 1.3, uncollected: 1.02 };

	it("passes what grows no more than it may", () => {
		expect(judge({ slope: 1.1, counts: counts(), native: 1 })).toBe("");
	});

	it("is memory where the counts are constant and promises grow alike", () => {
		expect(judge(steep)).toBe("memory");
		expect(judge({ ...steep, native: 1.16 })).toBe("memory");
	});

	it("is a defect where promises grow less, whatever happens without copying", () => {
		expect(judge({ ...steep, native: 1.1 })).toBe("defect");
	});

	it("asks for a growth that ends without copying where promises have no such shape", () => {
		expect(judge({ ...steep, native: undefined })).toBe("memory");
		expect(judge({ ...steep, native: undefined, uncollected: 1.15 })).toBe("defect");
		expect(judge({ ...steep, native: undefined, uncollected: undefined })).toBe("defect");
	});

	it("is a defect where a count grows, or where nothing was counted", () => {
		expect(judge({ ...steep, counts: counts((size) => ({ steps: size ** 0.05 })) })).toBe("defect");
		expect(judge({ ...steep, counts: undefined })).toBe("defect");
		expect(judge({ ...steep, counts: counts().slice(0, 1) })).toBe("defect");
	});

	it("is a defect where a count grows by more than a cost may, though the time does not show it", () => {
		expect(judge({ slope: 1, counts: counts((size) => ({ polls: size })), native: 1 })).toBe("defect");
	});

	it("is a defect where a size fails", () => {
		expect(judge({ slope: 1, failure: new Error("stack overflow"), counts: counts() })).toBe("defect");
	});
});

describe("a coverage report", () => {
	it("gives the calls and blocks of files, and the core's polls and wakes", () => {
		const f = (functionName, ...ranges) => ({ functionName, ranges: ranges.map((count) => ({ count })) });
		const core = "file:///x/node_modules/yamanote/dist/core";
		const scripts = [
			{ url: `${core}/task.js`, functions: [f("run", 3), f("wake", 4, 2)] },
			{ url: `${core}/branch.js`, functions: [f("step", 5), f("wake", 6), f("run", 7)] },
			{ url: "file:///x/bench/peers/yamanote/tasks.mjs", functions: [f("run", 10), f("wake", 10)] },
			{ url: "node:internal/timers", functions: [f("run", 1000)] },
		];
		expect(tally(scripts)).toEqual({ steps: 3 + 4 + 2 + 5 + 6 + 7 + 10 + 10, polls: 8, wakes: 10 });
	});
});

describe("profiles", () => {
	it("adds up the time in each function itself, without idle time", () => {
		const frame = (functionName, url = "", lineNumber = -1) => ({ functionName, url, lineNumber });
		const profile = {
			nodes: [
				{ id: 1, callFrame: frame("(idle)") },
				{ id: 2, callFrame: frame("poll", "file:///tmp/x/node_modules/yamanote/dist/core/task.js", 9) },
				{ id: 3, callFrame: frame("poll", "file:///tmp/x/node_modules/yamanote/dist/core/task.js", 9) },
				{ id: 4, callFrame: frame("(garbage collector)") },
			],
			samples: [1, 2, 3, 4],
			timeDeltas: [5000, 1000, 2000, 1000],
		};
		expect(topFunctions(profile)).toEqual({
			rows: [
				{ name: "poll", where: "yamanote/dist/core/task.js:10", share: 0.75 },
				{ name: "(garbage collector)", where: "", share: 0.25 },
			],
			samples: 4,
			seconds: 0.004,
		});
	});

	it("adds up what each function itself allocated, wherever it was called from", () => {
		const node = (functionName, selfSize, children = []) => ({
			callFrame: { functionName, url: "file:///x/node_modules/yamanote/dist/core/task.js", lineNumber: 4 },
			selfSize,
			children,
		});
		const head = node("(root)", 0, [node("spawn", 100, [node("Task", 300)]), node("Task", 50)]);
		const where = "yamanote/dist/core/task.js:5";
		expect(topAllocations({ head })).toEqual({
			bytes: 450,
			rows: [
				{ name: "Task", where, bytes: 350 },
				{ name: "spawn", where, bytes: 100 },
			],
		});
	});

	it("names files without the folders that change from run to run", () => {
		expect(place("file:///tmp/a/bench/peers/yamanote/tasks.mjs")).toBe("bench/peers/yamanote/tasks.mjs");
		expect(place("node:internal/timers")).toBe("node:internal/timers");
	});

	it("counts code thrown away before and after the marker apart", () => {
		const bailout = (name, reason) =>
			`[bailout (kind: deopt-eager, reason: ${reason}): begin. deoptimizing 0x1 <JSFunction ${name} (sfi = 0x2)>, x]`;
		const trace = [bailout("load", "wrong map"), "#timed", bailout("poll", "wrong map"), bailout("poll", "wrong map")];
		expect(deopts(trace.join("\n"), "#timed")).toEqual({
			total: 3,
			timed: 2,
			rows: [{ name: "poll", kind: "deopt-eager", reason: "wrong map", count: 2 }],
		});
	});

	it("reads what later engines write of collections, too", () => {
		const trace = [
			"[3373:0x1]       33 ms: Scavenge 4.8 (5.4) -> 4.0 (5.6) MB, pooled: 0.0 MB, 0.65 / 0.00 ms (average mu = 1.000) allocation failure; ",
			"[3373:0x1]       34 ms: Scavenge 4.8 (6.4) -> 4.0 (6.9) MB, pooled: 12 MB, 0.35 / 0.00 ms (average mu = 1.000) allocation failure; ",
		];
		const { young } = garbage(trace.join("\n"), [0, 100]);
		expect([young.count, young.ms]).toEqual([2, 1]);
	});

	it("adds up the collections between two moments", () => {
		const trace = `
[1:0x1]       39 ms: Scavenge 4.6 (4.7) -> 4.1 (5.7) MB, 1.02 / 0.01 ms  (average mu = 1.000) allocation failure;
[1:0x1]      140 ms: Scavenge 16.0 (20.0) -> 4.0 (20.0) MB, 0.50 / 0.00 ms  (average mu = 1.000) allocation failure;
[1:0x1]      150 ms: Mark-Compact 20.0 (30.0) -> 10.0 (30.0) MB, 3.50 / 0.00 ms  (average mu = 0.9) allocation failure;
[1:0x1]      900 ms: Scavenge 16.0 (20.0) -> 4.0 (20.0) MB, 0.50 / 0.00 ms  (average mu = 1.000) allocation failure;`;
		expect(garbage(trace, [100, 200])).toEqual({
			young: { count: 1, ms: 0.5, longest: 0.5, freedMb: 12 },
			full: { count: 1, ms: 3.5, longest: 3.5, freedMb: 10 },
			share: 0.04,
		});
	});
});
