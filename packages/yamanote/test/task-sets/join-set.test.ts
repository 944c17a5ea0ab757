// Native async functions find their task by AsyncLocalStorage, which a page has not.
// @engines node20 node22 node24 node26 bun deno
import { describe, expect, it } from "vitest";
import {
	acquire,
	asyncFn,
	attempt,
	type CancelledError,
	each,
	Instant,
	JoinSet,
	pending,
	ready,
	run,
	select,
	sleep,
	spawn,
	timeout,
	yieldNow,
} from "yamanote";
import { Semaphore } from "yamanote/sync";
import { assertElapsed, assertFails, assertPending, assertReady, mockTask, paused } from "yamanote/testing";

const after = asyncFn(function* <T>(ms: number, value: T) {
	yield* sleep(ms);
	return value;
});

const failing = asyncFn(function* (ms: number, error: Error) {
	yield* sleep(ms);
	throw error;
});

describe("JoinSet", () => {
	it(
		"gives values in the order in which tasks end, then undefined",
		paused(function* () {
			const set = new JoinSet<string>();
			set.spawn(after(30, "late"));
			set.spawn(after(10, "early"));
			set.spawn(after(20, "between"));
			expect(yield* set.joinNext()).toBe("early");
			expect(yield* set.joinNext()).toBe("between");
			expect(yield* set.joinNext()).toBe("late");
			expect(yield* set.joinNext()).toBe(undefined);
			expect(set.isEmpty).toBe(true);
		}),
	);

	it(
		"runs its tasks at once, whether anybody waits or not",
		paused(function* () {
			const set = new JoinSet<void>();
			const log: number[] = [];
			for (const n of [1, 2, 3]) {
				set.spawn(function* () {
					log.push(n);
				});
			}
			expect(log).toEqual([]);
			yield* yieldNow();
			expect(log).toEqual([1, 2, 3]);
			yield* set.joinAll();
		}),
	);

	it(
		"counts tasks until they are taken, ended or not",
		paused(function* () {
			const set = new JoinSet<number>();
			expect([set.size, set.isEmpty]).toEqual([0, true]);
			set.spawn(ready(1));
			set.spawn(after(10, 2));
			expect(set.size).toBe(2);
			yield* yieldNow();
			expect(set.size).toBe(2);
			yield* set.joinNext();
			expect(set.size).toBe(1);
			yield* set.joinNext();
			expect([set.size, set.isEmpty]).toEqual([0, true]);
		}),
	);

	it(
		"can be filled and emptied in turns",
		paused(function* () {
			const set = new JoinSet<number>();
			for (let i = 0; i < 50; i++) {
				set.spawn(after(1, i));
				set.spawn(after(2, -i));
				expect(yield* set.joinNext()).not.toBe(undefined);
			}
			expect(set.size).toBe(50);
			expect((yield* set.joinAll()).length).toBe(50);
		}),
	);

	it(
		"throws the failure of a task from joinNext, and goes on with the others",
		paused(function* () {
			const error = new RangeError("no");
			const set = new JoinSet<string>();
			set.spawn(failing(1, error));
			set.spawn(after(2, "fine"));
			const first = yield* attempt(set.joinNext());
			expect(first).toEqual({ ok: false, error });
			expect(yield* set.joinNext()).toBe("fine");
		}),
	);

	it(
		"says which task ended and how, without throwing",
		paused(function* () {
			const error = new RangeError("no");
			const set = new JoinSet<string>();
			const bad = set.spawn(failing(1, error));
			const good = set.spawn(after(2, "fine"));
			expect(yield* set.joinNextWithId()).toEqual({ id: bad.id, status: "rejected", reason: error });
			expect(yield* set.joinNextWithId()).toEqual({ id: good.id, status: "fulfilled", value: "fine" });
			expect(yield* set.joinNextWithId()).toBe(undefined);
		}),
	);

	it(
		"takes what has ended without a wait",
		paused(function* () {
			const error = new Error("no");
			const set = new JoinSet<string>();
			expect(set.tryJoinNext()).toBe(undefined);
			const handle = set.spawn(ready("now"));
			set.spawn(after(5, "later"));
			expect(set.tryJoinNext()).toBe(undefined);
			yield* yieldNow();
			expect(set.tryJoinNextWithId()).toEqual({ id: handle.id, status: "fulfilled", value: "now" });
			expect(set.tryJoinNextWithId()).toBe(undefined);
			yield* sleep(5);
			expect(set.tryJoinNext()).toBe("later");
			set.spawn(failing(1, error));
			yield* sleep(2);
			expect(() => set.tryJoinNext()).toThrow(error);
			expect(set.isEmpty).toBe(true);
		}),
	);

	it(
		"spends the budget of the task that joins",
		paused(function* () {
			const set = new JoinSet<number>();
			for (let i = 0; i < 1_000; i++) set.spawn(ready(i));
			yield* yieldNow();
			let others = 0;
			const other = spawn(function* () {
				for (;;) {
					others++;
					yield* yieldNow();
				}
			});
			yield* yieldNow();
			while ((yield* set.joinNext()) !== undefined);
			// 1,000 joins at 128 a poll.
			expect(others).toBeGreaterThanOrEqual(7);
			for (let i = 0; i < 1_000; i++) set.spawn(ready(i));
			yield* yieldNow();
			others = 0;
			yield* set.joinAll();
			expect(others).toBeGreaterThanOrEqual(7);
			other.abort();
			yield* attempt(other);
		}),
	);

	it(
		"serves several who wait, each with another task, first come, first served",
		paused(function* () {
			const set = new JoinSet<string>();
			const log: string[] = [];
			for (const name of ["a", "b", "c"]) {
				spawn(function* () {
					log.push(`${name} ${yield* set.joinNext()}`);
				});
			}
			set.spawn(after(1, "one"));
			set.spawn(after(2, "two"));
			yield* sleep(5);
			// The set is empty: who still waits is told.
			expect(log).toEqual(["a one", "b two", "c undefined"]);
		}),
	);

	it(
		"passes the wake-up on when the one that was woken is dropped",
		paused(function* () {
			const set = new JoinSet<string>();
			using first = mockTask(set.joinNext());
			using second = mockTask(set.joinNext());
			set.spawn(after(1, "one"));
			set.spawn(after(100, "two"));
			assertPending(first.poll());
			assertPending(second.poll());
			yield* sleep(2);
			expect([first.isWoken, second.isWoken]).toEqual([true, false]);
			first.drop();
			expect(second.isWoken).toBe(true);
			expect(assertReady(second.poll())).toBe("one");
			yield* set.shutdown();
		}),
	);

	it(
		"loses nothing when a wait for the next is dropped",
		paused(function* () {
			const set = new JoinSet<string>();
			set.spawn(after(10, "value"));
			for (let i = 0; i < 3; i++) {
				const first = yield* select({ next: set.joinNext(), tick: sleep(1) });
				expect(first.key).toBe("tick");
			}
			expect(set.size).toBe(1);
			expect(yield* set.joinNext()).toBe("value");
		}),
	);

	it("refuses what is no future", () => {
		expect(() => new JoinSet().spawn(7 as never)).toThrow(TypeError);
	});
});

