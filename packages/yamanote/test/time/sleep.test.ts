import { describe, expect, it } from "vitest";
import { Future, Instant, join, race, ready, run, select, sleep, sleepUntil, spawn, yieldNow } from "yamanote";
import { byHand } from "../support/by-hand.ts";
import { paused } from "../support/clock.ts";
import { hostTurn, microtasks } from "../support/host.ts";
import { clockOf } from "../support/state.ts";

const armed = (): number => clockOf()?.wheel.size ?? 0;

describe("sleep", () => {
	it("is ready when its time has come, not before", async () => {
		await paused(async (clock) => {
			const task = spawn(sleep(100));
			await microtasks();
			await clock.advance(99);
			expect(task.isFinished).toBe(false);
			await clock.advance(1);
			expect(task.isFinished).toBe(true);
			await task;
		});
	});

	it("fixes its deadline at the call, and arms at the first poll (rule 10)", async () => {
		await paused(async (clock) => {
			const nap = sleep(100);
			expect(armed()).toBe(0);
			await clock.advance(60);
			const task = spawn(nap);
			await microtasks();
			expect(armed()).toBe(1);
			await clock.advance(39);
			expect(task.isFinished).toBe(false);
			await clock.advance(1);
			expect(task.isFinished).toBe(true);
			await task;
		});
	});

	it("is ready in its first poll if its deadline has passed by then", async () => {
		await paused(async (clock) => {
			const nap = sleep(10);
			await clock.advance(10);
			expect(byHand(nap).poll()).toBe(undefined);
			expect(armed()).toBe(0);
		});
	});

	it("rounds up: a fraction of a millisecond is waited for, too (rule 10)", async () => {
		await paused(async (clock) => {
			const task = spawn(sleep(10.001));
			await microtasks();
			await clock.advance(10);
			expect(task.isFinished).toBe(false);
			await clock.advance(1);
			expect(task.isFinished).toBe(true);
			await task;
		});
	});

	for (const ms of [0, -0, -1, -1e300, -Infinity]) {
		it(`of ${ms} is ready in its first poll, on a running clock as well`, async () => {
			expect(byHand(sleep(ms)).poll()).toBe(undefined);
			await paused(async () => {
				expect(byHand(sleep(ms)).poll()).toBe(undefined);
			});
			expect(armed()).toBe(0);
		});
	}

	it("of Infinity never is, and arms nothing", async () => {
		await paused(async (clock) => {
			const task = spawn(sleep(Infinity));
			await microtasks();
			expect(armed()).toBe(0);
			await clock.advance(1e15);
			expect(task.isFinished).toBe(false);
			task.abort();
			await expect(task).rejects.toThrow();
		});
	});

	it("of NaN is refused, at the call", () => {
		expect(() => sleep(Number.NaN)).toThrow(RangeError);
		expect(() => sleep({ seconds: Number.NaN })).toThrow(RangeError);
	});

	for (const ms of [2 ** 31 - 1, 2 ** 31, 2 ** 31 + 5, 2 ** 32, 2 ** 40, 1e15]) {
		it(`of ${ms} ms is ready then: no limit of 2^31`, async () => {
			await paused(async (clock) => {
				const task = spawn(sleep(ms));
				await microtasks();
				await clock.advance(ms - 1);
				expect(task.isFinished).toBe(false);
				await clock.advance(1);
				expect(task.isFinished).toBe(true);
				await task;
			});
		});
	}

	it("longer than 2^31 ms is not ready at once on a running clock", async () => {
		const task = spawn(sleep(2 ** 31 + 100));
		await hostTurn();
		await hostTurn();
		expect(task.isFinished).toBe(false);
		task.abort();
		await expect(task).rejects.toThrow();
	});

	it("takes durations of every kind", async () => {
		await paused(async (clock) => {
			const start = Instant.now();
			await run(function* () {
				yield* sleep({ seconds: 1, milliseconds: 500 });
				yield* sleep({ minutes: 1 });
				yield* sleep({ hours: 1, days: 1 });
				yield* sleep({ microseconds: 1_000_000, nanoseconds: 1_000_000_000 });
			});
			expect(Instant.now().since(start)).toBe(1_500 + 60_000 + 3_600_000 + 86_400_000 + 2_000);
			expect(clock.now).toBe(Instant.now().since(start));
		});
	});

	it("wakes in the order of the deadlines, and of one deadline as armed", async () => {
		await paused(async () => {
			const log: number[] = [];
			const times = [5, 1, 3, 64, 65, 63, 3, 1, 4_096, 4_095, 100];
			await run(
				join(
					times.map((ms, i) =>
						spawn(function* () {
							yield* sleep(ms);
							log.push(i);
						}),
					),
				),
			);
			expect(log).toEqual([1, 7, 2, 6, 0, 5, 3, 4, 10, 9, 8]);
		});
	});

	it("disarms when it is dropped: by a race, a cancel, a dispose (cancel safe)", async () => {
		await paused(async () => {
			await run(race([sleep(1_000), yieldNow()]));
			expect(armed()).toBe(0);
			const task = spawn(sleep(1_000));
			await microtasks();
			expect(armed()).toBe(1);
			task.abort();
			await expect(task).rejects.toThrow();
			expect(armed()).toBe(0);
			const byItself = sleep(1_000);
			byHand(byItself).pending();
			expect(armed()).toBe(1);
			byItself[Symbol.dispose]();
			expect(armed()).toBe(0);
		});
	});

	it("does not mind spurious polls, nor another waker", async () => {
		await paused(async (clock) => {
			const nap = sleep(10);
			const first = byHand(nap);
			const second = byHand(nap);
			first.pending();
			first.pending();
			second.pending();
			expect(armed()).toBe(1);
			await clock.advance(10);
			// The last waker is woken.
			expect([first.wakes, second.wakes]).toEqual([0, 1]);
			expect(second.poll()).toBe(undefined);
		});
	});

	it("knows its deadline, and whether it has passed", async () => {
		await paused(async (clock) => {
			const start = Instant.now();
			const nap = sleep(10);
			expect(nap).toBeInstanceOf(Future);
			expect(nap.deadline.since(start)).toBe(10);
			expect(nap.isElapsed).toBe(false);
			await clock.advance(10);
			expect(nap.isElapsed).toBe(true);
		});
	});

	it("many at once: each at its time", async () => {
		await paused(async () => {
			const start = Instant.now();
			let late = 0;
			await run(
				join(
					Array.from({ length: 2_000 }, (_, i) => {
						const ms = (i * 7_919) % 10_007;
						return function* () {
							yield* sleep(ms);
							if (start.elapsed() !== ms) late++;
						};
					}),
				),
			);
			expect(late).toBe(0);
			expect(start.elapsed()).toBe(10_006);
		});
	});
});

