import { describe, expect, it } from "vitest";
import {
	asyncFn,
	attempt,
	byRef,
	Future,
	FutureConsumedError,
	FutureInUseError,
	join,
	lazy,
	NotIterableError,
	pending,
	pollFn,
	race,
	ready,
	run,
	select,
	shared,
	sleep,
	spawn,
	timeout,
	tryJoin,
	yieldNow,
} from "yamanote";
import { gate } from "../support/gate.ts";
import { hostTurn, microtasks } from "../support/host.ts";

describe("rule 1: nothing runs before the first poll", () => {
	const ran: string[] = [];
	const named = asyncFn(function* (what: string) {
		ran.push(what);
		yield* yieldNow();
	});
	function* body() {
		ran.push("generator");
		yield* yieldNow();
	}
	const made: Record<string, () => Future<unknown, unknown>> = {
		"an asyncFn call": () => named("asyncFn"),
		lazy: () => lazy(() => ran.push("lazy")),
		pollFn: () => pollFn(() => ran.push("pollFn")),
		"join of a generator": () => join([body()]),
		"tryJoin of a generator function": () => tryJoin({ a: body }),
		"select of an async function": () => select({ a: async () => ran.push("async") }),
		race: () => race([body]),
		timeout: () => timeout(5, body),
		attempt: () => attempt(body),
		byRef: () => byRef(body),
	};
	for (const [what, make] of Object.entries(made)) {
		it(`is so for ${what}`, async () => {
			ran.length = 0;
			const future = make();
			await hostTurn();
			expect(ran).toEqual([]);
			future[Symbol.dispose]();
			await hostTurn();
			expect(ran).toEqual([]);
		});
	}

	it("runs it then", async () => {
		ran.length = 0;
		await run(named("now"));
		expect(ran).toEqual(["now"]);
	});

	it("runs the body of a spawned task not inside spawn, but soon after", async () => {
		ran.length = 0;
		const task = spawn(body);
		expect(ran).toEqual([]);
		await task;
		expect(ran).toEqual(["generator"]);
	});
});

describe("rule 1: a pending future has one owner", () => {
	it("refuses a poll by another task while the owner holds it", async () => {
		const door = gate<string>();
		const owner = spawn(function* () {
			return yield* door;
		});
		await microtasks();
		await expect(
			run(function* () {
				yield* door;
			}),
		).rejects.toBeInstanceOf(FutureInUseError);
		door.open("to its owner");
		expect(await owner).toBe("to its owner");
	});

	it("refuses a poll by another branch of the same task", async () => {
		const door = gate<string>();
		const error = await run(attempt(tryJoin([door, door]), FutureInUseError));
		expect(error.ok).toBe(false);
		expect(door.drops).toBe(1);
	});

	it("refuses a call that waits for itself, whoever has started it", async () => {
		const waits = asyncFn(function* (self: () => Future<void>) {
			yield* yieldNow();
			yield* self();
		});
		const started: Future<void> = waits(() => started);
		await expect(Promise.resolve(started)).rejects.toBeInstanceOf(FutureInUseError);
		const called: Future<void> = waits(() => called);
		await expect(run(called)).rejects.toBeInstanceOf(FutureInUseError);
		const inside: Future<void> = waits(() => inside);
		await expect(
			run(function* () {
				yield* inside;
			}),
		).rejects.toBeInstanceOf(FutureInUseError);
	});

	it("refuses it for asyncFn calls and combinators, too", async () => {
		const wait = asyncFn(function* () {
			yield* pending();
		});
		for (const shared of [wait(), join([pending()]), race([pending()]), timeout(Infinity, pending())]) {
			const owner = spawn(function* () {
				yield* shared;
			});
			await microtasks();
			await expect(
				run(function* () {
					yield* shared;
				}),
			).rejects.toBeInstanceOf(FutureInUseError);
			owner.abort();
			await hostTurn();
			expect(owner.isFinished).toBe(true);
		}
	});

	it("says how to share it", () => {
		expect(new FutureInUseError().message).toMatch(/byRef/);
		expect(new FutureInUseError().message).toMatch(/shared/);
		expect(new FutureInUseError().code).toBe("YAMANOTE_FUTURE_IN_USE");
	});

	it("refuses an asyncFn call that waits for itself", async () => {
		let self: Future<void, unknown>;
		const circle = asyncFn(function* () {
			yield* self;
		});
		self = circle();
		await expect(run(self)).rejects.toBeInstanceOf(FutureInUseError);
	});

	it("lets a native await of a future that a task holds fail", async () => {
		const door = gate();
		const owner = spawn(function* () {
			yield* door;
		});
		await microtasks();
		await expect(door.then()).rejects.toBeInstanceOf(FutureInUseError);
		door.open();
		await owner;
	});
});