describe("aborting tasks of a JoinSet", () => {
	it(
		"aborts one by its handle, which then throws from joinNext",
		paused(function* () {
			const set = new JoinSet<string>();
			const handle = set.spawn(pending(), { name: "stuck" });
			set.spawn(after(5, "fine"));
			handle.abort("enough");
			const first = yield* attempt(set.joinNext());
			expect(first).toMatchObject({ ok: false, error: { reason: "enough" } });
			expect(handle.isFinished).toBe(true);
			expect(yield* set.joinNext()).toBe("fine");
		}),
	);

	it(
		"gives the error of a cancellation, also where the result says how a task ended, or all are joined",
		paused(function* () {
			const set = new JoinSet<void>();
			for (const reason of [undefined, "enough", new RangeError("no")]) {
				const aborted = (): void => set.spawn(sleep(1)).abort(reason);
				const expected = expect.objectContaining({ code: "YAMANOTE_CANCELLED", reason });
				aborted();
				expect(yield* set.joinNextWithId()).toMatchObject({ status: "rejected", reason: expected });
				aborted();
				yield* yieldNow();
				expect(set.tryJoinNextWithId()).toMatchObject({ status: "rejected", reason: expected });
				aborted();
				expect(yield* attempt(set.joinAll())).toEqual({ ok: false, error: expected });
			}
		}),
	);

	it(
		"aborts all, and keeps them until they are taken",
		paused(function* () {
			const set = new JoinSet<void>();
			for (let i = 0; i < 5; i++) set.spawn(pending());
			set.abortAll();
			expect(set.size).toBe(5);
			for (let i = 0; i < 5; i++) {
				const ended = yield* set.joinNextWithId();
				expect(ended?.status).toBe("rejected");
			}
			expect(set.isEmpty).toBe(true);
		}),
	);

	it(
		"unwinds in the order of the spawns",
		paused(function* () {
			const set = new JoinSet<void>();
			const log: number[] = [];
			for (const n of [1, 2, 3]) {
				set.spawn(function* () {
					try {
						yield* pending();
					} finally {
						log.push(n);
					}
				});
			}
			yield* yieldNow();
			set.abortAll();
			yield* set.shutdown();
			expect(log).toEqual([1, 2, 3]);
		}),
	);

	it(
		"gives the others an error of their own when the cleanup of one fails",
		paused(function* () {
			const set = new JoinSet<void>();
			const bad = set.spawn(function* () {
				using _resource = {
					[Symbol.dispose]() {
						throw new Error("cleanup");
					},
				};
				yield* pending();
			});
			set.spawn(pending());
			yield* yieldNow();
			set.abortAll();
			for (let i = 0; i < 2; i++) {
				const ended = yield* set.joinNextWithId();
				const { suppressed } = (ended as PromiseRejectedResult).reason as CancelledError;
				expect(suppressed === undefined).toBe(ended?.id !== bad.id);
			}
		}),
	);

	it(
		"shutdown aborts all, waits for their cleanup, and ignores failures",
		paused(function* () {
			const start = Instant.now();
			const set = new JoinSet<void>();
			set.spawn(failing(0, new Error("ignored")));
			set.spawn(function* () {
				try {
					yield* pending();
				} finally {
					yield* sleep(20);
				}
			});
			yield* yieldNow();
			yield* set.shutdown();
			assertElapsed(start, 20);
			expect(set.isEmpty).toBe(true);
		}),
	);

	it(
		"detachAll lets tasks run on, and is told of no failure that nobody sees",
		paused(function* () {
			const set = new JoinSet<void>();
			let ended = 0;
			for (let i = 0; i < 3; i++) {
				set.spawn(function* () {
					yield* sleep(5);
					ended++;
				});
			}
			const waiting = spawn(set.joinNext());
			yield* yieldNow();
			set.detachAll();
			expect(set.isEmpty).toBe(true);
			expect(yield* waiting).toBe(undefined);
			yield* sleep(10);
			expect(ended).toBe(3);
		}),
	);

	it("a failure of a task that was let go is reported", async () => {
		const test = paused(function* () {
			const set = new JoinSet<void>();
			set.spawn(failing(5, new Error("unseen")), { name: "gone" });
			set.detachAll();
			yield* sleep(10);
		});
		await expect(test()).rejects.toThrow(/"gone".*detached/);
	});

	it("a failure that nobody takes from the set is reported", async () => {
		const test = paused(function* () {
			const set = new JoinSet<void>();
			set.spawn(failing(5, new Error("unseen")), { name: "forgotten" });
			yield* sleep(10);
		});
		await expect(test()).rejects.toThrow(/"forgotten"/);
	});

	it(
		"a failure that is taken later is not reported",
		paused(function* () {
			const set = new JoinSet<void>();
			set.spawn(failing(5, new Error("seen")));
			yield* sleep(10);
			expect((yield* set.joinNextWithId())?.status).toBe("rejected");
		}),
	);

	it(
		"`using` aborts what runs",
		paused(function* () {
			const log: string[] = [];
			{
				using set = new JoinSet<void>();
				set.spawn(function* () {
					try {
						yield* pending();
					} finally {
						log.push("aborted");
					}
				});
				yield* yieldNow();
			}
			yield* yieldNow();
			expect(log).toEqual(["aborted"]);
		}),
	);

	const cleansSlowly = (log: string[]) =>
		function* () {
			try {
				yield* pending();
			} finally {
				yield* sleep(10);
				log.push("cleaned");
			}
		};

	it(
		"acquire waits for the cleanup",
		paused(function* () {
			const log: string[] = [];
			yield* asyncFn(function* () {
				const set = yield* acquire(new JoinSet<void>());
				set.spawn(cleansSlowly(log));
				yield* yieldNow();
			})();
			expect(log).toEqual(["cleaned"]);
		}),
	);

	it(
		"`await using` waits for the cleanup",
		paused(async () => {
			const log: string[] = [];
			{
				await using set = new JoinSet<void>();
				set.spawn(cleansSlowly(log));
				await yieldNow();
			}
			expect(log).toEqual(["cleaned"]);
		}),
	);
});

