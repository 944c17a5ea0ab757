import { describe, expect, it } from "vitest";
import { asyncFn, attempt, byRef, fail, pending, race, ready, run, select, spawn, yieldNow } from "yamanote";
import { gate } from "../support/gate.ts";
import { hostTurn } from "../support/host.ts";

class Bad extends Error {
	readonly code = "BAD";
}

describe("byRef", () => {
	it("lends a future to select after select: losing neither cancels nor consumes it (rule 1)", async () => {
		const door = gate<string>();
		const rounds = await run(function* () {
			const lent = byRef(door);
			for (let round = 1; ; round++) {
				if (round === 4) door.open("kept");
				const first = yield* select({ lent, tick: yieldNow() }, { biased: true });
				if (first.key === "lent") return [round, first.value, door.drops];
			}
		});
		expect(rounds).toEqual([4, "kept", 0]);
	});

	it("gives the same loan for a future that is lent already, and for a loan", async () => {
		await run(function* () {
			const door = gate();
			const lent = byRef(door);
			yield* select({ lent, tick: yieldNow() }, { biased: true });
			expect(byRef(lent)).toBe(lent);
			expect(byRef(door)).toBe(lent);
		});
	});

	it("a lent future that is awaited by itself goes on where it stood", async () => {
		const work = asyncFn(function* () {
			const seen = [];
			for (let i = 0; i < 4; i++) {
				seen.push(i);
				yield* yieldNow();
			}
			return seen;
		});
		const result = await run(function* () {
			const future = work();
			const lent = byRef(future);
			yield* select({ lent, tick: yieldNow() }, { biased: true });
			return yield* future;
		});
		expect(result).toEqual([0, 1, 2, 3]);
	});

	it("ended, it is consumed like any other", async () => {
		await run(function* () {
			const lent = byRef(ready(1));
			expect(yield* lent).toBe(1);
			const again = yield* attempt(lent);
			expect(!again.ok && (again.error as Error).name).toBe("FutureConsumedError");
		});
		await run(function* () {
			const lent = byRef(fail(new Bad()));
			expect((yield* attempt(lent)).ok).toBe(false);
			const again = yield* attempt(lent);
			expect(!again.ok && (again.error as Error).name).toBe("FutureConsumedError");
		});
	});

	it("two branches cannot borrow at once", async () => {
		const result = await run(function* () {
			const lent = byRef(pending());
			return yield* attempt(race([lent, lent]));
		});
		expect(!result.ok && (result.error as Error).name).toBe("FutureInUseError");
	});

	it("is cancelled when the task that lent it ends, by value, failure or cancel", async () => {
		for (const how of ["value", "failure", "cancel"]) {
			const log: string[] = [];
			const task = spawn(function* () {
				const lent = byRef(function* () {
					try {
						yield* pending();
					} finally {
						yield* yieldNow();
						log.push("cleaned");
					}
				});
				yield* race([lent, yieldNow()]);
				if (how === "failure") throw new Bad();
				if (how === "cancel") yield* pending();
				return "value";
			});
			const end = task.then(
				() => log.push("ended"),
				() => log.push("ended"),
			);
			await hostTurn();
			if (how === "cancel") task.abort();
			await end;
			expect(log).toEqual(["cleaned", "ended"]);
		}
	});

	it("is cancelled when the asyncFn call that lent it ends, before its caller goes on", async () => {
		const log: string[] = [];
		const inner = asyncFn(function* () {
			const lent = byRef(function* () {
				try {
					yield* pending();
				} finally {
					yield* yieldNow();
					log.push("cleaned");
				}
			});
			yield* race([lent, yieldNow()]);
			return "value";
		});
		await run(function* () {
			log.push(yield* inner());
		});
		expect(log).toEqual(["cleaned", "value"]);
	});

	it("that was never polled costs nothing at the end", async () => {
		const door = gate();
		await run(function* () {
			byRef(door);
			yield* yieldNow();
		});
		expect([door.polls, door.drops]).toEqual([0, 0]);
	});

	it("outside of a task it is nobody's to cancel", async () => {
		const door = gate<number>();
		const lent = byRef(door);
		await run(race([lent, yieldNow()]));
		expect(door.drops).toBe(0);
		door.open(1);
		expect(await run(lent)).toBe(1);
	});

	it("takes whatever can be waited for, and nothing else", async () => {
		expect(await run(byRef(async () => "async"))).toBe("async");
		expect(await run(byRef(Promise.resolve("promise")))).toBe("promise");
		expect(() => byRef(5 as never)).toThrow(TypeError);
	});
});
