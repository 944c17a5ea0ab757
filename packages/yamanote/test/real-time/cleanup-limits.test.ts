// Rule 3: how long cleanup may take goes by the real clock, whatever the runtime's own clock says. The limits are short here, and what is
// asked is the order of things, not their time.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
	acquire,
	asyncFn,
	CancelledError,
	CleanupTimeout,
	Elapsed,
	type Future,
	FutureConsumedError,
	fromPromise,
	pending,
	Runtime,
	run,
	select,
	sleep,
	spawn,
	type TaskFailure,
	timeout,
	tryJoin,
	withLimits as withLimitsOf,
} from "yamanote";
import { withLimits } from "../support/failures.ts";
import { type Deferred, deferred } from "../support/gate.ts";
import { leaves } from "../support/leaks.ts";

const LIMITS = { cleanupGrace: 40, cleanupTimeout: 80 };
/** Only the grace passes, however busy the machine is. */
const GRACE = { cleanupGrace: 40, cleanupTimeout: 60_000 };
const LONG = { cleanupGrace: 60_000, cleanupTimeout: 60_000 };

/** Runs the body with short limits, or those given, and collects what is reported. */
async function limited(
	body: (reported: TaskFailure[]) => Promise<void>,
	limits: typeof LIMITS = LIMITS,
): Promise<TaskFailure[]> {
	const reported: TaskFailure[] = [];
	await withLimits({ ...limits, onUnhandled: (failure) => void reported.push(failure) }, () => body(reported));
	return reported;
}

const texts = (reported: readonly TaskFailure[]): string[] => reported.map(({ error }) => (error as Error).message);

/** An async function that goes on after its cancellation, until the test says so. */
function stubborn(door: Deferred<unknown>, ends: string[] = []): (task: { signal: AbortSignal }) => Promise<void> {
	return async ({ signal }) => {
		await new Promise((resolve) => signal.addEventListener("abort", resolve));
		try {
			await door.promise;
		} finally {
			ends.push("ended");
		}
	};
}

/** Shuts a runtime down in no time, and holds the loop until that is over, so that no task has had its turn. */
async function shutDownLate(runtime: Runtime): Promise<void> {
	const ended = runtime.shutdown({ timeout: 0 });
	const start = performance.now();
	while (performance.now() - start < 20);
	await ended;
}

let alive: ReturnType<typeof setInterval>;
beforeAll(() => {
	alive = setInterval(() => {}, 1_000);
});
afterAll(() => clearInterval(alive));

