// What the upstream tests ask of a runtime, and no other test here shows.
import { describe, expect, it } from "vitest";
import {
	type Async,
	attempt,
	CancelledError,
	currentTask,
	Handle,
	type JoinHandle,
	Runtime,
	RuntimeClosedError,
	type RuntimeOptions,
	ready,
	run,
	sleep,
	spawn,
	type TaskFailure,
	yieldNow,
} from "yamanote";
import { Mutex, mpsc, Notify, oneshot } from "yamanote/sync";

/** Runs `body` with a runtime of its own, which is shut down after it. */
async function withRuntime<T>(body: (runtime: Runtime) => Promise<T>, options: RuntimeOptions = {}): Promise<T> {
	await using runtime = new Runtime({ name: "parity", startPaused: true, ...options });
	return await body(runtime);
}

describe("a runtime", () => {
	it("is not needed: there is a default one", async () => {
		const { name } = Handle.current();
		const task = spawn(function* () {
			yield* sleep(0);
			return Handle.current().name;
		});
		expect(await task).toBe(name);
	});

	it("has the name that it was given, and is known by it inside", async () => {
		await withRuntime(async (one) => {
			await withRuntime(
				async (other) => {
					expect([one.name, other.name]).toEqual(["parity", "other"]);
					expect(await other.blockOn(async () => other.enter(() => Handle.current().name))).toBe("other");
					expect(await one.blockOn(ready(0).then(() => one.enter(() => Handle.current() === one)))).toBe(true);
					expect(one.enter(() => Handle.current())).not.toBe(other.enter(() => Handle.current()));
				},
				{ name: "other" },
			);
		});
		await using unnamed = new Runtime();
		expect(unnamed.name).toBe("runtime");
	});

	it("refuses options out of range, at the line of the caller", () => {
		const bad: RuntimeOptions[] = [
			{ hostYield: Number.NaN },
			{ cleanupGrace: Number.NaN },
			{ cleanupTimeout: "soon" as never },
			{ maxBlockingThreads: 0 },
			{ onUnhandled: "print" as never },
		];
		for (const options of bad) {
			let error: unknown;
			try {
				new Runtime(options);
			} catch (e) {
				error = e;
			}
			expect(error instanceof RangeError || error instanceof TypeError, JSON.stringify(options)).toBe(true);
			const frames = ((error as Error).stack ?? "").split("\n").filter((line) => /:\d+:\d+/.test(line));
			expect(frames.find((line) => !/[\\/](?:src|dist)[\\/]/.test(line))).toContain("runtime.test");
		}
	});

	it("is entered by a function, within others, and left again, however that ends", async () => {
		await using one = new Runtime({ name: "one" });
		await using two = new Runtime({ name: "two" });
		const outside = Handle.current();
		const seen: string[] = [];
		one.enter(() => {
			seen.push(Handle.current().name);
			two.enter(() => {
				seen.push(Handle.current().name);
				one.enter(() => seen.push(Handle.current().name));
				seen.push(Handle.current().name);
			});
			expect(() =>
				two.enter(() => {
					throw new Error("left");
				}),
			).toThrow("left");
			seen.push(Handle.current().name);
		});
		expect(seen).toEqual(["one", "two", "one", "two", "one"]);
		expect(Handle.current()).toBe(outside);
	});

	it("is entered within a task of another: what is asked there is of no task, and the task goes on in its own", async () => {
		await withRuntime(async (one) => {
			await withRuntime(
				async (two) => {
					const seen: unknown[] = [];
					const look = (): void => void seen.push(Handle.current().name, currentTask()?.name);
					const bodies = {
						*generator() {
							two.enter(look);
							yield* yieldNow();
							look();
						},
						async async() {
							two.enter(look);
							look();
						},
					};
					for (const [name, body] of Object.entries(bodies)) await one.spawn(body as () => Async<void>, { name });
					const of = (name: string) => ["two", undefined, "parity", name];
					expect(seen).toEqual([...of("generator"), ...of("async")]);
				},
				{ name: "two" },
			);
		});
	});

	it("works with another: tasks of both talk to each other", async () => {
		await withRuntime(async (one) => {
			await withRuntime(async (two) => {
				const [ping, pings] = mpsc.channel<number>(1);
				const [pong, pongs] = mpsc.channel<number>(1);
				const echo = two.spawn(function* () {
					for (let n = yield* pings.recv(); n !== undefined; n = yield* pings.recv()) yield* pong.send(n + 1);
				});
				const got = await one.blockOn(function* () {
					let n = 0;
					while (n < 100) {
						yield* ping.send(n);
						n = (yield* pongs.recv()) ?? Number.NaN;
					}
					ping.close();
					return n;
				});
				await echo;
				expect(got).toBe(100);
			});
		});
	});

	it("counts its tasks, its polls, and what is queued", async () => {
		await withRuntime(async (runtime) => {
			const { metrics: before } = runtime;
			expect([before.tasksAlive, before.tasksSpawned, before.polls, before.queueDepth]).toEqual([0, 0, 0, 0]);
			const gate = new Notify();
			const tasks = [1, 2, 3].map(() => runtime.spawn(gate.notified()));
			expect([runtime.metrics.tasksAlive, runtime.metrics.queueDepth, runtime.metrics.polls]).toEqual([3, 3, 0]);
			await runtime.blockOn(yieldNow());
			const during = runtime.metrics;
			expect([during.tasksAlive, during.tasksSpawned, during.queueDepth]).toEqual([3, 4, 0]);
			expect(during.polls).toBe(5);
			gate.notifyWaiters();
			await Promise.all(tasks);
			const after = runtime.metrics;
			expect([after.tasksAlive, after.tasksSpawned, after.queueDepth, after.polls]).toEqual([0, 4, 0, 8]);
			expect(after.busyMs).toBeGreaterThanOrEqual(0);
		});
	});
});