describe("rule 1: polling a finished future throws FutureConsumedError", () => {
	const make: Record<string, () => Future<unknown, unknown>> = {
		ready: () => ready(1),
		"an asyncFn call": asyncFn(function* () {
			yield* yieldNow();
		}),
		"an asyncFn call that never waits": asyncFn(function* () {}),
		yieldNow: () => yieldNow(),
		sleep: () => sleep(0),
		join: () => join([ready(1)]),
		race: () => race([ready(1)]),
		timeout: () => timeout(5, ready(1)),
		attempt: () => attempt(ready(1)),
	};
	for (const [what, f] of Object.entries(make)) {
		it(`holds for ${what}`, async () => {
			await run(function* () {
				const future = f();
				yield* future;
				const again = yield* attempt(function* () {
					yield* future;
				}, FutureConsumedError);
				expect(again.ok).toBe(false);
			});
		});
	}

	it("holds after a failure", async () => {
		const future = lazy(() => {
			throw new Error("once");
		});
		await run(function* () {
			const first = yield* attempt(future);
			const second = yield* attempt(future);
			expect([first, second].map((r) => !r.ok && r.error)).toEqual([
				new Error("once"),
				expect.any(FutureConsumedError),
			]);
		});
	});

	it("holds after a failure of an asyncFn call, whether it had waited or not", async () => {
		const failing = asyncFn(function* (waits: boolean) {
			if (waits) yield* yieldNow();
			throw new Error("once");
		});
		for (const waits of [false, true]) {
			const call = failing(waits);
			await run(function* () {
				const caught: unknown[] = [];
				for (let i = 0; i < 3; i++) {
					try {
						yield* call;
					} catch (error) {
						caught.push(error);
					}
				}
				expect(caught).toEqual([new Error("once"), expect.any(FutureConsumedError), expect.any(FutureConsumedError)]);
			});
		}
	});

	it("holds after it was dropped", async () => {
		const door = gate();
		await run(race([door, ready(1)]));
		await expect(run(door)).rejects.toBeInstanceOf(FutureConsumedError);
		const call = asyncFn(function* () {
			yield* pending();
		})();
		await run(race([call, ready(1)]));
		await expect(run(call)).rejects.toBeInstanceOf(FutureConsumedError);
		expect(new FutureConsumedError().code).toBe("YAMANOTE_FUTURE_CONSUMED");
	});

	it("holds after it was disposed before its first poll", async () => {
		const call = asyncFn(function* () {
			yield* pending();
		})();
		call[Symbol.dispose]();
		await expect(run(call)).rejects.toBeInstanceOf(FutureConsumedError);
	});

	it("holds for await as well", async () => {
		const f = ready(1);
		await run(function* () {
			yield* f;
		});
		await expect(f.then()).rejects.toBeInstanceOf(FutureConsumedError);
	});
});

describe("rule 1: next() outside a poll throws NotIterableError", () => {
	const list = (f: unknown): Iterable<unknown> => f as Iterable<unknown>;
	const make: Record<string, () => unknown> = {
		"a future": () => gate(),
		"a ready future": () => ready(1),
		"an asyncFn call": () => asyncFn(function* () {})(),
		yieldNow: () => yieldNow(),
		"a combinator": () => join([]),
	};
	for (const [what, f] of Object.entries(make)) {
		it(`is so for ${what}: spread, destructured, looped over, given to Promise.all`, async () => {
			expect(() => [...list(f())]).toThrow(NotIterableError);
			expect(() => {
				const [first] = list(f());
				return first;
			}).toThrow(NotIterableError);
			expect(() => {
				for (const _ of list(f()));
			}).toThrow(NotIterableError);
			expect(() => Array.from(list(f()))).toThrow(NotIterableError);
			expect(() => new Set(list(f()))).toThrow(NotIterableError);
			await expect(Promise.all(list(f()))).rejects.toBeInstanceOf(NotIterableError);
		});
	}

	it("is so for a join handle", async () => {
		const handle = spawn(ready(1));
		expect(() => [...list(handle)]).toThrow(NotIterableError);
		await handle;
		expect(() => [...list(handle)]).toThrow(NotIterableError);
	});

	it('says "yield*"', () => {
		expect(new NotIterableError().message).toMatch(/yield\*/);
		expect(new NotIterableError().code).toBe("YAMANOTE_NOT_ITERABLE");
	});

	it("spreading a pending future inside a task throws as well", async () => {
		await expect(
			run(function* () {
				return [...list(gate())];
			}),
		).rejects.toBeInstanceOf(NotIterableError);
		const many = shared(gate());
		await expect(
			run(function* () {
				return [...list(many)];
			}),
		).rejects.toBeInstanceOf(NotIterableError);
		many[Symbol.dispose]();
	});

	it("a task that catches that goes on", async () => {
		const value = await run(function* () {
			try {
				return [...list(gate())];
			} catch {
				return yield* ready("went on");
			}
		});
		expect(value).toBe("went on");
	});
});