describe("joinAll", () => {
	it(
		"gives all values in the order in which the tasks end",
		paused(function* () {
			const set = new JoinSet<number>();
			for (const ms of [30, 10, 20]) set.spawn(after(ms, ms));
			expect(yield* set.joinAll()).toEqual([10, 20, 30]);
			expect(yield* set.joinAll()).toEqual([]);
		}),
	);

	it(
		"aborts the others at the first failure, waits for their cleanup, and throws it",
		paused(function* () {
			const start = Instant.now();
			const error = new Error("first");
			const set = new JoinSet<void>();
			set.spawn(function* () {
				try {
					yield* pending();
				} finally {
					yield* sleep(7);
				}
			});
			set.spawn(failing(3, error));
			expect(yield* attempt(set.joinAll())).toEqual({ ok: false, error });
			assertElapsed(start, 10);
			expect(set.isEmpty).toBe(true);
		}),
	);

	it(
		"keeps later failures in the cause",
		paused(function* () {
			const set = new JoinSet<void>();
			const second = new Error("second");
			set.spawn(failing(1, new Error("first")));
			set.spawn(failing(1, second));
			const result = yield* attempt(set.joinAll());
			expect((result as { error: Error }).error.cause).toMatchObject({ errors: [second] });
		}),
	);

	it(
		"dropped, it aborts the tasks and waits for their cleanup",
		paused(function* () {
			const start = Instant.now();
			const set = new JoinSet<void>();
			set.spawn(function* () {
				try {
					yield* pending();
				} finally {
					yield* sleep(10);
				}
			});
			yield* attempt(timeout(5, set.joinAll()));
			assertElapsed(start, 15);
			expect(set.isEmpty).toBe(true);
		}),
	);

	it(
		"releases the guard of a task that ends in the turn in which whoever joins all of them is aborted",
		paused(function* () {
			const semaphore = new Semaphore(1);
			const set = new JoinSet<object>();
			const joiner = spawn(set.joinAll());
			set.spawn(function* () {
				yield* sleep(5);
				const permit = semaphore.tryAcquire();
				joiner.abort();
				return permit;
			});
			set.spawn(pending());
			yield* attempt(joiner);
			expect([semaphore.availablePermits, set.size]).toEqual([1, 0]);
		}),
	);

	it(
		"releases guards that nobody receives",
		paused(function* () {
			const semaphore = new Semaphore(3);
			const set = new JoinSet<object>();
			set.spawn(semaphore.acquire());
			set.spawn(semaphore.acquire());
			set.spawn(failing(5, new Error("no")) as never);
			yield* attempt(set.joinAll());
			expect(semaphore.availablePermits).toBe(3);
			set.spawn(semaphore.acquire());
			yield* yieldNow();
			expect(semaphore.availablePermits).toBe(2);
			yield* set.shutdown();
			expect(semaphore.availablePermits).toBe(3);
			set.spawn(semaphore.acquire());
			yield* yieldNow();
			set.detachAll();
			expect(semaphore.availablePermits).toBe(3);
		}),
	);
});

