import { beforeAll, describe, expect, it } from "vitest";
import { CancelledError, Future, run, tryJoin } from "yamanote";
import { defineWorker, NotSendError, type Remote, sendable, spawnBlocking, transfer } from "yamanote/threads";
import { load } from "../support/built.ts";
import { pools } from "./support/pools.ts";
import { flags, letGo, loadWork, until, type Work } from "./support/work.ts";

let work: Work;
let other: Remote<{ double(n: number): number }>;
type Waiting = { waiting: Remote<{ f(): string; g(): string }> };
const poolOf = pools();
let NotFound: Awaited<ReturnType<typeof loadWork>>["NotFound"];
beforeAll(async () => {
	({ work, other, NotFound } = await loadWork());
}, 60_000);

describe("a function of a worker", () => {
	it("gives a lazy future of its result", async () => {
		const before = await work.count();
		const unused = work.count();
		expect(unused).toBeInstanceOf(Future);
		expect(await work.add(2, 3)).toBe(5);
		const counts = await Promise.all([work.count(), work.count()].map((call) => call.then()));
		expect(Math.max(...counts)).toBeLessThanOrEqual(before + 2);
	});

	it("can be waited for in generators, and joined", async () => {
		const sum = await run(function* () {
			const one = yield* work.add(1, 0);
			const [two, three] = yield* tryJoin([work.add(1, 1), work.fib(4)]);
			return one + two + three;
		});
		expect(sum).toBe(6);
	});

	it("may be async", async () => {
		expect(await work.later({ a: [1] })).toEqual({ a: [1] });
	});

	it("may be a task of the thread's own runtime", async () => {
		expect(await work.task(1)).toBe("task done");
	});

	it("takes its arguments as they are at the call", async () => {
		const list = [1];
		const call = work.identity(list);
		list.push(2);
		expect(await call).toEqual([1]);
	});

	it("carries large and special arguments and results", async () => {
		const large = "long ".repeat(100_000);
		expect(await work.identity(large)).toBe(large);
		expect((await work.fill(1_000_000))[999_999]).toBe(7);
		const rows = Array.from({ length: 3_000 }, (_, id) => ({ id, name: `n${id}`, tags: [id % 3] }));
		expect(await work.identity(rows)).toEqual(rows);
	});

	it("moves what is marked, both ways", async () => {
		const bytes = new Uint8Array(100_000);
		const inverted = await work.invert(transfer(bytes));
		expect([bytes.length, inverted.length, inverted[0]]).toEqual([0, 100_000, 255]);
	});

	it("shares memory that is shared", async () => {
		const flag = flags();
		const held = spawnBlocking(work.hold, flag);
		await until(() => Atomics.load(flag, 0) === 1);
		letGo(flag);
		expect(await held).toBe("held");
	});

	it("refuses at the call what cannot cross, with its path", () => {
		expect(() => work.identity({ user: { onClick() {} } } as never)).toThrow(NotSendError);
		expect(() => work.identity({ user: { onClick() {} } } as never)).toThrow(
			"args[0].user.onClick is a function: send data",
		);
		expect(() => spawnBlocking(work.add, 1, Symbol("x") as never)).toThrow("args[1] is a symbol: send a string");
	});

	it("fails when its result cannot cross, with its path", async () => {
		await expect(work.function().then()).rejects.toThrow("the result is a function: send data");
	});

	it("fails when its argument or result is of a class that is registered on one side alone", async () => {
		class OnlyHere {}
		sendable("test/OnlyHere", OnlyHere, { toSend: () => 1, fromSend: () => new OnlyHere() });
		const missing = (name: string) => `no class is registered as "${name}" in this thread: import its module here too`;
		await expect(work.identity(new OnlyHere()).then()).rejects.toThrow(missing("test/OnlyHere"));
		await expect(work.onlyThere().then()).rejects.toThrow(missing("test/work/OnlyThere"));
		// As a message, not over the board.
		await expect(work.onlyThere(new Uint8Array(5_000)).then()).rejects.toThrow(missing("test/work/OnlyThere"));
		expect(await work.add(2, 3)).toBe(5);
	});

	it("can be called unchecked", async () => {
		class Point {
			x = 1;
			get y(): number {
				return 2;
			}
		}
		expect(() => work.identity(new Point() as never)).toThrow("args[0] is a Point");
		expect(await work.identity.with({ check: false })(new Point() as never)).toEqual({ x: 1 });
	});

	it("keeps its name", () => {
		expect([work.fib.name, work.fib.with({ priority: 1 }).name]).toEqual(["fib", "fib"]);
	});

	it("may stand beside those of another defineWorker of the same module", async () => {
		expect(await other.double(4)).toBe(8);
	});
});

