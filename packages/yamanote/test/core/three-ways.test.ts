// @engines node20 node22 node24 node26 bun deno
// Plain async bodies need AsyncLocalStorage, which a page has not.
import { describe, expect, it } from "vitest";
import {
	asyncFn,
	attempt,
	CancelledError,
	currentTask,
	Elapsed,
	each,
	type Future,
	fromPromise,
	type JoinHandle,
	join,
	mapConcurrent,
	pending,
	race,
	ready,
	run,
	select,
	sleep,
	spawn,
	type TaskContext,
	timeout,
	tryJoin,
	yieldNow,
} from "yamanote";
import { paused } from "../support/clock.ts";
import { deferred, gate } from "../support/gate.ts";
import { Guard } from "../support/guard.ts";
import { hostTurn, microtasks } from "../support/host.ts";

/** A promise-based service that honours a signal. */
function service(signal: AbortSignal, log: string[]): Promise<string> {
	return new Promise((_, reject) => {
		signal.addEventListener("abort", () => {
			log.push("service aborted");
			reject(signal.reason);
		});
	});
}

async function cancelled(task: JoinHandle<unknown, unknown>): Promise<CancelledError> {
	const error = await task.then(
		() => expect.unreachable("it ended with a value"),
		(e: unknown) => e,
	);
	expect(error).toBeInstanceOf(CancelledError);
	return error as CancelledError;
}

const yields = asyncFn(function* (times: number) {
	for (let i = 0; i < times; i++) yield* yieldNow();
});

const ways = ["function* () {}", "async ({ run }) => {}", "async () => {}"] as const;
type Way = (typeof ways)[number];

/** The same body, three ways: waits for `f`, then does `after`. */
function body<T>(way: Way, f: () => Future<T, unknown>, after: (value: T) => void = () => {}): () => Promise<T> {
	if (way === "function* () {}")
		return function* () {
			const value = yield* f();
			after(value);
			return value;
		} as never;
	if (way === "async ({ run }) => {}")
		return (async ({ run: wait }: TaskContext) => {
			const value = (await wait(f())) as T;
			after(value);
			return value;
		}) as never;
	return async () => {
		const value = await f();
		after(value);
		return value;
	};
}

describe.each(ways)("a task written as %s", (way) => {
	it("waits for futures of ours", async () => {
		expect(await run(body(way, () => ready("value")))).toBe("value");
		expect(
			await run(
				body(
					way,
					asyncFn(function* () {
						yield* yieldNow();
						return "later";
					}),
				),
			),
		).toBe("later");
		expect(await run(tryJoin([body(way, () => ready(1)), body(way, () => ready(2))]))).toEqual([1, 2]);
	});

	it("is lazy until polled", async () => {
		let ran = 0;
		const f = () => {
			ran++;
			return ready(1);
		};
		const future = join([body(way, f)]);
		await hostTurn();
		expect(ran).toBe(0);
		await run(future);
		expect(ran).toBe(1);
		const dropped = spawn(body(way, f));
		dropped.abort();
		await cancelled(dropped);
		expect(ran).toBe(1);
	});

	it("is cancelled while it waits for a future of ours, which is dropped", async () => {
		const door = gate<string>();
		const after: string[] = [];
		const task = spawn(
			body(
				way,
				() => door,
				(v) => after.push(v),
			),
		);
		await microtasks();
		expect(door.waitedFor).toBe(true);
		task.abort();
		await cancelled(task);
		expect(door.drops).toBe(1);
		door.open("too late");
		await hostTurn();
		expect(after).toEqual([]);
	});

	it("is cancelled by a timeout, by a lost race, by a failed tryJoin", async () => {
		await paused(async () => {
			const doors = [gate(), gate(), gate()] as const;
			await expect(
				run(
					timeout(
						5,
						body(way, () => doors[0]),
					),
				),
			).rejects.toBeInstanceOf(Elapsed);
			await run(race([body(way, () => doors[1]), yields(3)]));
			const failing = function* () {
				yield* yields(3);
				throw new Error("another failed");
			};
			await expect(run(tryJoin([body(way, () => doors[2]), failing]))).rejects.toThrow("another failed");
			expect(doors.map((d) => d.drops)).toEqual([1, 1, 1]);
		});
	});

	it("is cancelled as the body of one item, by each and by mapConcurrent", async () => {
		const log: string[] = [];
		/** What is called with an item, and waits for this. */
		const item = (door: Future<void>): never => {
			const made = body(
				way,
				() => door,
				() => log.push("went on"),
			);
			return (way === "async ({ run }) => {}" ? made : made()) as never;
		};
		const fails = function* () {
			yield* yields(3);
			throw new Error("the other one");
		};
		const failing = (door: Future<void>) => mapConcurrent([1, 2], 2, (n) => (n === 1 ? item(door) : fails()));
		const takers = [
			(door: Future<void>) => each([1], () => item(door)),
			(door: Future<void>) => each([1], () => item(door), { concurrency: 2 }),
			(door: Future<void>) => mapConcurrent([1], 1, () => item(door)),
			failing,
		];
		for (const take of takers) {
			const door = gate();
			const task = spawn(take(door));
			await microtasks();
			task.abort();
			await task.catch(() => {});
			expect([door.drops, door.waitedFor, log], String(take)).toEqual([1, false, []]);
		}
	});

	it("passes a failure of what it waits for", async () => {
		const error = new Error("from within");
		const task = spawn(
			body(way, () => {
				const door = gate();
				door.fail(error);
				return door;
			}),
		);
		await expect(task).rejects.toBe(error);
	});

	it("has its own identity and gives way at each wait of ours", async () => {
		const log: string[] = [];
		const loop = (name: string): (() => Promise<void>) => {
			if (way === "function* () {}")
				return function* () {
					for (let i = 0; i < 3; i++) {
						log.push(name);
						yield* yieldNow();
					}
				} as never;
			return async () => {
				for (let i = 0; i < 3; i++) {
					log.push(name);
					await yieldNow();
				}
			};
		};
		await run(join([spawn(loop("a")), spawn(loop("b"))]));
		expect(log).toEqual(["a", "b", "a", "b", "a", "b"]);
	});

	it("cannot hold back another by ready waits alone", async () => {
		let stop = false;
		let other = 0;
		const endless: () => Promise<void> =
			way === "function* () {}"
				? (function* () {
						while (!stop) yield* ready(1);
					} as never)
				: way === "async () => {}"
					? async () => {
							while (!stop) await ready(1);
						}
					: ((async ({ run: wait }: TaskContext) => {
							while (!stop) await wait(ready(1));
						}) as never);
		const task = spawn(endless);
		await run(function* () {
			for (; other < 5; other++) yield* yieldNow();
		});
		stop = true;
		await task;
		expect(other).toBe(5);
	});
});

