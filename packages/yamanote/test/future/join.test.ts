import { describe, expect, it } from "vitest";
import { asyncFn, fail, join, joinSettled, lazy, pending, ready, run, spawn, tryJoin, yieldNow } from "yamanote";
import { byHand } from "../support/by-hand.ts";
import { gate } from "../support/gate.ts";
import { hostTurn, microtasks } from "../support/host.ts";

class Bad extends Error {
	readonly code = "BAD";
}

const combinators = { join, tryJoin, joinSettled } as unknown as Record<
	string,
	(futures: unknown, options?: object) => () => Promise<unknown>
>;
const shape = (name: string, value: unknown): unknown =>
	name === "joinSettled" ? { status: "fulfilled", value } : value;

for (const [name, combine] of Object.entries(combinators)) {
	describe(name, () => {
		it("polls those for which the budget was spent in the next turn, though another is woken before", () => {
			const door = gate<number>();
			const others = Array.from({ length: 300 }, () => gate<number>());
			for (const [i, other] of others.entries()) other.open(i);
			const all = byHand(combine([door, ...others]) as never);
			const polled = (): number => others.filter(({ polls }) => polls > 0).length;
			all.pending();
			expect(polled()).toBeGreaterThan(0);
			expect(polled()).toBeLessThan(300);
			expect(all.wakes).toBe(1);
			door.open(-1);
			all.pending();
			expect(all.poll()).toEqual([-1, ...others.keys()].map((value) => shape(name, value)));
		});

		it("gives the values of an array in its order, whatever the order of completion", async () => {
			const doors = [gate<number>(), gate<number>(), gate<number>()] as const;
			const result = run(combine(doors));
			await microtasks();
			for (const i of [2, 0, 1]) {
				doors[i]?.open(i);
				await microtasks();
			}
			expect(await result).toEqual([0, 1, 2].map((v) => shape(name, v)));
		});

		it("gives the values of a record under its keys", async () => {
			const result = await run(combine({ b: ready(2), a: ready(1), 7: ready(3) }));
			expect(result).toEqual({ b: shape(name, 2), a: shape(name, 1), 7: shape(name, 3) });
			expect(Object.keys(result as object)).toEqual(["7", "b", "a"]);
		});

		it("is ready at once with nothing to wait for", async () => {
			expect(await run(combine([]))).toEqual([]);
			expect(await run(combine({}))).toEqual({});
		});

		it("is ready in its first poll if all are", () => {
			expect(byHand(combine([ready(1), ready(2)]) as never).poll()).toEqual([1, 2].map((v) => shape(name, v)));
		});

		it("runs its futures at once: each is polled in the first poll, in order", async () => {
			const log: number[] = [];
			const futures = [0, 1, 2].map((i) =>
				asyncFn(function* () {
					log.push(i);
					yield* yieldNow();
				})(),
			);
			await spawn(combine(futures));
			expect(log).toEqual([0, 1, 2]);
		});

		it("polls only what was woken (rule 6)", async () => {
			const doors = Array.from({ length: 20 }, () => gate<number>());
			const result = run(combine(doors));
			await microtasks();
			for (const [i, door] of doors.entries()) {
				door.open(i);
				await microtasks();
				expect(doors.map((d) => d.polls)).toEqual(doors.map((_, k) => (k <= i ? 2 : 1)));
			}
			await result;
		});

		it("polls a member once that is woken twice before its poll", async () => {
			const quiet = gate();
			const chatty = gate();
			const task = spawn(combine([quiet, chatty]));
			await microtasks();
			chatty.wakeAll();
			chatty.wakeAll();
			await microtasks();
			expect([quiet.polls, chatty.polls]).toEqual([1, 2]);
			quiet.open();
			chatty.open();
			await task;
		});

		it("drops each member once when it is dropped", async () => {
			const doors = [gate(), gate(), gate()];
			const task = spawn(combine(doors));
			await microtasks();
			doors[1]?.open();
			await microtasks();
			task.abort();
			await expect(task).rejects.toThrow();
			expect(doors.map((d) => d.drops)).toEqual([1, 0, 1]);
		});

		it("takes members of every kind", async () => {
			const result = await run(
				combine([
					ready(0),
					function* () {
						yield* yieldNow();
						return 1;
					},
					async () => 2,
					Promise.resolve(3),
					spawn(ready(4)),
				]),
			);
			expect(result).toEqual([0, 1, 2, 3, 4].map((v) => shape(name, v)));
		});

		it("with concurrency, runs so many at once, in order, and starts the next as a place falls free", async () => {
			let running = 0;
			let most = 0;
			const started: number[] = [];
			const futures = Array.from({ length: 7 }, (_, i) =>
				asyncFn(function* () {
					started.push(i);
					most = Math.max(most, ++running);
					for (let k = 0; k < (i % 3) + 1; k++) yield* yieldNow();
					running--;
					return i;
				})(),
			);
			const result = await run(combine(futures, { concurrency: 3 }));
			expect(result).toEqual([0, 1, 2, 3, 4, 5, 6].map((v) => shape(name, v)));
			expect(most).toBe(3);
			expect(started).toEqual([0, 1, 2, 3, 4, 5, 6]);
		});

		it("with more concurrency than futures, runs them all", async () => {
			expect(await run(combine([ready(1)], { concurrency: 50 }))).toEqual([shape(name, 1)]);
		});

		it("with concurrency, goes through many that are ready at once", async () => {
			const futures = Array.from({ length: 1_000 }, (_, i) => lazy(() => i));
			const result = (await run(combine(futures, { concurrency: 1 }))) as unknown[];
			expect(result.length).toBe(1_000);
			expect(result[999]).toEqual(shape(name, 999));
		});

		it("refuses a concurrency that is no whole number of at least 1, nor Infinity", () => {
			for (const concurrency of [0, -1, 1.5, Number.NaN, -Infinity, "2"])
				expect(() => combine([ready(1)], { concurrency })).toThrow(RangeError);
		});

		it("with a concurrency of Infinity, runs all at once", async () => {
			const started: number[] = [];
			const futures = [0, 1, 2].map(
				(i) =>
					function* () {
						started.push(i);
						yield* yieldNow();
						return started.length;
					},
			);
			expect(await run(combine(futures, { concurrency: Infinity }))).toEqual([3, 3, 3].map((v) => shape(name, v)));
		});

		it("says which item is no future", () => {
			expect(() => combine([ready(1), 5])).toThrow(/\[1\].*no future/);
			expect(() => combine({ good: ready(1), bad: "text" })).toThrow(/"bad".*no future/);
		});

		it("keeps every key of a record, also one that objects treat in their own way", async () => {
			const record = JSON.parse('{ "__proto__": 1, "constructor": 2, "a": 3 }') as Record<string, unknown>;
			for (const key of Object.keys(record))
				Object.defineProperty(record, key, { value: ready(key), enumerable: true, configurable: true });
			const values = (await run(combine(record as never) as never)) as object;
			expect(Object.keys(values)).toEqual(["__proto__", "constructor", "a"]);
			expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
		});

		it("refuses what is neither an array nor a record", () => {
			for (const bad of [null, undefined, 5, "text", new Set([ready(1)]), ready(1), (function* () {})()])
				expect(() => combine(bad)).toThrow(TypeError);
		});

		it("leaves the argument as it is", async () => {
			const futures = Object.freeze([ready(1), ready(2)]);
			await run(combine(futures));
			expect(futures.length).toBe(2);
		});
	});
}