describe("blockOn", () => {
	it("gives a promise of what is ready at once", async () => {
		await withRuntime(async (runtime) => {
			const promise = runtime.blockOn(ready("value"));
			expect(promise).toBeInstanceOf(Promise);
			expect(await promise).toBe("value");
		});
	});

	it("gives a promise of what it waits for", async () => {
		await withRuntime(async (runtime) => {
			const [tx, rx] = oneshot.channel<string>();
			runtime.spawn(function* () {
				yield* sleep(10);
				tx.send("value");
			});
			expect(await runtime.blockOn(rx)).toBe("value");
		});
	});

	it("rejects with the failure, and goes on with others", async () => {
		await withRuntime(async (runtime) => {
			const failure = new TypeError("boom");
			const other = runtime.spawn(function* () {
				yield* sleep(5);
			});
			const failed = runtime.blockOn(function* () {
				yield* yieldNow();
				throw failure;
			});
			await expect(failed).rejects.toBe(failure);
			await other;
			expect(await runtime.blockOn(ready(1))).toBe(1);
		});
	});
});

describe("tasks of a runtime", () => {
	it("runs tasks that spawn tasks, and gives their values through all of them", async () => {
		await withRuntime(async (runtime) => {
			function* chain(n: number): Async<number> {
				if (n === 0) return 0;
				const next: JoinHandle<number> = runtime.spawn(chain(n - 1));
				return 1 + (yield* next);
			}
			expect(await runtime.blockOn(chain(200))).toBe(200);
		});
	});

	it("runs thousands of tasks, each of which sends to one", async () => {
		await withRuntime(async (runtime) => {
			const [tx, rx] = mpsc.unboundedChannel<number>();
			runtime.spawn(function* () {
				for (let i = 0; i < 5_000; i++) {
					const own = tx.clone();
					spawn(function* () {
						yield* yieldNow();
						own.send(i);
						own.close();
					});
				}
				tx.close();
			});
			const got = await runtime.blockOn(function* () {
				const seen = new Set<number>();
				for (let n = yield* rx.recv(); n !== undefined; n = yield* rx.recv()) seen.add(n);
				return seen.size;
			});
			expect(got).toBe(5_000);
		});
	});

	it("does not let two tasks that wake each other keep a third waiting", async () => {
		await withRuntime(async (runtime) => {
			const [a, b] = [new Notify(), new Notify()];
			let rounds = 0;
			function* player(own: Notify, other: Notify): Async<void> {
				for (;;) {
					yield* own.notified();
					rounds++;
					other.notifyOne();
				}
			}
			const players = [runtime.spawn(player(a, b)), runtime.spawn(player(b, a))];
			a.notifyOne();
			const between = await runtime.blockOn(function* () {
				yield* yieldNow();
				const before = rounds;
				yield* yieldNow();
				return rounds - before;
			});
			// One turn of the third is one turn of each of the others, not more.
			expect(between).toBeLessThanOrEqual(2);
			for (const player of players) player.abort();
			for (const player of players) await player.catch(() => {});
		});
	});

	it("ends a task beside one that yields for ever", async () => {
		await withRuntime(async (runtime) => {
			const spinner = runtime.spawn(function* () {
				for (;;) yield* yieldNow();
			});
			const native = async (): Promise<string> => {
				for (let i = 0; i < 10; i++) await Promise.resolve();
				return "done";
			};
			expect(await runtime.blockOn(native)).toBe("done");
			expect(await runtime.spawn(ready("too"))).toBe("too");
			spinner.abort();
			await spinner.catch(() => {});
		});
	});
});