describe("sleepUntil", () => {
	it("is ready at the instant, at once if it has passed", async () => {
		await paused(async (clock) => {
			const at = Instant.now().plus(50);
			const task = spawn(sleepUntil(at));
			await microtasks();
			await clock.advance(49);
			expect(task.isFinished).toBe(false);
			await clock.advance(1);
			expect(task.isFinished).toBe(true);
			await task;
			expect(byHand(sleepUntil(at)).poll()).toBe(undefined);
			expect(byHand(sleepUntil(at.minus(5))).poll()).toBe(undefined);
		});
	});

	it("refuses what is no instant", () => {
		expect(() => sleepUntil(50 as never)).toThrow(/Instant/);
		expect(() => sleepUntil(new Date() as never)).toThrow(TypeError);
	});
});

describe("Sleep.reset", () => {
	it("moves the deadline on, and back, while it is waited for", async () => {
		await paused(async (clock) => {
			const nap = sleep(10);
			const task = spawn(function* () {
				yield* nap;
			});
			await microtasks();
			nap.reset(100);
			await clock.advance(99);
			expect(task.isFinished).toBe(false);
			nap.reset(50);
			await clock.advance(49);
			expect(task.isFinished).toBe(false);
			await clock.advance(1);
			await task;
			expect(armed()).toBe(0);
		});
	});

	it("to a time that has passed wakes it at once", async () => {
		await paused(async (clock) => {
			const nap = sleep(1_000);
			const task = spawn(function* () {
				yield* nap;
			});
			await microtasks();
			await clock.advance(10);
			nap.reset(Instant.now().minus(5));
			await microtasks();
			expect(task.isFinished).toBe(true);
			await task;
		});
	});

	it("makes one that is over usable once more", async () => {
		await paused(async () => {
			const start = Instant.now();
			await run(function* () {
				const nap = sleep(5);
				yield* nap;
				nap.reset(7);
				yield* nap;
			});
			expect(start.elapsed()).toBe(12);
		});
	});
});

describe("a sleep in a select", () => {
	it("loses to what is ready in the same poll, if that comes first", async () => {
		await paused(async () => {
			const first = await run(select({ now: ready(1), nap: sleep(0) }, { biased: true }));
			expect(first.key).toBe("now");
		});
	});
});
