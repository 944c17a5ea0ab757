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

	it("prints to its standard error where nobody else is told, in colours if they are asked for", {
		timeout: 60_000,
	}, async () => {
		const source = `import { attempt, run, yieldNow } from "yamanote";
import { diagnose } from "yamanote/diagnostics";
import { SyncMutex } from "yamanote/sync";
diagnose({ longPoll: false, starvedLoop: false });
await run(attempt(function* body() {
	const guard = new SyncMutex(0, { name: "rows" }).lock();
	yield* yieldNow(); // here
}));
`;
		const line = lineOf(source, "// here");
		const plain = await programs.run(source, { env: { NO_COLOR: "1" } });
		expect(plain.status).toBe(0);
		expect(plain.stderr).toMatch(
			new RegExp(
				`^yamanote: error YAMANOTE_GUARD_ACROSS_WAIT: the SyncMutex "rows", .*\\n    at body \\(.*program\\.mjs:${line}:\\d+\\)\\n[^]*\\n    > ${line} \\| \\tyield\\* yieldNow\\(\\); // here\\n[^]*\\n  what to do: release the guard before the wait`,
			),
		);
		const coloured = await programs.run(source, { env: { FORCE_COLOR: "1", NO_COLOR: "" } });
		expect(coloured.stderr).toContain("\u001b[31myamanote: error");
	});
});
