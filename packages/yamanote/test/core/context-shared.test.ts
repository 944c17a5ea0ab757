// @engines node20 node22 node24 node26
// Rule 11 in programs that have used no store yet: there all tasks share one context, until somebody sets a store. A test runner has used some.
import { expect, it } from "vitest";
import { program } from "../support/program.ts";

const head = `
	import { AsyncLocalStorage } from "node:async_hooks";
	import { run, spawn, yieldNow } from "yamanote";
	const als = new AsyncLocalStorage();
	const look = (who) => console.log(who, String(als.getStore()));
	function* looks(who, times) {
		for (let i = 0; i < times; i++) {
			yield* yieldNow();
			look(who);
		}
	}
`;

it("rule 11: the first store that a task sets is seen by no other task, spawned before or after, nor by itself in its next poll", async () => {
	const { lines, errors } = await program(`${head}
		const before = spawn(looks("before", 3));
		const sets = spawn(function* () {
			yield* yieldNow();
			als.enterWith("mine");
			look("sets");
			yield* yieldNow();
			look("sets");
		});
		const after = spawn(looks("after", 3));
		await before;
		await sets;
		await after;
		await run(looks("later", 1));
		look("host");
	`);
	expect(errors).toBe("");
	expect(lines.filter((line) => line !== "sets mine").sort()).toEqual([
		...["after undefined", "after undefined", "after undefined"],
		...["before undefined", "before undefined", "before undefined"],
		...["host undefined", "later undefined", "sets undefined"],
	]);
	expect(lines.filter((line) => line === "sets mine")).toHaveLength(1);
});

it("rule 11: a task that is spawned where the first store is in force has it, and those from before do not", async () => {
	const { lines, errors } = await program(`${head}
		const before = spawn(looks("before", 3));
		await run(yieldNow());
		const inside = als.run("store", () => spawn(looks("inside", 3)));
		const after = spawn(looks("after", 3));
		await Promise.all([before.then(), inside.then(), after.then()]);
	`);
	expect(errors).toBe("");
	expect([...new Set(lines)].sort()).toEqual(["after undefined", "before undefined", "inside store"]);
});
