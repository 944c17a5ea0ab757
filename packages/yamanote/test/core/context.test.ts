import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { describe, expect, it } from "vitest";
import {
	asyncFn,
	Future,
	fromCallback,
	join,
	Pending,
	type Poll,
	pending,
	pollFn,
	Runtime,
	ready,
	run,
	select,
	sleep,
	spawn,
	withContext,
	yieldNow,
} from "yamanote";
import { paused } from "../support/clock.ts";
import { deferred, gate } from "../support/gate.ts";
import { hostTurn, microtasks } from "../support/host.ts";

describe("rule 11: before any store is used", () => {
	// Must stay the first test of this file: below Node 24 a program that has never used a store takes another path.
	it("a store that a task sets by enterWith is seen by no other task", async () => {
		const als = new AsyncLocalStorage<string>();
		const seen: Record<string, (string | undefined)[]> = { a: [], b: [], c: [] };
		const setter = function* () {
			als.enterWith("set by a");
			seen["a"]?.push(als.getStore());
			yield* yieldNow();
		};
		const reader = (name: string) =>
			function* () {
				for (let i = 0; i < 3; i++) {
					seen[name]?.push(als.getStore());
					yield* yieldNow();
				}
			};
		const tasks = [spawn(reader("b")), spawn(setter), spawn(reader("c"))];
		for (const t of tasks) await t;
		expect(seen).toEqual({
			a: ["set by a"],
			b: [undefined, undefined, undefined],
			c: [undefined, undefined, undefined],
		});
		expect(als.getStore()).toBe(undefined);
		expect(await run(async () => als.getStore())).toBe(undefined);
	});
});

describe("rule 11: a store as it was at spawn is entered at every poll", () => {
	const als = new AsyncLocalStorage<string>();
	const other = new AsyncLocalStorage<number>();

	function* probe(seen: (string | undefined)[], wait: () => Future<unknown> = yieldNow) {
		for (let i = 0; i < 3; i++) {
			seen.push(als.getStore());
			yield* wait();
		}
		seen.push(als.getStore());
	}

	it("for a task spawned inside als.run", async () => {
		const seen: (string | undefined)[] = [];
		const task = als.run("spawner's", () => spawn(probe(seen)));
		await task;
		expect(seen).toEqual(Array(4).fill("spawner's"));
	});

	it("for a future that run starts there, and for an await there", async () => {
		const body = asyncFn(function* () {
			yield* yieldNow();
			return als.getStore();
		});
		expect(await als.run("by run", () => run(body()))).toBe("by run");
		expect(await als.run("by await", () => body().then((v) => v))).toBe("by await");
		const runtime = new Runtime();
		expect(await als.run("by blockOn", () => runtime.blockOn(body()))).toBe("by blockOn");
		await runtime.shutdown();
	});

	it("whoever woke it: a task in another store, the host, a timer, a promise", async () => {
		await paused(async () => {
			const door = gate<string | undefined>();
			const late = deferred<string>();
			const seen: (string | undefined)[] = [];
			const task = als.run("mine", () =>
				spawn(function* () {
					seen.push(yield* door);
					seen.push(als.getStore());
					yield* sleep(5);
					seen.push(als.getStore());
					yield* spawn(late.promise);
					seen.push(als.getStore());
					yield* fromCallback<void>(({ resolve }) => void hostTurn().then(resolve));
					seen.push(als.getStore());
				}),
			);
			await microtasks();
			await als.run("the waker's", () =>
				run(function* () {
					yield* yieldNow();
					door.open(als.getStore());
				}),
			);
			als.run("the resolver's", () => late.resolve("x"));
			await task;
			expect(seen).toEqual(["the waker's", "mine", "mine", "mine", "mine"]);
		});
	});

	it("for each of several tasks of one drain", async () => {
		const seen: Record<string, (string | undefined)[]> = {};
		const tasks = ["a", "b", "c"].map((name) => {
			seen[name] = [];
			return als.run(name, () => spawn(probe(seen[name] as [])));
		});
		seen["none"] = [];
		tasks.push(spawn(probe(seen["none"])));
		for (const t of tasks) await t;
		for (const name of ["a", "b", "c"]) expect(seen[name]).toEqual(Array(4).fill(name));
		expect(seen["none"]).toEqual(Array(4).fill(undefined));
	});

	it("for several stores at once", async () => {
		const seen: unknown[] = [];
		await als.run("text", () =>
			other.run(7, () =>
				spawn(function* () {
					yield* yieldNow();
					seen.push(als.getStore(), other.getStore());
				}),
			),
		);
		expect(seen).toEqual(["text", 7]);
	});

	it("for the tasks that it spawns, and what they spawn", async () => {
		const grandchild = await als.run("inherited", () =>
			run(function* () {
				yield* yieldNow();
				return yield* spawn(function* () {
					yield* yieldNow();
					return yield* spawn(function* () {
						yield* yieldNow();
						return als.getStore();
					});
				});
			}),
		);
		expect(grandchild).toBe("inherited");
	});

	it("a store entered around spawn inside a task is the child's", async () => {
		const seen = await als.run("parent", () =>
			run(function* () {
				const child = als.run("child", () =>
					spawn(function* () {
						yield* yieldNow();
						return als.getStore();
					}),
				);
				return [yield* child, als.getStore()];
			}),
		);
		expect(seen).toEqual(["child", "parent"]);
	});

	it("in nested AsyncResource scopes", async () => {
		const resource = als.run("resource", () => new AsyncResource("test"));
		const seen: (string | undefined)[] = [];
		const outer = als.run("outer", () =>
			spawn(function* () {
				const inner = resource.runInAsyncScope(() =>
					spawn(function* () {
						yield* yieldNow();
						seen.push(als.getStore());
					}),
				);
				yield* inner;
				seen.push(als.getStore());
			}),
		);
		await outer;
		const outside = resource.runInAsyncScope(() => spawn(probe(seen)));
		await outside;
		expect(seen).toEqual(["resource", "outer", ...Array(4).fill("resource")]);
	});

	it("in cleanup", async () => {
		const seen: (string | undefined)[] = [];
		const task = als.run("mine", () =>
			spawn(function* () {
				try {
					yield* pending();
				} finally {
					seen.push(als.getStore());
					yield* yieldNow();
					seen.push(als.getStore());
				}
			}),
		);
		await microtasks();
		als.run("the aborter's", () => task.abort());
		await expect(task).rejects.toThrow();
		expect(seen).toEqual(["mine", "mine"]);
	});

	it("in async functions, as the engine has it anyway", async () => {
		const seen = await als.run("mine", () =>
			run(async ({ run: wait }) => {
				const before = als.getStore();
				await wait(yieldNow());
				await Promise.resolve();
				return [before, als.getStore()];
			}),
		);
		expect(seen).toEqual(["mine", "mine"]);
	});

	it("and a promise that a task creates carries it", async () => {
		const seen = await als.run("mine", () =>
			run(function* () {
				yield* yieldNow();
				return yield* spawn(Promise.resolve().then(() => als.getStore()));
			}),
		);
		expect(seen).toBe("mine");
	});
});

