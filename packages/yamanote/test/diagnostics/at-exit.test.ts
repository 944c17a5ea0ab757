// @engines node20 node22 node24 node26
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lineOf, Programs, prelude } from "./program.ts";

describe("a program that ends", () => {
	const programs = new Programs();
	beforeAll(() => programs.install(), 120_000);
	afterAll(() => programs.remove());

	it("is told of the futures that it has never polled", { timeout: 60_000 }, async () => {
		const source = `${prelude}
import { asyncFn, main, sleep } from "yamanote";
diagnoseAll({ longPoll: false, starvedLoop: false });
const save = asyncFn(function* save() { yield* sleep(1); });
main(function* () {
	save(); // here
	yield* save();
});
`;
		const { diagnoses, stderr, status } = await programs.run(source);
		expect([stderr, status]).toEqual(["", 0]);
		expect(diagnoses).toMatchObject([
			{ code: "YAMANOTE_NEVER_POLLED", name: "main", place: { line: lineOf(source, "// here"), column: 2 } },
		]);
	});

	it("is told nothing by process.exit() in the middle", { timeout: 60_000 }, async () => {
		const source = `${prelude}
import { asyncFn, main, sleep } from "yamanote";
diagnoseAll({ longPoll: false, starvedLoop: false });
const save = asyncFn(function* save() { yield* sleep(1); });
main(function* () {
	const later = save();
	yield* sleep(200);
	process.exit(0);
	yield* later;
});
`;
		const { diagnoses, stderr, status } = await programs.run(source);
		expect([stderr, status, diagnoses]).toEqual(["", 0, []]);
	});

	it("is told of tasks that nothing is left to wake, with their circle", { timeout: 60_000 }, async () => {
		const source = `${prelude}
import { join, main, spawn, yieldNow } from "yamanote";
import { Mutex, Notify } from "yamanote/sync";
diagnoseAll({ longPoll: false, starvedLoop: false });
const [a, b] = [new Mutex(0), new Mutex(0)];
function* both(first, second) {
	const one = yield* first.lock();
	yield* yieldNow();
	const two = yield* second.lock(); // here
}
const lonely = spawn(function* () { yield* new Notify().notified(); /* lonely */ }, { name: "lonely" });
main(join([spawn(both(a, b), { name: "there" }), spawn(both(b, a), { name: "back" }), lonely]));
`;
		const { diagnoses, status } = await programs.run(source);
		expect(status).toBe(13);
		expect(diagnoses.map((d) => d.code)).toEqual(["YAMANOTE_DEADLOCK", "YAMANOTE_DEADLOCK"]);
		expect(diagnoses[0]).toMatchObject({ place: { name: "both", line: lineOf(source, "// here") } });
		expect(((diagnoses[0]?.details["cycle"] ?? []) as string[]).join("\n")).toMatch(
			/task "there" .* waits for a Mutex at both .*, held by task "back"[\s\S]*task "back" .*, held by task "there"/,
		);
		expect(diagnoses[1]?.message).toMatch(/nothing is left that could wake task "lonely"/);
		expect(diagnoses[1]).toMatchObject({ place: { line: lineOf(source, "/* lonely */") } });
	});
});