describe("a JoinSet in native code", () => {
	it(
		"is iterated in the order in which tasks end",
		paused(async () => {
			const set = new JoinSet<number>();
			for (const ms of [30, 10, 20]) set.spawn(after(ms, ms));
			const seen: number[] = [];
			for await (const ms of set) seen.push(ms);
			expect(seen).toEqual([10, 20, 30]);
		}),
	);

	it(
		"gives an iterator that can be iterated on, and that leaves the set as it is when it is left",
		paused(async () => {
			const set = new JoinSet<number>();
			for (const ms of [30, 10, 20]) set.spawn(after(ms, ms));
			const all = set[Symbol.asyncIterator]();
			for await (const ms of all) {
				expect(ms).toBe(10);
				break;
			}
			expect(set.size).toBe(2);
			const rest: number[] = [];
			for await (const ms of set[Symbol.asyncIterator]()) rest.push(ms);
			expect(rest).toEqual([20, 30]);
		}),
	);

	it(
		"throws the first failure out of the loop",
		paused(async () => {
			const error = new Error("no");
			const set = new JoinSet<number>();
			set.spawn(failing(1, error));
			set.spawn(after(2, 2));
			const loop = async (): Promise<void> => {
				for await (const _ of set);
			};
			await expect(loop()).rejects.toBe(error);
			await set.shutdown();
		}),
	);

	it(
		"is left at once by an `each` that is cancelled, and keeps the results that come later",
		paused(function* () {
			const start = Instant.now();
			const set = new JoinSet<number | undefined>();
			set.spawn(after(1, undefined));
			set.spawn(after(30, 30));
			const seen: unknown[] = [];
			const outcome = yield* attempt(
				timeout(
					10,
					each(set, function* (value) {
						seen.push(value);
					}),
				),
			);
			expect([outcome.ok, start.elapsed(), seen, set.size]).toEqual([false, 10, [undefined], 1]);
			yield* sleep(50);
			expect(yield* set.joinNext()).toBe(30);
		}),
	);

	it("takes async functions and promises", async () => {
		const set = new JoinSet<string>();
		set.spawn(async () => "a");
		set.spawn(Promise.resolve("b"));
		expect((await set.joinAll()).sort()).toEqual(["a", "b"]);
	});
});