describe("rule 11: nothing leaks between tasks", () => {
	const als = new AsyncLocalStorage<string>();

	it("enterWith in one task is seen by no other, spawned before or after, inside a store or not", async () => {
		const seen: (string | undefined)[] = [];
		const reader = function* () {
			for (let i = 0; i < 4; i++) {
				seen.push(als.getStore());
				yield* yieldNow();
			}
		};
		const setter = function* () {
			for (let i = 0; i < 3; i++) {
				als.enterWith(`leak ${i}`);
				yield* yieldNow();
			}
		};
		const tasks = [spawn(reader), spawn(setter), spawn(reader), als.run("x", () => spawn(setter)), spawn(reader)];
		await microtasks(3);
		tasks.push(spawn(reader));
		for (const t of tasks) await t;
		expect(seen).toEqual(Array(16).fill(undefined));
		expect(als.getStore()).toBe(undefined);
	});

	it("nor between the children of one task, which have inherited one context, nor to their parent", async () => {
		const other = new AsyncLocalStorage<number>();
		const seen: unknown[] = [];
		const stores = (): unknown[] => [als.getStore(), other.getStore()];
		await als.run("inherited", () =>
			run(function* () {
				const reader = function* () {
					for (let i = 0; i < 3; i++) {
						seen.push(stores());
						yield* yieldNow();
					}
				};
				const setter = function* () {
					for (let i = 0; i < 3; i++) {
						als.enterWith(`leak ${i}`);
						other.enterWith(i);
						als.enterWith(`leak ${i} again`);
						yield* yieldNow();
					}
				};
				const native = async () => {
					als.enterWith("leak by an async function");
					await hostTurn();
					return als.getStore();
				};
				const waits = spawn(native);
				const tasks = [spawn(reader), spawn(setter), spawn(reader), spawn(setter), spawn(reader)];
				for (const t of tasks) yield* t;
				seen.push(stores());
				expect(yield* waits).toBe("leak by an async function");
			}),
		);
		expect(seen).toEqual(Array(10).fill(["inherited", undefined]));
	});

	it("not to the host either: promise reactions and later turns see their own", async () => {
		const seen: (string | undefined)[] = [];
		const reaction = Promise.resolve().then(() => hostTurn().then(() => seen.push(als.getStore())));
		await run(function* () {
			als.enterWith("leak");
			yield* yieldNow();
			als.enterWith("leak");
		});
		seen.push(als.getStore());
		await reaction;
		expect(seen).toEqual([undefined, undefined]);
	});

	it("not by an enterWith in the last poll of a task", async () => {
		const first = spawn(async () => als.enterWith("leak by an async function"));
		const second = spawn(function* () {
			als.enterWith("leak by a generator");
		});
		const third = spawn(function* () {
			return als.getStore();
		});
		await first;
		await second;
		expect(await third).toBe(undefined);
	});

	it("a child inherits what its parent has entered", async () => {
		const seen = await run(function* () {
			als.enterWith("entered");
			return yield* spawn(function* () {
				yield* yieldNow();
				return als.getStore();
			});
		});
		expect(seen).toBe("entered");
	});
});