describe("the shutdown of a runtime", () => {
	it("cancels at its shutdown what waits, whose cleanup runs in it, and may take locks", async () => {
		const runtime = new Runtime({ name: "ending" });
		const lock = new Mutex(0);
		const seen: [string, number | undefined][] = [];
		const task: JoinHandle<void> = runtime.spawn(function* () {
			try {
				yield* new Notify().notified();
			} finally {
				using guard = yield* lock.lock();
				guard.value++;
				seen.push([Handle.current().name, currentTask()?.id]);
			}
		});
		const neverPolled = runtime.spawn(function* () {
			seen.push(["began", 0]);
			yield* yieldNow();
		});
		await runtime.blockOn(yieldNow());
		neverPolled.abort();
		await runtime.shutdown();
		expect(seen.filter(([name]) => name === "ending")).toEqual([["ending", task.id]]);
		expect(lock.tryLock().value).toBe(1);
		expect(task.isFinished).toBe(true);
		await expect(Promise.resolve(task)).rejects.toThrow(CancelledError);
		await neverPolled.catch(() => {});
	});

	it("lets cleanup at its shutdown wake tasks that are ending, too", async () => {
		const runtime = new Runtime({ name: "ending" });
		const channels = [oneshot.channel<string>(), oneshot.channel<string>()] as const;
		const got: unknown[] = [];
		const tasks = [0, 1].map((own) =>
			runtime.spawn(function* () {
				const [, rx] = channels[own] as (typeof channels)[0];
				const [tx] = channels[1 - own] as (typeof channels)[0];
				try {
					yield* rx;
				} finally {
					if (tx.isClosed) got.push("gone");
					else tx.send("late");
				}
			}),
		);
		await runtime.blockOn(yieldNow());
		await runtime.shutdown();
		// The first has told the second, which was cancelled as well; the second finds the end of the first gone.
		expect([got, tasks.map((task) => task.isFinished)]).toEqual([["gone"], [true, true]]);
		for (const task of tasks) await task.catch(() => {});
	});

	it("wakes who sleeps for its shutdown", async () => {
		const runtime = new Runtime();
		let cancelled: unknown;
		const sleeper = runtime.blockOn(function* () {
			try {
				yield* sleep({ days: 1 });
			} finally {
				cancelled = true;
			}
		});
		const rejected = expect(sleeper).rejects.toThrow(CancelledError);
		await Promise.resolve();
		await runtime.shutdown();
		await rejected;
		expect(cancelled).toBe(true);
		expect(() => runtime.enter(() => spawn(sleep(1)))).toThrow(RuntimeClosedError);
	});

	it("waits for cleanup at its shutdown as long as it is told, and tells what it has abandoned", async () => {
		for (const timeout of [0, 20]) {
			const told: TaskFailure[] = [];
			const runtime = new Runtime({ onUnhandled: (failure) => told.push(failure) });
			const stuck = runtime.spawn(function* () {
				try {
					yield* new Notify().notified();
				} finally {
					yield* new Notify().notified();
				}
			});
			await runtime.blockOn(yieldNow());
			await runtime.shutdown({ timeout });
			expect(stuck.isFinished).toBe(true);
			expect(told.map(({ error }) => (error as Error).name)).toContain("CleanupTimeout");
			await stuck.catch(() => {});
		}
	});

	it("takes nothing any more after its shutdown, which may be asked for again", async () => {
		const runtime = new Runtime({ name: "ended" });
		const first = runtime.shutdown();
		expect(runtime.shutdown()).toBe(first);
		await first;
		expect(() => runtime.spawn(ready(1))).toThrow(RuntimeClosedError);
		expect(() => runtime.spawn(ready(1))).toThrow(/ended/);
		expect(() => runtime.blockOn(ready(1))).toThrow(RuntimeClosedError);
		// What waits on another runtime is not touched.
		expect(await run(ready(2))).toBe(2);
	});

	it("ends tasks that are spawned while it shuts down", async () => {
		const runtime = new Runtime({ onUnhandled: () => {} });
		const late: JoinHandle<void>[] = [];
		let began = 0;
		runtime.spawn(function* () {
			try {
				yield* new Notify().notified();
			} finally {
				late.push(
					spawn(function* () {
						began++;
						yield* new Notify().notified();
					}),
				);
			}
		});
		await runtime.blockOn(yieldNow());
		await runtime.shutdown({ timeout: 50 });
		expect(late.length).toBe(1);
		expect(late[0]?.isFinished).toBe(true);
		expect(began).toBeLessThanOrEqual(1);
		await late[0]?.catch(() => {});
	});

	it("can be shut down by a task of another, and by one of its own", async () => {
		const one = new Runtime();
		const other = new Runtime();
		const closed = await one.blockOn(function* () {
			yield* yieldNow();
			void other.shutdown();
			return yield* attempt(other.shutdown());
		});
		expect(closed.ok).toBe(true);
		// Its own: it is cancelled at its next wait.
		let after = false;
		const own = one.spawn(function* () {
			void one.shutdown();
			yield* yieldNow();
			after = true;
		});
		await expect(Promise.resolve(own)).rejects.toThrow(CancelledError);
		await one.shutdown();
		expect(after).toBe(false);
	});

	it("can be shut down by its failure policy, at the first failure", async () => {
		const failure = new Error("boom");
		const runtime: Runtime = new Runtime({
			onUnhandled: ({ error }) => {
				if (error === failure) void runtime.shutdown();
			},
		});
		const waits = runtime.blockOn(new Notify().notified());
		const rejected = expect(waits).rejects.toThrow(CancelledError);
		runtime
			.spawn(function* () {
				yield* yieldNow();
				throw failure;
			})
			.detach();
		await rejected;
		await runtime.shutdown();
		expect(() => runtime.spawn(ready(1))).toThrow(RuntimeClosedError);
	});
});