describe("function* () {}: cancelled while it waits for anything", () => {
	it("a promise, an async function, a combinator", async () => {
		const log: string[] = [];
		for (const wait of [
			() => fromPromise(new Promise<never>(() => {})),
			() => select({ a: new Promise<never>(() => {}) }),
			() => tryJoin([pending(), spawn(gate()).abortOnDrop()]),
		]) {
			const task = spawn(function* () {
				try {
					yield* wait();
				} finally {
					log.push("cleaned");
				}
			});
			await microtasks();
			task.abort();
			await cancelled(task);
		}
		expect(log).toEqual(["cleaned", "cleaned", "cleaned"]);
	});

	it("finally and using run at once, and it cannot be swallowed", async () => {
		const log: string[] = [];
		const task = spawn(function* () {
			using _r = { [Symbol.dispose]: () => void log.push("disposed") };
			try {
				yield* pending();
			} catch {
				log.push("caught");
			} finally {
				log.push("finally");
			}
			log.push("went on");
		});
		await microtasks();
		task.abort();
		await cancelled(task);
		expect(log).toEqual(["finally", "disposed"]);
	});

	it("has a signal as well, aborted when its cleanup begins", async () => {
		const log: unknown[] = [];
		const task = spawn(function* (t) {
			const { signal } = t;
			log.push(signal.aborted);
			try {
				yield* pending();
			} finally {
				log.push(signal.aborted, (signal.reason as Error).name);
			}
		});
		await microtasks();
		task.abort();
		await cancelled(task);
		expect(log).toEqual([false, true, "AbortError"]);
	});

	it("a signal that is first asked for in cleanup is aborted, too", async () => {
		const log: unknown[] = [];
		const task = spawn(function* (t) {
			try {
				yield* pending();
			} finally {
				log.push(t.signal.aborted);
				try {
					t.throwIfCancelled();
				} catch (e) {
					log.push((e as Error).name);
				}
			}
		});
		await microtasks();
		task.abort();
		await cancelled(task);
		expect(log).toEqual([true, "AbortError"]);
	});
});

