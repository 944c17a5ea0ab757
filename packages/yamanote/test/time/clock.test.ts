import { describe, expect, it } from "vitest";
import {
	advance,
	attempt,
	ForeignClockError,
	fromPromise,
	Instant,
	join,
	lazy,
	NotPausedError,
	pause,
	pending,
	Runtime,
	resume,
	run,
	sleep,
	spawn,
	timeout,
	yieldNow,
} from "yamanote";
import { paused } from "../support/clock.ts";
import { deferred, gate } from "../support/gate.ts";
import { hostTurns, microtasks, until } from "../support/host.ts";

/** A runtime with a paused clock, for the body; shut down afterwards. */
async function own<T>(body: (runtime: Runtime) => Promise<T>): Promise<T> {
	const runtime = new Runtime({ startPaused: true, name: "paused" });
	try {
		return await body(runtime);
	} finally {
		await runtime.shutdown();
	}
}

describe("rule 10: each runtime has its own clock", () => {
	it("that can start paused, at 0 elapsed, while the default one runs", async () => {
		await own(async (runtime) => {
			const before = Instant.now();
			const waited = await runtime.blockOn(function* () {
				const start = Instant.now();
				yield* sleep({ days: 365 });
				return start.elapsed();
			});
			expect(waited).toBe(365 * 86_400_000);
			expect(before.elapsed()).toBeLessThan(60_000);
		});
	});

	it("the clock of the current runtime: entered, of the task, else the default one", async () => {
		await own(async (runtime) => {
			const inside = await runtime.blockOn(function* () {
				yield* sleep(5_000);
				return Instant.now();
			});
			expect(runtime.enter(() => Instant.now()).since(inside)).toBe(0);
			expect(runtime.enter(() => sleep(10)).deadline.since(inside)).toBe(10);
		});
	});

	it("a timer of one clock, awaited on a runtime with another that is paused, is refused at its first poll", async () => {
		await own(async (runtime) => {
			await expect(runtime.blockOn(sleep(1_000))).rejects.toBeInstanceOf(ForeignClockError);
			await expect(runtime.blockOn(timeout(1_000, pending()))).rejects.toThrow(/make it inside/);
		});
	});
});

describe("rule 10: pause, advance, resume", () => {
	it("time stands still, but for advance", async () => {
		await paused(async () => {
			const now = Instant.now();
			await hostTurns(5);
			expect(now.elapsed()).toBe(0);
			await run(advance(7.5));
			expect(now.elapsed()).toBe(7.5);
			await run(advance({ seconds: 1 }));
			expect(now.elapsed()).toBe(1_007.5);
		});
	});

	it("goes on from where it stands after resume", async () => {
		pause();
		const now = Instant.now();
		await run(advance(1_000_000));
		resume();
		const elapsed = now.elapsed();
		expect(elapsed).toBeGreaterThanOrEqual(1_000_000);
		expect(elapsed).toBeLessThan(1_060_000);
	});

	it("pause twice is pause once; resume and advance need a paused clock, and say so", async () => {
		pause();
		pause();
		resume();
		expect(() => resume()).toThrow(NotPausedError);
		await expect(run(advance(5))).rejects.toBeInstanceOf(NotPausedError);
	});

	it("advance takes a duration like any other", () => {
		expect(() => advance(Number.NaN)).toThrow(RangeError);
		expect(() => advance(Infinity)).toThrow(RangeError);
		expect(() => advance("5" as never)).toThrow(TypeError);
	});

	it("advance wakes what is due, and gives way to it once", async () => {
		await own(async (runtime) => {
			const log = await runtime.blockOn(function* () {
				const log: string[] = [];
				const tasks = [5, 10, 15].map((ms) =>
					spawn(function* () {
						yield* sleep(ms);
						log.push(`${ms}`);
					}),
				);
				yield* yieldNow();
				yield* advance(10);
				log.push("advanced");
				for (const t of tasks) yield* t;
				return log;
			});
			expect(log).toEqual(["5", "10", "advanced", "15"]);
		});
	});

	it("timers that are armed when the clock is paused wait for it, and go on after resume", async () => {
		const start = Instant.now();
		const task = spawn(sleep(5));
		await microtasks();
		pause();
		await run(advance(5));
		await microtasks();
		expect(task.isFinished).toBe(true);
		const other = spawn(sleep(3));
		await microtasks();
		resume();
		await other;
		await task;
		expect(start.elapsed()).toBeGreaterThanOrEqual(8);
	});
});