describe("rule 11: withContext re-enters at each poll", () => {
	const als = new AsyncLocalStorage<string>();
	const seeing = asyncFn(function* () {
		const seen = [als.getStore()];
		yield* yieldNow();
		seen.push(als.getStore());
		return seen;
	});

	it("and nothing else of the task sees it", async () => {
		const seen = await run(function* () {
			const outside = [als.getStore()];
			const inside = yield* withContext(als, "within", seeing());
			outside.push(als.getStore());
			return { inside, outside };
		});
		expect(seen).toEqual({ inside: ["within", "within"], outside: [undefined, undefined] });
	});

	it("branch by branch", async () => {
		const seen = await run(
			join({ a: withContext(als, "a", seeing()), b: withContext(als, "b", seeing()), c: seeing() }),
		);
		expect(seen).toEqual({ a: ["a", "a"], b: ["b", "b"], c: [undefined, undefined] });
	});

	it("nested, the inner one wins", async () => {
		expect(await run(withContext(als, "outer", withContext(als, "inner", seeing())))).toEqual(["inner", "inner"]);
	});

	it("in cleanup as well", async () => {
		const seen: (string | undefined)[] = [];
		const task = spawn(
			withContext(als, "within", function* () {
				try {
					yield* pending();
				} finally {
					seen.push(als.getStore());
					yield* yieldNow();
					seen.push(als.getStore());
				}
			}),
		);
		await microtasks();
		task.abort();
		await expect(task).rejects.toThrow();
		expect(seen).toEqual(["within", "within"]);
	});

	it("passes failures, and tells of a storage that is none", async () => {
		await expect(
			run(
				withContext(als, "within", async () => {
					throw new Error("failed within");
				}),
			),
		).rejects.toThrow("failed within");
		expect(() => withContext({} as never, 1, ready(1))).toThrow(/AsyncLocalStorage/);
		expect(() => withContext(als, "x", 5 as never)).toThrow(TypeError);
	});

	it("takes anything that has a run", async () => {
		const entered: number[] = [];
		const storage = {
			run<R>(value: number, f: () => R): R {
				entered.push(value);
				return f();
			},
		};
		await run(withContext(storage, 5, yieldNow()));
		expect(entered).toEqual([5, 5]);
	});
});

describe("rule 11: the ambient scope of plain async bodies", () => {
	it("is entered for them alone: a native await in a generator's callback is nobody's", async () => {
		const log: string[] = [];
		const body = spawn(async () => {
			try {
				await pending();
			} catch (e) {
				log.push((e as Error).name);
				throw e;
			}
		});
		const generator = spawn(function* () {
			yield* pending();
		});
		await microtasks();
		body.abort();
		generator.abort();
		await expect(body).rejects.toThrow();
		await expect(generator).rejects.toThrow();
		expect(log).toEqual(["AbortError"]);
	});

	it("a scope that has ended is never ambient: what it left behind waits on the default runtime", async () => {
		const door = gate<string>();
		let left: Promise<string> | undefined;
		const go = deferred();
		const task = spawn(async () => {
			left = go.promise.then(() => door);
		});
		await task;
		go.resolve();
		await microtasks();
		task.abort();
		door.open("served all the same");
		expect(await left).toBe("served all the same");
	});

	it("falls to the nearest live ancestor", async () => {
		const go = deferred();
		const log: string[] = [];
		let inner: Promise<unknown> | undefined;
		const outer = spawn(async ({ run: wait }) => {
			await wait(async () => {
				inner = go.promise.then(() => pending()).catch((e: Error) => log.push(e.name));
			});
			await wait(pending());
		});
		await microtasks();
		go.resolve();
		await microtasks();
		outer.abort();
		await expect(outer).rejects.toThrow();
		await inner;
		expect(log).toEqual(["AbortError"]);
	});

	it("is not a user's business: its stores are untouched", async () => {
		const als = new AsyncLocalStorage<string>();
		const seen = await als.run("user's", () => run(async () => [als.getStore(), await ready(als.getStore())]));
		expect(seen).toEqual(["user's", "user's"]);
	});
});

describe("rule 11: futures of your own", () => {
	it("are polled in the task's context, and a select's branches too", async () => {
		const als = new AsyncLocalStorage<string>();
		const seen: (string | undefined)[] = [];
		class Probe extends Future<void> {
			#polls = 0;
			poll(cx: { waker: { wake(): void } }): Poll<void> {
				seen.push(als.getStore());
				if (this.#polls++ > 0) return;
				cx.waker.wake();
				return Pending;
			}
		}
		await als.run("task's", () => run(select({ a: new Probe() })));
		await als.run("task's", () => run(pollFn(() => void seen.push(als.getStore()))));
		expect(seen).toEqual(["task's", "task's", "task's"]);
	});
});