describe("a JoinSet with limited concurrency", () => {
	it(
		"runs so many at once, the others in their order as places fall free",
		paused(function* () {
			const set = new JoinSet<number>({ concurrency: 2 });
			const log: string[] = [];
			for (const n of [1, 2, 3, 4]) {
				set.spawn(function* () {
					log.push(`+${n}`);
					yield* sleep(10 * n);
					log.push(`-${n}`);
					return n;
				});
			}
			expect(yield* set.joinAll()).toEqual([1, 2, 3, 4]);
			expect(log).toEqual(["+1", "+2", "-1", "+3", "-2", "+4", "-3", "-4"]);
		}),
	);

	it(
		"never begins one that was aborted while it waited for its place",
		paused(function* () {
			const set = new JoinSet<number>({ concurrency: 1 });
			const begun: number[] = [];
			const handles = [1, 2, 3].map((n) =>
				set.spawn(function* () {
					begun.push(n);
					yield* sleep(10);
					return n;
				}),
			);
			yield* yieldNow();
			handles[1]?.abort();
			yield* attempt(set.joinNext());
			expect(yield* set.joinNext()).toBe(1);
			expect(yield* set.joinNext()).toBe(3);
			expect(begun).toEqual([1, 3]);
		}),
	);

	it(
		"gives the place on when the one that was next is aborted before it ran",
		paused(function* () {
			const set = new JoinSet<number>({ concurrency: 1 });
			const first = set.spawn(after(10, 1));
			const second = set.spawn(after(10, 2));
			set.spawn(after(10, 3));
			yield* yieldNow();
			first.abort();
			second.abort();
			let last: unknown;
			while (!set.isEmpty) last = yield* attempt(set.joinNext());
			expect(last).toEqual({ ok: true, value: 3 });
		}),
	);

	it(
		"gives the place on after a failure",
		paused(function* () {
			const set = new JoinSet<number>({ concurrency: 1 });
			set.spawn(failing(1, new Error("no")) as never);
			set.spawn(after(1, 2));
			yield* attempt(set.joinNext());
			expect(yield* set.joinNext()).toBe(2);
		}),
	);

	for (const [how, letGo] of [
		["let go", (set: JoinSet<void>) => set.detachAll()],
		["aborted and let go", (set: JoinSet<void>) => set[Symbol.dispose]()],
	] as const)
		it(
			`goes on to hold for tasks that are ${how}, and is free again when they have ended`,
			paused(function* () {
				const set = new JoinSet<void>({ concurrency: 1 });
				const log: string[] = [];
				const work = asyncFn(function* (name: string) {
					log.push(name);
					try {
						yield* sleep(10);
						log.push(`${name} ends`);
					} finally {
						yield* sleep(1);
					}
				});
				set.spawn(work("a"));
				set.spawn(work("b"));
				yield* yieldNow();
				letGo(set);
				expect(set.isEmpty).toBe(true);
				set.spawn(work("c"));
				yield* timeout(100, set.joinNext());
				expect(log).toEqual(how === "let go" ? ["a", "a ends", "b", "b ends", "c", "c ends"] : ["a", "c", "c ends"]);
			}),
		);

	it("refuses a limit that is no whole number of at least 1, nor Infinity, which is none", () => {
		expect(() => new JoinSet({ concurrency: Infinity })).not.toThrow();
		expect(() => new JoinSet({ concurrency: 0 })).toThrow(RangeError);
		expect(() => new JoinSet({ concurrency: 1.5 })).toThrow(RangeError);
		expect(() => new JoinSet({ concurrency: Number.NaN })).toThrow(RangeError);
	});
});