describe("tryJoin", () => {
	it("throws the first failure at once, and cancels the rest", async () => {
		const door = gate();
		const error = new Bad("first");
		await expect(run(tryJoin([door, fail(error), pending()]))).rejects.toBe(error);
		expect(door.drops).toBe(1);
	});

	it("starts no more of those that were waiting for a place", async () => {
		const started: number[] = [];
		const member = (i: number) =>
			function* () {
				started.push(i);
				yield* yieldNow();
				if (i === 1) throw new Bad();
			};
		await expect(run(tryJoin([0, 1, 2, 3, 4].map(member), { concurrency: 2 }))).rejects.toBeInstanceOf(Bad);
		expect(started).not.toContain(4);
	});

	it("throws only when the cleanup of the rest has ended", async () => {
		const door = gate();
		const log: string[] = [];
		const other = run(
			tryJoin([
				function* () {
					try {
						yield* pending();
					} finally {
						yield* door;
						log.push("cleaned");
					}
				},
				fail(new Bad()),
			]),
		).catch(() => log.push("thrown"));
		await hostTurn();
		expect(log).toEqual([]);
		door.open();
		await other;
		expect(log).toEqual(["cleaned", "thrown"]);
	});

	it("drops a handle among its futures, whose task runs on (rule 8)", async () => {
		const door = gate<string>();
		const independent = spawn(door);
		await expect(run(tryJoin([independent, fail(new Bad())]))).rejects.toBeInstanceOf(Bad);
		expect(independent.isFinished).toBe(false);
		door.open("ran on");
		expect(await independent).toBe("ran on");
	});

	it("does not let a promise that it never polled become an unhandled rejection", async () => {
		const late = Promise.reject(new Error("late"));
		await expect(run(tryJoin([fail(new Bad()), late]))).rejects.toBeInstanceOf(Bad);
		const limited = Promise.reject(new Error("never started"));
		await expect(run(tryJoin([fail(new Bad()), ready(1), limited], { concurrency: 1 }))).rejects.toBeInstanceOf(Bad);
		await hostTurn();
	});
});

describe("joinSettled", () => {
	it("gives each outcome, and fails for none", async () => {
		const error = new Bad();
		expect(await run(joinSettled([ready(1), fail(error)]))).toEqual([
			{ status: "fulfilled", value: 1 },
			{ status: "rejected", reason: error },
		]);
		expect(await run(joinSettled({ a: fail(error) }))).toEqual({ a: { status: "rejected", reason: error } });
	});
});

describe("join", () => {
	it("lets all end though one has failed", async () => {
		const door = gate();
		const promise = run(join([fail(new Bad()), door]));
		await hostTurn();
		expect([door.waitedFor, door.drops]).toEqual([true, 0]);
		door.open();
		await expect(promise).rejects.toBeInstanceOf(Bad);
	});
});

describe("failures that are one and the same", () => {
	it("are no causes of themselves", async () => {
		const same = new Bad("of all");
		const other = new Bad("another");
		await expect(run(join([fail(same), fail(same)]))).rejects.toBe(same);
		expect(same.cause).toBe(undefined);
		await expect(run(join([fail(same), fail(other), fail(same)]))).rejects.toBe(same);
		expect((same.cause as AggregateError).errors).toEqual([other]);
	});
});
