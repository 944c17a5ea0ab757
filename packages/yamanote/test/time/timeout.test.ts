import { describe, expect, it } from "vitest";
import {
	asyncFn,
	attempt,
	Elapsed,
	fail,
	Instant,
	pending,
	ready,
	run,
	sleep,
	spawn,
	timeout,
	timeoutAt,
	yieldNow,
} from "yamanote";
import { byHand } from "../support/by-hand.ts";
import { paused } from "../support/clock.ts";
import { gate } from "../support/gate.ts";
import { hostTurn, microtasks } from "../support/host.ts";
import { clockOf } from "../support/state.ts";

const armed = (): number => clockOf()?.wheel.size ?? 0;

class Bad extends Error {
	readonly code = "BAD";
}

describe("timeout", () => {
	it("gives the value of a future that is ready in time", async () => {
		await paused(async () => {
			expect(await run(timeout(10, ready("value")))).toBe("value");
			const soon = asyncFn(function* () {
				yield* sleep(9);
				return "soon";
			});
			expect(await run(timeout(10, soon()))).toBe("soon");
		});
	});

	it("cancels a future that is not, and throws Elapsed with the milliseconds that were given", async () => {
		await paused(async (clock) => {
			const door = gate();
			const promise = run(timeout(10, door)).catch((e: unknown) => e);
			await clock.advance(9);
			expect(door.drops).toBe(0);
			await clock.advance(1);
			const error = await promise;
			expect(error).toBeInstanceOf(Elapsed);
			expect(error).toMatchObject({ ms: 10, name: "TimeoutError", code: "YAMANOTE_ELAPSED" });
			expect((error as Error).message).toMatch(/10 ms/);
			expect(door.drops).toBe(1);
		});
	});

	it("passes the future's own failure", async () => {
		await expect(run(timeout(10, fail(new Bad("own"))))).rejects.toThrow("own");
		expect(armed()).toBe(0);
	});

	it("a value that is ready in the same poll beats the deadline", async () => {
		await paused(async (clock) => {
			for (const order of ["gate first", "clock first"]) {
				const door = gate<string>();
				const task = spawn(timeout(10, door));
				await microtasks();
				if (order === "gate first") {
					door.open("in time");
					await clock.advance(10);
				} else {
					const advanced = clock.advance(10);
					door.open("in time");
					await advanced;
				}
				expect(await task).toBe("in time");
			}
		});
	});

	it("so does a sleep of the same length, whichever way they are nested", async () => {
		await paused(async () => {
			await run(timeout(10, sleep(10)));
			const error = await run(attempt(timeout(20, timeout(10, sleep(15)))));
			expect(!error.ok && (error.error as Elapsed).ms).toBe(10);
		});
	});

	it("fixes its deadline at the call (rule 10)", async () => {
		await paused(async (clock) => {
			const limited = timeout(10, pending());
			await clock.advance(8);
			const start = Instant.now();
			await expect(run(limited)).rejects.toBeInstanceOf(Elapsed);
			expect(start.elapsed()).toBe(2);
		});
	});

	for (const ms of [0, -1, -Infinity]) {
		it(`of ${ms} gives the future one poll, on a running clock as well`, async () => {
			expect(await run(timeout(ms, ready("at once")))).toBe("at once");
			const door = gate();
			await expect(run(timeout(ms, door))).rejects.toBeInstanceOf(Elapsed);
			expect([door.polls, door.drops]).toEqual([1, 1]);
		});
	}

	it("of Infinity sets no limit, and arms nothing", async () => {
		await paused(async (clock) => {
			const door = gate<number>();
			const task = spawn(timeout(Infinity, door));
			await microtasks();
			expect(armed()).toBe(0);
			await clock.advance(1e12);
			expect(task.isFinished).toBe(false);
			door.open(1);
			expect(await task).toBe(1);
		});
	});

	it("of more than 2^31 ms is one", async () => {
		await paused(async (clock) => {
			const task = spawn(timeout(2 ** 33, pending()));
			await microtasks();
			await clock.advance(2 ** 33 - 1);
			expect(task.isFinished).toBe(false);
			await clock.advance(1);
			await expect(task).rejects.toBeInstanceOf(Elapsed);
		});
	});

	it("refuses NaN, what is no duration, and what is no future, at the call", () => {
		expect(() => timeout(Number.NaN, ready(1))).toThrow(RangeError);
		expect(() => timeout("5" as never, ready(1))).toThrow(TypeError);
		expect(() => timeout({} as never, ready(1))).toThrow(TypeError);
		expect(() => timeout(5, 7 as never)).toThrow(/no future/);
	});

	it("disarms when the future is ready, fails, or the timeout is dropped", async () => {
		await paused(async () => {
			const door = gate();
			const task = spawn(timeout(1_000, door));
			await microtasks();
			expect(armed()).toBe(1);
			door.open();
			await task;
			expect(armed()).toBe(0);
			const other = gate();
			const failing = spawn(timeout(1_000, other));
			await microtasks();
			other.fail(new Bad());
			await expect(failing).rejects.toThrow();
			expect(armed()).toBe(0);
			const dropped = spawn(timeout(1_000, gate()));
			await microtasks();
			dropped.abort();
			await expect(dropped).rejects.toThrow();
			expect(armed()).toBe(0);
		});
	});

	it("works in cleanup (rule 3)", async () => {
		await paused(async () => {
			const log: unknown[] = [];
			const task = spawn(function* () {
				try {
					yield* pending();
				} finally {
					log.push(yield* attempt(timeout(5, sleep(10)), Elapsed));
					log.push(yield* timeout(5, ready("cleaned")));
				}
			});
			await microtasks();
			task.abort();
			await expect(task).rejects.toThrow();
			expect(log).toEqual([{ ok: false, error: expect.any(Elapsed) }, "cleaned"]);
		});
	});

	it("throws when the cleanup of the future has ended, however long that takes", async () => {
		await paused(async (clock) => {
			const log: string[] = [];
			await run(
				attempt(
					timeout(10, function* () {
						try {
							yield* pending();
						} finally {
							yield* sleep(30);
							log.push(`cleaned at ${clock.now}`);
						}
					}),
				),
			);
			log.push(`thrown at ${clock.now}`);
			expect(log).toEqual(["cleaned at 40", "thrown at 40"]);
		});
	});

	it("polls its future only when that was woken", async () => {
		await paused(async (clock) => {
			const door = gate();
			const other = gate();
			const task = spawn(function* () {
				yield* attempt(timeout(10, door));
				yield* other;
			});
			await microtasks();
			// No turn of the host before the wake: in one the clock may move on by itself, to the deadline.
			await clock.advance(5);
			expect(door.polls).toBe(1);
			door.wakeAll();
			// Host turns, since a busy machine may have used this one up.
			for (let i = 0; i < 20; i++) await hostTurn();
			await microtasks();
			expect(door.polls).toBe(2);
			task.abort();
			await expect(task).rejects.toThrow();
		});
	});

	it("can be polled by hand", async () => {
		await paused(async (clock) => {
			const hand = byHand(timeout(10, pending()));
			hand.pending();
			await clock.advance(10);
			expect(hand.wakes).toBe(1);
			expect(() => hand.poll()).toThrow(Elapsed);
		});
	});

	it("drops a handle: its task runs on (rule 8)", async () => {
		await paused(async () => {
			const door = gate<string>();
			const task = spawn(door);
			await run(attempt(timeout(5, task)));
			expect(task.isFinished).toBe(false);
			door.open("ran on");
			expect(await task).toBe("ran on");
		});
	});

	it("of a task with abortOnDrop cancels it, and waits for it (rule 8)", async () => {
		await paused(async () => {
			const log: string[] = [];
			const task = spawn(function* () {
				try {
					yield* pending();
				} finally {
					yield* yieldNow();
					log.push("cleaned");
				}
			});
			await run(attempt(timeout(5, task.abortOnDrop())));
			log.push(`finished: ${task.isFinished}`);
			expect(log).toEqual(["cleaned", "finished: true"]);
			await expect(task).rejects.toThrow();
		});
	});
});

describe("timeoutAt", () => {
	it("is a timeout with an instant", async () => {
		await paused(async () => {
			const at = Instant.now().plus(10);
			expect(await run(timeoutAt(at, ready("in time")))).toBe("in time");
			const error = await run(timeoutAt(at, pending())).catch((e: unknown) => e);
			expect(error).toBeInstanceOf(Elapsed);
			expect(Instant.now().since(at)).toBe(0);
			const door = gate();
			await expect(run(timeoutAt(at.minus(5), door))).rejects.toBeInstanceOf(Elapsed);
			expect(door.polls).toBe(1);
			expect(await run(timeoutAt(at, ready("one poll")))).toBe("one poll");
		});
	});

	it("refuses what is no instant", () => {
		expect(() => timeoutAt(5 as never, ready(1))).toThrow(/Instant/);
	});
});
