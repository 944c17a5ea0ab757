// @engines node20 node22 node24 node26
// In a program of its own, as in production: a test runner maps each stack to its sources.
import { expect, it } from "vitest";
import { program } from "../support/program.ts";

it("a dump of 10,000 suspended tasks takes less than two seconds", async () => {
	const { lines, errors } = await program(`
		import { asyncFn, main, scope, sleep, yieldNow } from "yamanote";
		import { dump } from "yamanote/diagnostics";
		const work = asyncFn(function* work() { yield* sleep(100_000); });
		main(scope(function* (s) {
			for (let i = 0; i < 10_000; i++) s.spawn(function* () { yield* work(); });
			yield* yieldNow();
			yield* yieldNow();
			// The time of the processor: on a busy machine this is not the time of the clock.
			const began = process.cpuUsage();
			const { tasks } = dump();
			const { user, system } = process.cpuUsage(began);
			console.log((user + system) / 1_000);
			console.log(tasks.filter(({ stack }) => stack[0]?.name === "work").length);
			s.abortAll();
		}));
	`);
	expect(errors).toBe("");
	expect(Number(lines[0])).toBeLessThan(2_000);
	expect(lines[1]).toBe("10000");
});
