import { describe, expect, it } from "vitest";
import { parse } from "../lib/args.mjs";
import { DEFAULT_PEERS, reason } from "../lib/peers.mjs";
import { UsageError } from "../lib/usage.mjs";
import { WORKLOADS } from "../workloads.mjs";

const line = (text) => parse(text === "" ? [] : text.split(" "));

describe("the command line", () => {
	it("measures every workload against the usual peers when nothing is named", () => {
		expect(line("")).toMatchObject({
			mode: "table",
			workloads: Object.keys(WORKLOADS),
			peers: DEFAULT_PEERS,
			engine: "node",
			rounds: 5,
			reps: 5,
		});
	});

	it("takes a workload and peers, in the order of the peers named", () => {
		expect(line("yield_many --peers native,effect")).toMatchObject({
			workloads: ["yield_many"],
			peers: ["native", "effect"],
		});
	});

	it("lets a star stand for the rest of a name, and names each workload once", () => {
		expect(line("mpsc* mpsc_bounded").workloads).toEqual(["mpsc_bounded", "mpsc_unbounded"]);
	});

	it("lists Yamanote first by itself, so naming it as a peer changes nothing", () => {
		expect(line("--peers yamanote,go").peers).toEqual(["go"]);
		expect(line("--peers none").peers).toEqual([]);
	});

	it("gives a comparison more rounds, and a smoke test one", () => {
		expect(line("--grow").reps).toBe(3);
		expect(line("--compare HEAD")).toMatchObject({ mode: "compare", compare: "HEAD", rounds: 10 });
		expect(line("--quick")).toMatchObject({ rounds: 1, reps: 1 });
		expect(line("--quick --rounds 4").rounds).toBe(4);
	});

	it("reads numbers with separators", () => {
		expect(line("--n 1_000").n).toBe(1000);
		expect(line("--grow --max 100_000").max).toBe(100_000);
	});

	it.each([
		["a workload that does not exist", "yield_manny", /no workload "yield_manny"; there are: spawn_join/],
		["a peer that does not exist", "--peers bluebird", /no peer "bluebird"/],
		["an engine that does not exist", "--engine jvm", /--engine takes one of node, node26, bun, deno/],
		["an option that does not exist", "--fast", /--fast/],
		["rounds that are no number", "--rounds many", /--rounds takes a whole number/],
		["no rounds at all", "--rounds 0", /--rounds takes a whole number/],
		["two modes at once", "--grow --memory", /choose one of --grow and --memory/],
		["--from without --charts", "--from x.jsonl", /--from belongs to --charts/],
		["--max without --grow", "yield_many --max 100000", /--max belongs to --grow/],
		[
			"--from with what it would ignore",
			"--charts --from x.jsonl --rounds 3",
			/--charts --from has no use for --rounds/,
		],
		["workloads of a mode that has none", "--memory yield_many", /--memory takes no workloads: leave out yield_many/],
		["peers of a mode that has none", "--grow --peers effect", /--grow has no use for --peers/],
		["a comparison into a file", "--compare HEAD --out x", /--compare has no use for --out/],
		["memory where it is not told", "--memory --engine bun", /--memory needs Node/],
		["a size that gives no exponent", "--grow --max 500", /--max takes 10000 or more/],
		["a commit without a name", "--rev=", /--rev takes a commit/],
	])("refuses %s with a message for the user", (_, text, message) => {
		expect(() => line(text)).toThrow(UsageError);
		expect(() => line(text)).toThrow(message);
	});
});

describe("why a peer is left out", () => {
	it("is the last line of a traceback, and the error above a stack", () => {
		expect(
			reason("Traceback (most recent call last):\n  File \"main.py\"\nModuleNotFoundError: No module named 'uvloop'\n"),
		).toBe("ModuleNotFoundError: No module named 'uvloop'");
		expect(reason("file:///x.mjs:1\nthrow new Error()\nError: no\n    at x.mjs:1\n\nNode.js v20")).toBe("Error: no");
		expect(reason("/bin/sh: no such thing")).toBe("/bin/sh: no such thing");
	});
});
