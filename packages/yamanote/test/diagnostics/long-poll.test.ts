// @engines node20 node22 node24 node26
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lineOf, Programs, prelude } from "./program.ts";

const programs = new Programs();
beforeAll(() => programs.install(), 120_000);
afterAll(() => programs.remove());

const limit = { timeout: 60_000 };

describe("a poll that holds the loop", () => {
	it("is told while the watching thread does not run yet, with the place where the task gave way", limit, async () => {
		const source = `${prelude}
import { main, sleep } from "yamanote";
diagnoseAll({ longPoll: { sample: false, neverYieldsMs: 60_000 } });
// By the time of the processor: on a busy machine this is not the time of the clock.
const hold = (ms) => { const end = process.cpuUsage().user + ms * 1_000; while (process.cpuUsage().user < end); };
main(function* busy() {
	hold(300);
	yield* sleep(1); // here
}, { name: "busy" });
`;
		const { diagnoses, stderr, status } = await programs.run(source);
		expect(stderr).toBe("");
		expect(status).toBe(0);
		const [first, ...others] = diagnoses;
		expect(others).toEqual([]);
		expect(first).toMatchObject({
			code: "YAMANOTE_LONG_POLL",
			name: "main",
			place: { line: lineOf(source, "// here") },
		});
		expect(first?.details["ms"]).toBeGreaterThanOrEqual(50);
	});

	it("is told with the line that was running, by a sample", limit, async () => {
		const source = `${prelude}
import { main, sleep } from "yamanote";
diagnoseAll({ longPoll: { neverYieldsMs: 60_000 } });
// By the time of the processor: on a busy machine this is not the time of the clock.
const used = () => {
	const { user, system } = process.cpuUsage();
	return user + system;
};
function hold(until) {
	let x = 0;
	while (used() < until) x += Math.sqrt(x); // here
	return x;
}
main(function* () {
	yield* sleep(400);
	hold(used() + 600_000);
	yield* sleep(1);
	yield* sleep(700);
});
`;
		const { diagnoses, stderr, status } = await programs.run(source);
		expect(stderr).toBe("");
		expect(status).toBe(0);
		const [first, ...others] = diagnoses;
		expect(others).toEqual([]);
		expect(first).toMatchObject({
			code: "YAMANOTE_LONG_POLL",
			place: { name: "hold", line: lineOf(source, "// here") },
			details: { sampled: true },
		});
	});

	it("has all its time, also where a call into the engine cannot be paused", limit, async () => {
		const source = `${prelude}
import { scryptSync } from "node:crypto";
import { main, sleep } from "yamanote";
diagnoseAll({ longPoll: { neverYieldsMs: 60_000 } });
main(function* () {
	yield* sleep(400);
	const began = process.cpuUsage();
	scryptSync("correct horse", "salt", 64, { N: 2 ** 17, maxmem: 2 ** 28 });
	console.log(process.cpuUsage(began).user / 1_000);
	yield* sleep(1);
	yield* sleep(700);
});
`;
		const { diagnoses, stdout, stderr, status } = await programs.run(source);
		expect([stderr, status]).toEqual(["", 0]);
		expect(diagnoses.map(({ code }) => code)).toEqual(["YAMANOTE_LONG_POLL"]);
		expect(diagnoses[0]?.details["ms"]).toBeGreaterThan(Number.parseFloat(stdout) / 2);
	});

	it("is told while it goes on, if it goes on for ever", limit, async () => {
		const source = `${prelude}
import { main, sleep } from "yamanote";
diagnoseAll({ onDiagnosis: (d) => { writeSync(1, "@" + JSON.stringify(d) + "\\n"); if (d.code === "YAMANOTE_NEVER_YIELDS") Atomics.store(stop, 0, 1); } });
// A plain variable is read once by optimised code.
const stop = new Int32Array(1);
main(function* () {
	yield* sleep(400);
	// Now and then it is interrupted within a function of Node, which has other globals.
	while (Atomics.load(stop, 0) === 0 && performance.now() < 20_000) for (let i = 0; i < 20; i++) void globalThis.performance; // here
	if (performance.now() > 20_000) console.log("not told while it went on");
});
`;
		const { diagnoses, stdout, stderr, status } = await programs.run(source);
		expect(stderr).toBe("");
		expect(status).toBe(0);
		expect(stdout).not.toContain("not told");
		expect(diagnoses.filter((d) => d.code === "YAMANOTE_NEVER_YIELDS")).toMatchObject([
			{ place: { line: lineOf(source, "// here") } },
		]);
	});

	it("is not told if it is short", limit, async () => {
		const source = `${prelude}
import { main, sleep } from "yamanote";
diagnoseAll({ longPoll: { thresholdMs: 10_000 } });
main(function* () {
	for (let i = 0; i < 50; i++) yield* sleep(5);
});
`;
		const { diagnoses, stderr, status } = await programs.run(source);
		expect([stderr, status, diagnoses]).toEqual(["", 0, []]);
	});
});