describe("errors of a function", () => {
	const failure = async (call: PromiseLike<unknown>): Promise<Error & Record<string, unknown>> => {
		try {
			await call;
		} catch (error) {
			return error as Error & Record<string, unknown>;
		}
		throw new Error("it did not fail");
	};

	for (const [kind, type] of Object.entries({
		Error,
		TypeError,
		RangeError,
		SyntaxError,
		EvalError,
		URIError,
		ReferenceError,
	}))
		it(`come back as ${kind} if they were`, async () => {
			const error = await failure(work.throwing(kind, "message"));
			expect(Object.getPrototypeOf(error)).toBe(type.prototype);
			expect([error.name, error.message]).toEqual([kind, "message"]);
		});

	it("of registered classes come back as themselves", async () => {
		const error = await failure(work.throwing("registered", 21));
		expect(error).toBeInstanceOf(NotFound);
		expect([error.message, error["code"], error["id"], error["twice"]]).toEqual([
			"nothing has the number 21",
			"NOT_FOUND",
			21,
			42,
		]);
	});

	it("of other classes come back as the nearest known one, with their fields; what cannot cross becomes a text", async () => {
		const error = await failure(work.throwing("unregistered"));
		expect(error).toBeInstanceOf(TypeError);
		expect([error.name, error["code"], error["detail"]]).toEqual(["Unregistered", "E_UNREGISTERED", { at: [1, 2] }]);
		expect(error["run"]).toBe("[the error.run is a function: send data, and call a function of defineWorker there]");
		expect(error.cause).toBeInstanceOf(RangeError);
	});

	it("come back frozen if they were", async () => {
		const error = await failure(work.throwing("frozen"));
		expect(error).toBeInstanceOf(RangeError);
		expect(Object.isFrozen(error)).toBe(true);
	});

	it("come back with all errors of an AggregateError", async () => {
		const error = (await failure(work.throwing("aggregate"))) as unknown as AggregateError;
		expect(error).toBeInstanceOf(AggregateError);
		expect(error.errors[0]).toBeInstanceOf(NotFound);
		expect(error.errors[1]).toBeInstanceOf(TypeError);
	});

	it("that are no errors come back as what they are, or are described", async () => {
		expect(await failure(work.throwing("value", { code: 7 }))).toEqual({ code: 7 });
		expect(await failure(work.throwing("value", undefined))).toBe(undefined);
		expect((await failure(work.throwing("uncarriable"))).message).toBe(
			"a function threw what cannot cross: the error.run is a function: send data, and call a function of defineWorker there",
		);
		expect((await failure(work.throwing("dom"))).name).toBe("AbortError");
	});

	it("have the stack of both sides", async () => {
		const error = await failure(
			run(function* here() {
				yield* work.throwing("registered", 1);
			}),
		);
		const stack = error.stack as string;
		expect(stack).toMatch(/throwing \(.*work\.worker\.mjs/);
		expect(stack).toContain('throwing (called from another thread, on a thread of "yamanote")');
		expect(stack.indexOf("define-worker.test")).toBeGreaterThan(stack.indexOf("called from another thread"));
		expect(stack).not.toContain("thread-loop");
	});
});

describe("inside its own worker", () => {
	it("a function runs in place, whatever kind it is", async () => {
		const [thread, same, fib, task] = await work.sibling(10);
		expect(same).toBe(thread);
		expect([fib, task]).toEqual([55, "task done"]);
		expect(await work.siblingStream(5)).toEqual([0, 1, 2, 3, 4]);
	});

	it("a stream gives each item once, in turn; a wait for it that is dropped has taken none", async () => {
		const [key, items, failed, closed] = await work.siblingTurns();
		expect([key, items]).toEqual(["now", [0, 1, 2, 3, undefined]]);
		expect(failed).toEqual(["rejected", "fulfilled"]);
		expect(closed).toEqual([undefined, undefined, undefined, undefined]);
	});

	it("functions of another worker run on threads of the thread's own", async () => {
		const { nested } = await load<{ nested: Remote<{ sum(n: number): Promise<number>; threads(): Promise<boolean> }> }>(
			"nested.worker.mjs",
		);
		expect(await nested.sum(10)).toBe(45);
		expect(await nested.threads()).toBe(true);
	});

	it("a module that waits at its top level is waited for", async () => {
		const { waiting } = await load<Waiting>("waiting.worker.mjs");
		expect(await waiting.f()).toBe("loaded");
	});

	it("may be called for the first time while its thread starts", async () => {
		const { waiting } = await load<Waiting>("waiting.worker.mjs");
		const pool = poolOf();
		const h = pool.bind(waiting);
		const first = spawnBlocking(h.f);
		await until(() => pool.metrics().threads === 1);
		expect([await h.g(), await first]).toEqual(["loaded, too", "loaded"]);
	});
});

describe("spawnBlocking", () => {
	it("starts now, and gives a handle", async () => {
		const handle = spawnBlocking(work.fib, 12);
		expect(handle.name).toBe("fib");
		expect(await handle).toBe(144);
		expect(await handle).toBe(144);
		expect(handle.isFinished).toBe(true);
	});

	it("can be aborted before a thread has taken the call", async () => {
		const handle = spawnBlocking(work.fib, 12);
		handle.abort();
		await expect(handle.then()).rejects.toBeInstanceOf(CancelledError);
	});

	it("refuses functions that are not of a worker, and says what to do", () => {
		expect(() => spawnBlocking(((n: number) => n) as never)).toThrow(
			"spawnBlocking: a function is no function of a worker: a function cannot cross to another thread, so put it in a module of its own",
		);
	});

	it("refuses functions that stream", () => {
		expect(() => spawnBlocking(work.numbers as never)).toThrow(
			"spawnBlocking: numbers streams: call it, and receive its items",
		);
	});
});

describe("defineWorker", () => {
	it("refuses what is no source, no table, and no function", () => {
		expect(() => defineWorker(7 as never, {})).toThrow(
			"defineWorker: give import.meta.url, or a function that makes a Worker, not 7",
		);
		expect(() => defineWorker("file:///x", null as never)).toThrow("defineWorker: give a table of functions, not null");
		expect(() => defineWorker("file:///x", { a: 1 } as never)).toThrow(
			"defineWorker: a is 1: a worker has functions only",
		);
	});

	it("refuses options out of range", () => {
		expect(() => work.fib.with({ priority: Number.NaN })).toThrow(RangeError);
		expect(() => work.fib.with({ cleanupGrace: Number.NaN })).toThrow(RangeError);
	});
});