describe("rule 10: time advances by itself", () => {
	it("to the next deadline, when every task waits", async () => {
		await own(async (runtime) => {
			const log = await runtime.blockOn(function* () {
				const start = Instant.now();
				const log: string[] = [];
				yield* join(
					[30, 10, 20].map((ms) =>
						spawn(function* () {
							yield* sleep(ms);
							log.push(`${ms} at ${start.elapsed()}`);
						}),
					),
				);
				return log;
			});
			expect(log).toEqual(["10 at 10", "20 at 20", "30 at 30"]);
		});
	});

	it("also for tasks that nobody awaits natively", async () => {
		await paused(async () => {
			const log: number[] = [];
			const start = Instant.now();
			const task = spawn(function* () {
				yield* sleep(1_000);
				log.push(start.elapsed());
			});
			await until(() => log.length > 0);
			expect(log).toEqual([1_000]);
			await task;
		});
	});

	it("not while tasks are ready, nor before promise reactions had their turn", async () => {
		await own(async (runtime) => {
			const log: string[] = [];
			const soon = deferred();
			const napping = runtime.spawn(lazyNap(10, log));
			const busy = runtime.spawn(function* () {
				for (let i = 0; i < 300; i++) yield* yieldNow();
				log.push("busy done");
				void Promise.resolve()
					.then(() => {})
					.then(() => {})
					.then(() => {
						log.push("reaction");
						soon.resolve();
					});
			});
			await busy;
			await soon.promise;
			await napping;
			expect(log).toEqual(["busy done", "reaction", "nap over"]);
		});
	});

	it("not while a promise is awaited: host work holds the clock", async () => {
		await own(async (runtime) => {
			const work = deferred<string>();
			const log: string[] = [];
			// A root waiter, so that the clock looks in each turn of the host.
			const waiting = runtime.blockOn(function* () {
				log.push(yield* fromPromise(work.promise));
			});
			const napping = runtime.spawn(lazyNap(10, log));
			await hostTurns(20);
			expect(log).toEqual([]);
			work.resolve("work done");
			await waiting;
			await napping;
			expect(log).toEqual(["work done", "nap over"]);
		});
	});

	it("not while an async function is outside of our waits; while it is in one of ours it may", async () => {
		await own(async (runtime) => {
			const foreign = deferred();
			const log: string[] = [];
			const start = runtime.enter(() => Instant.now());
			const body = runtime.blockOn(async ({ run: wait }) => {
				await wait(() => sleep(100));
				log.push(`own wait ended at ${start.elapsed()}`);
				await foreign.promise;
				log.push(`foreign work ended at ${start.elapsed()}`);
				await wait(() => sleep(100));
				log.push(`second wait ended at ${start.elapsed()}`);
			});
			const napping = runtime.spawn(lazyNap(150, log));
			await until(() => log.length > 0);
			await hostTurns(20);
			expect(log).toEqual(["own wait ended at 100"]);
			foreign.resolve();
			await body;
			await napping;
			expect(log).toEqual([
				"own wait ended at 100",
				"foreign work ended at 100",
				"nap over",
				"second wait ended at 200",
			]);
		});
	});

	it("when host work ends that wakes nobody, such as an async function that was abandoned", async () => {
		const runtime = new Runtime({ startPaused: true, name: "paused", cleanupGrace: 0, onUnhandled: () => {} });
		const foreign = deferred();
		const stubborn = runtime.spawn(async () => foreign.promise);
		await microtasks();
		stubborn.abort();
		await expect(stubborn).rejects.toThrow();
		const log: string[] = [];
		const napping = runtime.blockOn(lazyNap(10, log));
		await hostTurns(20);
		expect(log).toEqual([]);
		foreign.resolve();
		await napping;
		expect(log).toEqual(["nap over"]);
		await runtime.shutdown();
	});

	it("not for a promise that was dropped", async () => {
		await own(async (runtime) => {
			const never = new Promise<never>(() => {});
			const dropped = runtime.spawn(fromPromise(never));
			await microtasks();
			dropped.abort();
			await expect(dropped).rejects.toThrow();
			const log: string[] = [];
			await runtime.spawn(lazyNap(10, log));
			expect(log).toEqual(["nap over"]);
		});
	});

	it("fires what is due at one time together, then looks again", async () => {
		await own(async (runtime) => {
			const seen = await runtime.blockOn(function* () {
				const start = Instant.now();
				const seen: number[] = [];
				yield* join(
					Array.from({ length: 3 }, () =>
						spawn(function* () {
							yield* sleep(10);
							yield* yieldNow();
							yield* sleep(10);
							seen.push(start.elapsed());
						}),
					),
				);
				return seen;
			});
			expect(seen).toEqual([20, 20, 20]);
		});
	});

	it("passes hours of a program in no time: retries, timeouts, loops", async () => {
		await own(async (runtime) => {
			const elapsed = await runtime.blockOn(function* () {
				const start = Instant.now();
				for (let i = 0; i < 24; i++) {
					const slow = yield* attempt(timeout({ minutes: 10 }, sleep({ minutes: 20 })));
					if (slow.ok) yield* lazy(() => expect.unreachable());
					yield* sleep({ minutes: 50 });
				}
				return start.elapsed();
			});
			expect(elapsed).toBe(24 * 3_600_000);
		});
	});

	it("stops where nothing is armed: a gate that never opens is not waited for by time", async () => {
		await paused(async (clock) => {
			const door = gate();
			const task = spawn(door);
			await hostTurns(3);
			expect([task.isFinished, clock.now]).toEqual([false, 0]);
			door.open();
			await task;
		});
	});
});

/** A sleep whose deadline is fixed when it is polled. */
function lazyNap(ms: number, log: string[]) {
	return function* () {
		yield* sleep(ms);
		log.push("nap over");
	};
}
