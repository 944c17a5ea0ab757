import { describe, expect, it } from "vitest";
import { CancelledError, fail, Instant, pending, ready, retry, run, sleep, spawn, yieldNow } from "yamanote";
import { paused } from "../support/clock.ts";
import { hostTurn, microtasks } from "../support/host.ts";
import { clockOf } from "../support/state.ts";

class Busy extends Error {
	readonly code = "BUSY";
	readonly attempt: number;
	constructor(attempt: number) {
		super(`attempt ${attempt}`);
		this.attempt = attempt;
	}
}

/** Fails so many times, and notes when it was called. */
function flaky(failures: number) {
	const start = Instant.now();
	const at: number[] = [];
	return {
		at,
		try: function* () {
			at.push(start.elapsed());
			yield* yieldNow();
			if (at.length <= failures) yield* fail(new Busy(at.length));
			return `after ${at.length}`;
		},
	};
}

describe("retry", () => {
	it("tries until it succeeds", async () => {
		await paused(async () => {
			const work = flaky(2);
			expect(await run(retry({ times: 5 }, work.try))).toBe("after 3");
			expect(work.at).toEqual([0, 0, 0]);
		});
	});

	it("at most so many times, and throws the last failure", async () => {
		await paused(async () => {
			const work = flaky(9);
			await expect(run(retry({ times: 3 }, work.try))).rejects.toMatchObject({ attempt: 3 });
			expect(work.at.length).toBe(3);
			await expect(run(retry({ times: 1 }, flaky(1).try))).rejects.toMatchObject({ attempt: 1 });
			expect(await run(retry({ times: Infinity }, flaky(50).try))).toBe("after 51");
		});
	});

	it("pauses between tries, doubling, up to a limit", async () => {
		await paused(async () => {
			const doubling = flaky(4);
			await run(retry({ times: 5, backoffMs: 100 }, doubling.try));
			expect(doubling.at).toEqual([0, 100, 300, 700, 1_500]);
			const limited = flaky(4);
			await run(retry({ times: 5, backoffMs: 100, maxBackoffMs: 250 }, limited.try));
			expect(limited.at).toEqual([0, 100, 300, 550, 800]);
		});
	});

	it("pauses as a function of the number of failures says", async () => {
		await paused(async () => {
			const asked: number[] = [];
			const work = flaky(3);
			await run(
				retry(
					{
						times: 4,
						backoffMs: (failures) => {
							asked.push(failures);
							return failures * 10;
						},
					},
					work.try,
				),
			);
			expect(asked).toEqual([1, 2, 3]);
			expect(work.at).toEqual([0, 10, 30, 60]);
		});
	});

	it("with jitter, pauses a random part of that", async () => {
		await paused(async () => {
			const pauses: number[] = [];
			for (let i = 0; i < 40; i++) {
				const work = flaky(1);
				await run(retry({ times: 2, backoffMs: 1_000, jitter: true }, work.try));
				pauses.push(work.at[1] as number);
			}
			expect(Math.max(...pauses)).toBeLessThanOrEqual(1_001);
			expect(Math.min(...pauses)).toBeLessThan(500);
			expect(new Set(pauses).size).toBeGreaterThan(10);
		});
	});

	it("only failures that are worth it", async () => {
		const seen: unknown[] = [];
		const work = flaky(5);
		const promise = run(
			retry(
				{
					times: 9,
					when: (error, failures) => {
						seen.push([(error as Busy).attempt, failures]);
						return failures < 2;
					},
				},
				work.try,
			),
		);
		await expect(promise).rejects.toMatchObject({ attempt: 2 });
		expect(seen).toEqual([
			[1, 1],
			[2, 2],
		]);
	});

	it("never a cancellation: the try that it waited for was aborted by somebody else", async () => {
		let tries = 0;
		const failing = run(
			retry({ times: 3, when: () => true }, () => {
				tries++;
				const handle = spawn(pending());
				handle.abort("by somebody");
				return handle;
			}),
		);
		await expect(failing).rejects.toMatchObject({ code: "YAMANOTE_CANCELLED", reason: "by somebody" });
		expect(tries).toBe(1);
	});

	it("cannot hold the loop, though its tries fail at once and have no pause", async () => {
		let tries = 0;
		const task = spawn(
			retry({ times: Infinity }, function* () {
				if (++tries > 100_000) return;
				throw new Busy(tries);
			}),
		);
		await hostTurn();
		task.abort();
		await expect(task).rejects.toBeInstanceOf(CancelledError);
		expect(tries).toBeLessThan(100_000);
	});

	it("cancelled, ends the try, with its signal and its cleanup", async () => {
		const log: string[] = [];
		const task = spawn(
			retry({ times: 5 }, async ({ signal, run: wait }) => {
				signal.addEventListener("abort", () => log.push("aborted"));
				try {
					await wait(pending());
				} finally {
					log.push("cleaned");
				}
			}),
		);
		await microtasks();
		task.abort();
		await expect(task).rejects.toBeInstanceOf(CancelledError);
		await hostTurn();
		expect(log).toEqual(["aborted", "cleaned"]);
	});

	it("cancelled, ends the pause: no timer, no further try", async () => {
		await paused(async (clock) => {
			let tries = 0;
			const task = spawn(
				retry({ times: 5, backoffMs: 100 }, function* () {
					tries++;
					yield* fail(new Busy(tries));
				}),
			);
			await microtasks();
			expect(clockOf()?.wheel.size).toBe(1);
			task.abort();
			await expect(task).rejects.toBeInstanceOf(CancelledError);
			expect(clockOf()?.wheel.size).toBe(0);
			await clock.advance(1_000);
			expect(tries).toBe(1);
		});
	});

	it("takes each kind of try", async () => {
		expect(await run(retry({ times: 1 }, () => ready(1)))).toBe(1);
		expect(await run(retry({ times: 1 }, async () => 2))).toBe(2);
		expect(await run(retry({ times: 1 }, () => Promise.resolve(3)))).toBe(3);
		expect(
			await run(
				retry({ times: 1 }, function* () {
					yield* yieldNow();
					return 4;
				}),
			),
		).toBe(4);
	});

	it("lets cleanup of a failed try end before the next begins", async () => {
		await paused(async () => {
			const log: string[] = [];
			let tries = 0;
			await run(
				retry({ times: 2 }, function* () {
					log.push(`try ${++tries}`);
					try {
						if (tries === 1) yield* fail(new Busy(1));
					} finally {
						yield* sleep(5);
						log.push(`cleaned ${tries}`);
					}
				}),
			);
			expect(log).toEqual(["try 1", "cleaned 1", "try 2", "cleaned 2"]);
		});
	});

	it("refuses bad options, at the call", () => {
		for (const times of [0, -1, 1.5, Number.NaN, undefined, "3"])
			expect(() => retry({ times: times as number }, () => ready(1))).toThrow(RangeError);
		expect(() => retry(undefined as never, () => ready(1))).toThrow(RangeError);
		for (const ms of [-1, Number.NaN]) {
			expect(() => retry({ times: 1, backoffMs: ms as number }, () => ready(1))).toThrow(RangeError);
			expect(() => retry({ times: 1, maxBackoffMs: ms as number }, () => ready(1))).toThrow(RangeError);
		}
		for (const when of [5, null, true, {}])
			expect(() => retry({ times: 1, when: when as never }, () => ready(1))).toThrow(/retry: when: give a function/);
		expect(() => retry({ times: 1 }, 5 as never)).toThrow(/makes a future/);
	});

	it("fails with what the function of a try throws or gives, if that is no future", async () => {
		await expect(
			run(
				retry({ times: 2 }, () => {
					throw new Busy(0);
				}),
			),
		).rejects.toBeInstanceOf(Busy);
		await expect(run(retry({ times: 1 }, () => 5 as never))).rejects.toThrow(TypeError);
	});
});