describe("the wait for a JoinSet by hand", () => {
	it("is ready at once for an empty set", () => {
		expect(assertReady(mockTask(new JoinSet<number>().joinNext()).poll())).toBe(undefined);
		expect(assertReady(mockTask(new JoinSet<number>().joinAll()).poll())).toEqual([]);
		assertReady(mockTask(new JoinSet<number>().shutdown()).poll());
	});

	it("throws what the task threw", async () => {
		const error = new Error("no");
		const set = new JoinSet<never>();
		set.spawn(failing(0, error));
		await run(sleep(2));
		expect(assertFails(() => mockTask(set.joinNext()).poll())).toBe(error);
	});

	it(
		"is woken for the next task although another wait has taken one unasked",
		paused(function* () {
			const set = new JoinSet<number>();
			set.spawn(after(1, 1));
			set.spawn(after(10, 2));
			const [first, second] = [mockTask(set.joinNext()), mockTask(set.joinNext())];
			assertPending(first.poll());
			assertPending(second.poll());
			yield* sleep(5);
			expect(first.isWoken).toBe(true);
			expect(assertReady(second.poll())).toBe(1);
			assertPending(first.poll());
			yield* sleep(10);
			expect(first.isWoken).toBe(true);
			expect(assertReady(first.poll())).toBe(2);
		}),
	);
});