describe("rule 1: a JoinHandle can be awaited any number of times", () => {
	it("gives the same value to every task, before and after the end", async () => {
		const door = gate<object>();
		const value = { it: "is" };
		const handle = spawn(door);
		const seen: unknown[] = [];
		const waiter = function* () {
			seen.push(yield* handle);
			seen.push(yield* handle);
		};
		const waiters = [spawn(waiter), spawn(waiter)];
		await microtasks();
		door.open(value);
		for (const w of waiters) await w;
		expect(await handle).toBe(value);
		expect(await handle).toBe(value);
		expect(seen).toEqual([value, value, value, value]);
		expect(seen.every((v) => v === value)).toBe(true);
	});

	it("gives the same failure every time", async () => {
		const error = new Error("the task's own");
		const handle = spawn(async () => {
			throw error;
		});
		for (let i = 0; i < 2; i++) await expect(handle).rejects.toBe(error);
		const result = await run(attempt(handle));
		expect(result).toEqual({ ok: false, error });
		expect(!result.ok && result.error).toBe(error);
	});

	it("works in several branches of one task at once", async () => {
		const handle = spawn(function* () {
			yield* yieldNow();
			return 3;
		});
		expect(await run(join([handle, handle, handle]))).toEqual([3, 3, 3]);
	});
});

describe("a future that a native await has started", () => {
	it("starts at the first then, and shares its outcome with later ones", async () => {
		let calls = 0;
		const future = lazy(() => ({ call: ++calls }));
		const first = await future;
		expect(await future).toBe(first);
		expect(await future.then((v) => v)).toBe(first);
		expect(calls).toBe(1);
	});

	it("can be joined by yield* while it runs and when it has ended", async () => {
		const door = gate<string>();
		const call = asyncFn(function* () {
			return `${yield* door}!`;
		})();
		const promise = call.then((v) => v);
		await microtasks();
		const joined = run(function* () {
			return yield* call;
		});
		await microtasks();
		door.open("shared");
		expect(await joined).toBe("shared!");
		expect(await promise).toBe("shared!");
		expect(
			await run(function* () {
				return yield* call;
			}),
		).toBe("shared!");
	});

	it("has catch and finally", async () => {
		const bad = lazy(() => {
			throw new Error("bad");
		});
		expect(await bad.catch((e) => (e as Error).message)).toBe("bad");
		let ended = 0;
		expect(await ready(3).finally(() => ended++)).toBe(3);
		await expect(
			lazy(() => {
				throw new Error("worse");
			}).finally(() => ended++),
		).rejects.toThrow("worse");
		expect(ended).toBe(2);
		expect(await ready(4).finally()).toBe(4);
	});

	it("passes values and failures through a then without handlers", async () => {
		expect(await ready(5).then()).toBe(5);
		expect(await ready(5).then(null, null)).toBe(5);
		await expect(
			lazy(() => {
				throw new Error("through");
			}).then(() => "not called"),
		).rejects.toThrow("through");
	});

	it("is a Future whichever way it was made", () => {
		const values = [ready(1), sleep(1), join([]), yieldNow(), asyncFn(function* () {})()];
		expect(values.every((v) => v instanceof Future)).toBe(true);
		expect([null, 1, {}, Promise.resolve(), [][Symbol.iterator]()].some((v) => (v as unknown) instanceof Future)).toBe(
			false,
		);
	});
});