describe("rule 3: cleanupGrace, for an async function that waits on foreign promises", () => {
	it("it is signalled, then abandoned: the combinator goes on, and CleanupTimeout is reported with its task", async () => {
		const door = deferred();
		const ends: string[] = [];
		const before = performance.now();
		const reported = await limited(async () => {
			const task = spawn(timeout(1, stubborn(door, ends)), { name: "host" });
			await expect(task).rejects.toBeInstanceOf(Elapsed);
			expect(ends).toEqual([]);
		}, GRACE);
		expect(performance.now() - before).toBeGreaterThanOrEqual(39);
		expect(reported.map(({ error, when }) => [(error as CleanupTimeout).code, when])).toEqual([
			["YAMANOTE_CLEANUP_TIMEOUT", "cleanup"],
		]);
		expect(reported[0]?.error).toBeInstanceOf(CleanupTimeout);
		expect(reported[0]?.task).toMatch(/^"host" \(#\d+\)$/);
		expect(texts(reported)[0]).toMatch(
			/^cleanup of an async function of task "host" \(#\d+\) did not end within 40 ms and was abandoned$/,
		);
		door.resolve(undefined);
	});

	it("one that ends in time is waited for, and nothing is reported", async () => {
		const door = deferred();
		const ends: string[] = [];
		const reported = await limited(async () => {
			const task = spawn(stubborn(door, ends));
			await sleep(1);
			task.abort();
			await sleep(1);
			expect(task.isFinished).toBe(false);
			door.resolve(undefined);
			await expect(task).rejects.toBeInstanceOf(CancelledError);
			expect(ends).toEqual(["ended"]);
		}, LONG);
		expect(reported).toEqual([]);
	});

	it("a late failure of what was abandoned is reported, too; a late end and a late cancellation are not", async () => {
		const doors = [deferred(), deferred(), deferred()] as const;
		const reported = await limited(async (soFar) => {
			for (const door of doors) await expect(run(timeout(1, stubborn(door)))).rejects.toBeInstanceOf(Elapsed);
			expect(soFar.length).toBe(3);
			doors[0].reject(new Error("too late"));
			doors[1].resolve(undefined);
			doors[2].reject(Object.assign(new Error("aborted, late"), { name: "AbortError" }));
			await sleep(1);
		}, GRACE);
		expect(texts(reported).slice(3)).toEqual(["too late"]);
		expect(reported[3]?.when).toBe("cleanup");
	});

	it("a select goes on with its winner when its loser is abandoned", async () => {
		const door = deferred();
		const reported = await limited(async () => {
			// The loser is polled first: on a slow machine the sleep may be due by then.
			const won = await run(select({ stubborn: stubborn(door), quick: sleep(1) }, { biased: true }));
			expect(won).toMatchObject({ key: "quick" });
		}, GRACE);
		expect(texts(reported).length).toBe(1);
		door.resolve(undefined);
	});
});

describe("rule 3: cleanupTimeout, for cleanup that waits for ours", () => {
	it("an async function that waits for a future of ours has more time than one that waits for foreign ones", async () => {
		const ends: string[] = [];
		const reported = await limited(
			async () => {
				const task = spawn(async ({ run: wait }) => {
					try {
						await wait(pending());
					} finally {
						await wait(sleep(60));
						ends.push("ended");
					}
				});
				await sleep(1);
				task.abort();
				await expect(task).rejects.toBeInstanceOf(CancelledError);
			},
			{ cleanupGrace: 10, cleanupTimeout: 60_000 },
		);
		expect([ends, reported]).toEqual([["ended"], []]);
	});

	it("ends it as well: a generator whose finally waits for ever is abandoned, frame and all", async () => {
		const steps: string[] = [];
		const inner = asyncFn(function* () {
			try {
				yield* pending();
			} finally {
				steps.push("inner waits");
				yield* pending();
				steps.push("never");
			}
		});
		const reported = await limited(async () => {
			const task = spawn(
				function* () {
					try {
						yield* inner();
					} finally {
						steps.push("never either");
					}
				},
				{ name: "endless" },
			);
			await sleep(1);
			task.abort("why");
			const error = await task.catch((e: unknown) => e);
			expect(error).toBeInstanceOf(CancelledError);
			expect(error).toMatchObject({ reason: "why", suppressed: { name: "CleanupTimeout" } });
			expect(task.isFinished).toBe(true);
		});
		expect(steps).toEqual(["inner waits"]);
		expect(reported.map(({ task, when }) => [task.slice(0, 9), when])).toEqual([['"endless"', "cleanup"]]);
		expect(texts(reported)).toEqual(["cleanup of a cancelled task did not end within 80 ms and was abandoned"]);
	});

	it("of a loser in a combinator: the winner's owner goes on, and the task is told of", async () => {
		const reported = await limited(async () => {
			const task = spawn(
				select(
					{
						loser: function* () {
							try {
								yield* pending();
							} finally {
								yield* pending();
							}
						},
						winner: sleep(1),
					},
					{ biased: true },
				),
				{ name: "selects" },
			);
			expect((await task).key).toBe("winner");
		});
		expect(reported.map(({ task }) => task.slice(0, 9))).toEqual(['"selects"']);
		expect(texts(reported)).toEqual(["cleanup of a cancelled task did not end within 80 ms and was abandoned"]);
	});

	it("goes by the real clock, though the runtime's is paused", async () => {
		const reported: TaskFailure[] = [];
		const runtime = new Runtime({
			startPaused: true,
			cleanupTimeout: 20,
			onUnhandled: (failure) => void reported.push(failure),
		});
		const task = runtime.spawn(function* () {
			try {
				yield* pending();
			} finally {
				yield* pending();
			}
		});
		await sleep(1);
		task.abort();
		await expect(task).rejects.toBeInstanceOf(CancelledError);
		expect(texts(reported)).toEqual(["cleanup of a cancelled task did not end within 20 ms and was abandoned"]);
		await runtime.shutdown();
	});

	it("cleanup that ends in time leaves no timer, and nothing is reported", async () => {
		const reported = await limited(async () => {
			for (let i = 0; i < 20; i++) {
				const task = spawn(function* () {
					try {
						yield* pending();
					} finally {
						yield* sleep(1);
					}
				});
				await sleep(1);
				task.abort();
				await expect(task).rejects.toBeInstanceOf(CancelledError);
			}
			await sleep(5);
		}, LONG);
		expect(reported).toEqual([]);
	});
});

describe("rule 3: shutdown({ timeout }) bounds all of it", () => {
	it("reports once a task that was abandoned, though nobody observes it", async () => {
		const reported: TaskFailure[] = [];
		const runtime = new Runtime({ onUnhandled: (failure) => void reported.push(failure) });
		runtime.spawn(function* () {
			try {
				yield* pending();
			} finally {
				yield* pending();
			}
		});
		await sleep(1);
		await runtime.shutdown({ timeout: 10 });
		expect(reported.map(({ error, when }) => [(error as CleanupTimeout).code, when])).toEqual([
			["YAMANOTE_CLEANUP_TIMEOUT", "cleanup"],
		]);
	});

	it("whatever the tasks do, with a report for each that was abandoned; their handles are rejected", async () => {
		const reported: TaskFailure[] = [];
		const runtime = new Runtime({ name: "short", onUnhandled: (failure) => void reported.push(failure) });
		const door = deferred();
		const tasks = [
			runtime.spawn(stubborn(door) as () => Promise<void>, { name: "native" }),
			runtime.spawn(
				function* () {
					try {
						yield* pending();
					} finally {
						yield* pending();
					}
				},
				{ name: "generator" },
			),
			runtime.spawn(
				function* () {
					try {
						yield* pending();
					} finally {
						yield* sleep(1);
					}
				},
				{ name: "good" },
			),
		];
		const ends = Promise.allSettled(tasks);
		await sleep(1);
		await runtime.shutdown({ timeout: 50 });
		expect((await ends).map((end) => (end as PromiseRejectedResult).reason.code)).toEqual(
			tasks.map(() => "YAMANOTE_CANCELLED"),
		);
		expect(reported.map(({ task }) => task.replace(/ .*/, "")).sort()).toEqual(['"generator"', '"native"']);
		expect(new Set(texts(reported))).toEqual(
			new Set(["cleanup of a cancelled task did not end within 50 ms and was abandoned"]),
		);
		expect(runtime.metrics.tasksAlive).toBe(0);
		door.resolve(undefined);
	});

	it("and cleanup that need not wait is done, though the time is over before a task has its turn", async () => {
		leaves("the clock of a runtime that is shut down");
		const reported: TaskFailure[] = [];
		const runtime = new Runtime({ name: "hurried", onUnhandled: (failure) => void reported.push(failure) });
		let begun = 0;
		let cleaned = 0;
		const inner = asyncFn(function* () {
			begun++;
			try {
				yield* sleep({ hours: 1 });
			} finally {
				cleaned++;
			}
		});
		const body = function* () {
			try {
				yield* inner();
			} finally {
				cleaned++;
			}
		};
		for (let i = 0; i < 5_000; i++) runtime.spawn(body);
		while (begun < 5_000) await sleep(1);
		await shutDownLate(runtime);
		expect([cleaned, reported, runtime.metrics.tasksAlive]).toEqual([10_000, [], 0]);
	});

	it("and cleanup that waits is given up, and told of, though the time is over before a task has its turn", async () => {
		let begun = 0;
		const waits = {
			*"a finally"() {
				begun++;
				try {
					yield* pending();
				} finally {
					yield* pending();
				}
			},
			*"a resource"() {
				yield* acquire({ [Symbol.asyncDispose]: () => new Promise<void>(() => {}) });
				begun++;
				yield* pending();
			},
		};
		for (const [name, body] of Object.entries(waits)) {
			leaves("the clock of a runtime that is shut down");
			const reported: TaskFailure[] = [];
			const runtime = new Runtime({ name, onUnhandled: (failure) => void reported.push(failure) });
			begun = 0;
			for (let i = 0; i < 5_000; i++) runtime.spawn(body);
			while (begun < 5_000) await sleep(1);
			await shutDownLate(runtime);
			expect(runtime.metrics.tasksAlive).toBe(0);
			expect(reported.length).toBe(5_000);
			expect(new Set(reported.map(({ error }) => (error as Error).name))).toEqual(new Set(["CleanupTimeout"]));
		}
	});

	it("and what was spawned meanwhile is cancelled when the time is over", async () => {
		leaves("the clock of a runtime that is shut down");
		const reported: TaskFailure[] = [];
		const runtime = new Runtime({ name: "late", onUnhandled: (failure) => void reported.push(failure) });
		const log: string[] = [];
		runtime.spawn(
			function* () {
				try {
					yield* pending();
				} finally {
					yield* pending();
				}
			},
			{ name: "first" },
		);
		await sleep(1);
		const ended = runtime.shutdown({ timeout: 20 });
		const late = runtime.spawn(
			function* () {
				try {
					yield* pending();
				} finally {
					log.push("cleaned");
				}
			},
			{ name: "second" },
		);
		await ended;
		expect(log).toEqual(["cleaned"]);
		expect(reported.map(({ task }) => task.replace(/ .*/, ""))).toEqual(['"first"']);
		await expect(late).rejects.toBeInstanceOf(CancelledError);
	});

	it("nor does a task that yields for ever in its cleanup, or that cleanup has spawned, keep it", async () => {
		leaves("the clock of a runtime that is shut down");
		const runtime = new Runtime({ name: "busy", onUnhandled: () => {} });
		let spun = 0;
		runtime.spawn(function* () {
			try {
				yield* pending();
			} finally {
				runtime.spawn(pending());
				for (;;) {
					spun++;
					yield* sleep(0);
				}
			}
		});
		await sleep(1);
		await runtime.shutdown({ timeout: 30 });
		const after = spun;
		await sleep(5);
		expect(spun).toBe(after);
		expect(runtime.metrics.tasksAlive).toBe(0);
		expect(() => runtime.spawn(pending())).toThrow("was shut down");
	});
});

describe("rule 3: limits of one call, by withLimits", () => {
	const slowCleanup = (door: Deferred<unknown>, ends: string[]) =>
		function* () {
			try {
				yield* pending();
			} finally {
				yield* fromPromise(door.promise);
				ends.push("ended");
			}
		};

	it("a task has its own, longer than the runtime's", async () => {
		const ends: string[] = [];
		const reported = await limited(
			async () => {
				const door = deferred();
				const short = deferred();
				const patient = spawn(withLimitsOf({ cleanupTimeout: { seconds: 60 } }, slowCleanup(door, ends)));
				const usual = spawn(slowCleanup(short, ends));
				await run(sleep(0));
				patient.abort();
				usual.abort();
				await expect(usual).rejects.toBeInstanceOf(CancelledError);
				expect([patient.isFinished, ends]).toEqual([false, []]);
				door.resolve();
				await expect(patient).rejects.toBeInstanceOf(CancelledError);
				expect(ends).toEqual(["ended"]);
				short.resolve();
			},
			{ cleanupGrace: 20, cleanupTimeout: 20 },
		);
		expect(reported.map(({ error }) => (error as Error).name)).toEqual(["CleanupTimeout"]);
	});

	it("a branch has its own, shorter than the runtime's", async () => {
		const ends: string[] = [];
		const reported = await limited(async () => {
			const door = deferred();
			const cancelled = run(timeout(5, withLimitsOf({ cleanupTimeout: 10 }, slowCleanup(door, ends))));
			await expect(cancelled).rejects.toBeInstanceOf(Elapsed);
			expect(ends).toEqual([]);
			door.resolve();
		}, LONG);
		expect(texts(reported)).toEqual([expect.stringContaining("10 ms")]);
	});

	it("an async function has its own grace, as a task, as a branch, and waited for in a generator", async () => {
		const ends: string[] = [];
		const reported = await limited(async () => {
			type F = Future<void>;
			const doors = [deferred(), deferred(), deferred()];
			const [a, b, c] = doors.map((door) => withLimitsOf({ cleanupGrace: 10 }, stubborn(door, ends))) as [F, F, F];
			await expect(run(timeout(5, a))).rejects.toBeInstanceOf(Elapsed);
			const task = spawn(b);
			const within = spawn(function* () {
				yield* c;
			});
			await run(sleep(1));
			task.abort();
			within.abort();
			await expect(task).rejects.toBeInstanceOf(CancelledError);
			await expect(within).rejects.toBeInstanceOf(CancelledError);
			expect(ends).toEqual([]);
			for (const door of doors) door.resolve();
		}, LONG);
		expect(reported.map(({ error }) => (error as Error).name)).toEqual([
			"CleanupTimeout",
			"CleanupTimeout",
			"CleanupTimeout",
		]);
		for (const text of texts(reported)) expect(text).toContain("10 ms");
	});

	it("gives what its future gives, once, and refuses bad limits", async () => {
		const future = withLimitsOf({}, async () => "value");
		expect(await future).toBe("value");
		expect(await future).toBe("value");
		expect(await run(tryJoin([withLimitsOf({ cleanupGrace: 1 }, sleep(1)), withLimitsOf({}, async () => 2)]))).toEqual([
			undefined,
			2,
		]);
		const unused = withLimitsOf({ cleanupGrace: 1 }, sleep(1));
		unused[Symbol.dispose]();
		await expect(run(unused)).rejects.toBeInstanceOf(FutureConsumedError);
		expect(() => withLimitsOf({ cleanupTimeout: Number.NaN }, sleep(1))).toThrow(RangeError);
		expect(() => withLimitsOf(5 as never, sleep(1))).toThrow("give { cleanupGrace, cleanupTimeout } first");
		expect(() => withLimitsOf({}, 5 as never)).toThrow(TypeError);
	});
});
