// Native async functions find their task by AsyncLocalStorage, which a page has not.
// @engines node20 node22 node24 node26 bun deno
import { describe, expect, it } from "vitest";
import { Instant, pending, run, sleep, spawn, yieldNow } from "yamanote";
import { Mutex } from "yamanote/sync";
import { DeadlockError, paused } from "yamanote/testing";

describe("paused", () => {
	it("makes a function without parameters, which test runners may call", () => {
		expect(paused(function* () {}).length).toBe(0);
	});

	it("runs the body on a clock that stands, and jumps when every task waits", async () => {
		let elapsed = 0;
		await paused(function* () {
			const start = Instant.now();
			yield* sleep({ days: 365 });
			elapsed = start.elapsed();
		})();
		expect(elapsed).toBe(365 * 86_400_000);
	});

	it("runs async bodies too", async () => {
		let elapsed = 0;
		await paused(async () => {
			const start = Instant.now();
			await sleep({ hours: 1 });
			elapsed = start.elapsed();
		})();
		expect(elapsed).toBe(3_600_000);
	});

	it("calls the body anew at each run", async () => {
		let runs = 0;
		const test = paused(function* () {
			runs++;
			yield* yieldNow();
		});
		await test();
		await test();
		expect(runs).toBe(2);
	});

	it("fails as the body does", async () => {
		const error = new Error("wrong");
		const test = paused(function* () {
			yield* sleep(1);
			throw error;
		});
		await expect(test()).rejects.toBe(error);
	});

	it("fails when a task has failed that nobody observed", async () => {
		const error = new Error("nobody looks");
		const test = paused(function* () {
			spawn(
				function* () {
					throw error;
				},
				{ name: "worker" },
			);
			yield* sleep(1);
		});
		await expect(test()).rejects.toThrow(/"worker".* failed, and nobody observed it/);
		await expect(test()).rejects.toMatchObject({ cause: error });
	});

	it("cancels the tasks that are left at its end", async () => {
		const log: string[] = [];
		await paused(function* () {
			spawn(function* () {
				try {
					yield* pending();
				} finally {
					log.push("cancelled");
				}
			});
			yield* yieldNow();
		})();
		expect(log).toEqual(["cancelled"]);
	});

	it("does not touch the clock outside", async () => {
		const before = Instant.now();
		await paused(function* () {
			yield* sleep({ days: 1 });
		})();
		expect(before.elapsed()).toBeLessThan(60_000);
		await run(yieldNow());
	});

	it("refuses bad options at the call, of the runtime's too", () => {
		for (const deadlockAfter of [Number.NaN, -1, "5", null])
			expect(() => paused(function* () {}, { deadlockAfter } as never)).toThrow("paused: deadlockAfter must be");
		expect(() => paused(function* () {}, { cleanupGrace: Number.NaN })).toThrow(RangeError);
		expect(() => paused(function* () {}, { name: 5 as never })).toThrow(TypeError);
		expect(() => paused(function* () {}, { onUnhandled: 5 as never })).toThrow(TypeError);
	});

	it("fails at once when nothing is left that could wake anybody, and says who waits for what", async () => {
		const test = paused(
			function* () {
				const mutex = new Mutex(undefined);
				using _guard = yield* mutex.lock();
				yield* spawn(
					function* () {
						using _other = yield* mutex.lock();
					},
					{ name: "second" },
				);
			},
			{ deadlockAfter: 20 },
		);
		const error = await test().catch((e: unknown) => e);
		expect(error).toBeInstanceOf(DeadlockError);
		expect(String(error)).toMatch(/task "second".* waiting/);
		expect(String(error)).toMatch(/waits for a Mutex/);
		expect(String(error)).toMatch(/paused\.test/);
	});
});