// The other two ways are cancelled alike; they differ in how they wait.
const natively: Record<string, <T>(task: TaskContext, f: Future<T, unknown>) => PromiseLike<T>> = {
	"async ({ run }) => { await run(f) }": (task, f) => task.run(f) as never,
	"async () => { await f }": (_, f) => f as never,
	"async () => { await run(f) }, with the run of the library": (_, f) => run(f) as never,
};
for (const [way, wait] of Object.entries(natively)) {
	describe(`${way}: one rejection with CancelledError`, () => {
		it("of the pending wait; later waits work, so that cleanup can; the signal stays aborted", async () => {
			const log: unknown[] = [];
			const task = spawn(async (t) => {
				try {
					await wait(t, pending());
				} catch (e) {
					log.push((e as Error).name, (e as CancelledError).code, e instanceof CancelledError);
					log.push(t.signal.aborted, t.signal.reason === e);
					log.push(await wait(t, ready("cleanup works")));
					await wait(t, yieldNow());
					log.push("and waits", t.signal.aborted);
					throw e;
				}
			});
			await microtasks();
			task.abort("why");
			expect((await cancelled(task)).reason).toBe("why");
			expect(log).toEqual(["AbortError", "YAMANOTE_CANCELLED", true, true, true, "cleanup works", "and waits", true]);
		});

		it("of the next wait, if it was waiting for something foreign", async () => {
			const log: unknown[] = [];
			const foreign = deferred();
			const task = spawn(async (t) => {
				await foreign.promise;
				log.push("foreign work done", t.signal.aborted);
				try {
					await wait(t, ready("not reached"));
				} catch (e) {
					log.push((e as Error).name);
					log.push(await wait(t, ready("later waits work")));
				}
			});
			await microtasks();
			task.abort();
			await microtasks();
			foreign.resolve();
			await cancelled(task);
			expect(log).toEqual(["foreign work done", true, "AbortError", "later waits work"]);
		});

		it("of all waits that are pending at once, and of those together only", async () => {
			const log: string[] = [];
			const task = spawn(async (t) => {
				const all = await Promise.allSettled([wait(t, pending()), wait(t, gate()), wait(t, ready("fine"))]);
				log.push(...all.map((r) => (r.status === "rejected" ? (r.reason as Error).name : String(r.value))));
				await wait(t, yieldNow());
				log.push("went on");
			});
			await microtasks();
			task.abort();
			await cancelled(task);
			expect(log).toEqual(["AbortError", "AbortError", "fine", "went on"]);
		});

		it("which comes when the cleanup of what it waited for has ended", async () => {
			const log: string[] = [];
			const work = asyncFn(function* () {
				try {
					yield* pending();
				} finally {
					log.push("work begins cleanup");
					yield* yieldNow();
					yield* yieldNow();
					log.push("work ends cleanup");
				}
			});
			const task = spawn(async (t) => {
				try {
					await wait(t, work());
				} finally {
					log.push("body goes on");
				}
			});
			await microtasks();
			task.abort();
			await cancelled(task);
			expect(log).toEqual(["work begins cleanup", "work ends cleanup", "body goes on"]);
		});

		it("and whatever it returns, it ends cancelled", async () => {
			const task = spawn(async (t) => {
				await wait(t, pending()).then(undefined, () => {});
				return "a value";
			});
			await microtasks();
			task.abort();
			await cancelled(task);
		});

		it("and an error of its cleanup is kept", async () => {
			const task = spawn(async (t) => {
				try {
					await wait(t, pending());
				} finally {
					// biome-ignore lint/correctness/noUnsafeFinally: the test is about it
					throw new Error("in cleanup");
				}
			});
			await microtasks();
			task.abort();
			expect((await cancelled(task)).suppressed).toEqual(new Error("in cleanup"));
		});

		it("but no error that the cancellation has caused, however it is wrapped", async () => {
			class Wrapped extends Error {}
			const wraps: readonly ((e: unknown) => unknown)[] = [
				(e) => e,
				(cause) => new Wrapped("wrapped", { cause }),
				(cause) => new Wrapped("twice", { cause: new Wrapped("wrapped", { cause }) }),
				() => Object.assign(new Wrapped("canceled"), { name: "CanceledError", code: "ERR_CANCELED" }),
			];
			for (const wrap of wraps) {
				const task = spawn(async (t) => {
					try {
						await wait(t, pending());
					} catch (e) {
						throw wrap(e);
					}
				});
				await microtasks();
				task.abort();
				expect((await cancelled(task)).suppressed).toBe(undefined);
			}
		});

		it("an independent task that it awaits runs on", async () => {
			const log: string[] = [];
			const door = gate();
			const independent = spawn(function* () {
				yield* door;
				log.push("ran to its end");
			});
			const task = spawn(async (t) => {
				await wait(t, independent);
			});
			await microtasks();
			task.abort();
			await cancelled(task);
			door.open();
			await independent;
			expect(log).toEqual(["ran to its end"]);
		});
	});
}

describe("plain async () => {}: leaves a task of others as it was", () => {
	it("also one that was detached: its result is kept for who awaits it", async () => {
		const guard = new Guard();
		const door = gate<Guard>();
		const other = spawn(door);
		other.detach();
		const leaves = spawn(async () => {
			await other;
		});
		await hostTurn();
		leaves.abort();
		await cancelled(leaves);
		door.open(guard);
		await hostTurn();
		expect(guard.released).toBe(0);
		expect(await other).toBe(guard);
	});
});

describe("async ({ signal }) => {}: cancelled while it waits for what honours the signal", () => {
	it("at once", async () => {
		const log: string[] = [];
		const task = spawn(async ({ signal }) => service(signal, log));
		await microtasks();
		task.abort();
		await cancelled(task);
		expect(log).toEqual(["service aborted"]);
	});

	it("in a timeout, and only then is the owner told", async () => {
		await paused(async (clock) => {
			const log: string[] = [];
			const result = run(
				attempt(
					timeout(5, async ({ signal }) => service(signal, log)),
					Elapsed,
				),
			);
			await clock.advance(5);
			expect((await result).ok).toBe(false);
			expect(log).toEqual(["service aborted"]);
		});
	});

	it("what it has left behind can still wait for futures, and holds no paused clock up or down", async () => {
		await paused(async () => {
			let late: TaskContext["run"] | undefined;
			await run(async ({ run: wait }) => {
				late = wait;
			});
			await late?.(yieldNow());
			// Something foreign is in flight: the clock must stand.
			const foreign = deferred<void>();
			let passed = false;
			const timer = run(function* () {
				yield* sleep(1_000);
				passed = true;
			});
			const task = spawn(async () => foreign.promise);
			for (let i = 0; i < 5; i++) await hostTurn();
			expect(passed).toBe(false);
			foreign.resolve();
			await task;
			await timer;
		});
	});

	it("its functions are bound: they can be taken apart and called later", async () => {
		const seen = await run(
			async ({ run: wait, throwIfCancelled, signal, id, name }) => {
				throwIfCancelled();
				return [await wait(ready("bound")), signal.aborted, typeof id, name];
			},
			{ name: "named" },
		);
		expect(seen).toEqual(["bound", false, "number", "named"]);
	});

	it("throwIfCancelled throws the cancellation, for loops without waits of ours", async () => {
		const foreign = deferred();
		let thrown: unknown;
		const task = spawn(async ({ throwIfCancelled }) => {
			await foreign.promise;
			try {
				throwIfCancelled();
			} catch (e) {
				thrown = e;
				throw e;
			}
		});
		await microtasks();
		task.abort("loop ends");
		await microtasks();
		foreign.resolve();
		const error = await cancelled(task);
		expect(thrown).toBeInstanceOf(CancelledError);
		expect(error.reason).toBe("loop ends");
	});

	it("the signal is made on first use, and not aborted by a normal end", async () => {
		let signal: AbortSignal | undefined;
		await run(async (t) => {
			({ signal } = t);
			expect(t.signal).toBe(signal);
		});
		expect(signal?.aborted).toBe(false);
	});

	it("each branch has a signal of its own", async () => {
		const signals: AbortSignal[] = [];
		await run(
			race([
				async ({ signal }) => {
					signals[0] = signal;
					await new Promise((resolve) => signal.addEventListener("abort", resolve));
				},
				async ({ signal, run: wait }) => {
					signals[1] = signal;
					await wait(yieldNow());
				},
			]),
		);
		expect(signals.map((s) => s.aborted)).toEqual([true, false]);
	});
});

describe("whatever takes a future takes each of the ways, and promises", () => {
	it("a generator, a function that gives a future, a promise, a thenable", async () => {
		const thenable = { then: (ok: (v: string) => void) => ok("thenable") } as PromiseLike<string>;
		const values = await run(
			join([
				(function* () {
					return "generator";
				})(),
				() => ready("function that gives a future"),
				Promise.resolve("promise"),
				thenable,
				() => Promise.resolve("function that gives a promise"),
				asyncFn(function* () {
					return "asyncFn";
				}),
				spawn(ready("handle")),
			]),
		);
		expect(values).toEqual([
			"generator",
			"function that gives a future",
			"promise",
			"thenable",
			"function that gives a promise",
			"asyncFn",
			"handle",
		]);
	});

	it("a body knows its task", async () => {
		const ids = await run(
			join([
				async () => currentTask()?.id,
				function* () {
					return currentTask()?.id;
				},
				async ({ id }) => id,
			]),
		);
		expect(new Set(ids).size).toBe(1);
		expect(currentTask()).toBe(undefined);
	});
});
