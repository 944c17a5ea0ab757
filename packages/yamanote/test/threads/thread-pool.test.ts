import { beforeAll, describe, expect, it } from "vitest";
import { join, run, spawn } from "yamanote";
import { PoolFullError, ThreadPool, WorkerLost } from "yamanote/threads";
import { pools } from "./support/pools.ts";
import { flags, letGo, loadWork, sharesMemory, until, type Work } from "./support/work.ts";

let work: Work;
let other: Awaited<ReturnType<typeof loadWork>>["other"];
let talk: Awaited<ReturnType<typeof loadWork>>["talk"];
beforeAll(async () => {
	({ work, other, talk } = await loadWork());
}, 60_000);
const poolOf = pools();
/** However busy the machine is. */
const patient = { cleanupGrace: 600_000 };

/** A pool of one thread that is held, so that calls have to wait. */
async function heldPool(options: ConstructorParameters<typeof ThreadPool>[0] = {}) {
	const pool = poolOf(options);
	const h = pool.bind(work);
	const flag = flags();
	const held = spawn(h.hold(flag));
	await until(() => Atomics.load(flag, 0) === 1);
	return { pool, h, letGo: () => letGo(flag), held };
}

describe("ThreadPool", () => {
	it("starts threads when calls come, and no more than calls need", async () => {
		const pool = poolOf({ maxBlockingThreads: 2 });
		const h = pool.bind(work);
		expect(pool.metrics().threads).toBe(0);
		for (let i = 0; i < 10; i++) await h.add(i, i);
		expect(pool.metrics().threads).toBe(1);
	});

	it("runs calls on as many threads as it may have", async () => {
		const pool = poolOf({ maxBlockingThreads: 2 });
		const h = pool.bind(work);
		const [a, b] = [flags(), flags()];
		const both = [spawn(h.hold(a)), spawn(h.hold(b))];
		await until(() => Atomics.load(a, 0) === 1 && Atomics.load(b, 0) === 1);
		const third = spawn(h.add(1, 1));
		await until(() => pool.metrics().queued === 1);
		expect(pool.metrics()).toMatchObject({ threads: 2, running: 2, idle: 0 });
		letGo(a);
		expect(await third).toBe(2);
		letGo(b);
		await Promise.all(both.map((one) => one.then()));
		await until(() => pool.metrics().idle === 2);
		expect(pool.metrics()).toMatchObject({ threads: 2, running: 0, queued: 0 });
	});

	it("serves calls in the order in which they were first polled", async () => {
		const { h, letGo, held } = await heldPool();
		const order: number[] = [];
		const calls = Array.from({ length: 600 }, (_, i) => spawn(h.count()).then((n) => order.push(n as number) && i));
		letGo();
		await held;
		await Promise.all(calls);
		expect(order).toEqual(Array.from({ length: 600 }, (_, i) => i + 1));
	});

	it("serves calls of higher priority first", async () => {
		const { h, letGo, held, pool } = await heldPool();
		const order: string[] = [];
		const call = (name: string, priority: number): PromiseLike<unknown> =>
			spawn(h.identity.with({ priority })(`${name} ${"long ".repeat(1_000)}`)).then(() => order.push(name));
		const all = [call("low", -1), call("first", 0), call("second", 0), call("high", 5)];
		await until(() => pool.metrics().queued === 4);
		letGo();
		await held;
		await Promise.all(all);
		expect(order).toEqual(["high", "first", "second", "low"]);
	});

	it("refuses calls when its queue is full, if it is told so", async () => {
		const { h, letGo, pool } = await heldPool({ maxQueue: 2, whenFull: "fail" });
		const large = "x".repeat(5_000);
		const waiting = [spawn(h.identity(large)), spawn(h.identity(large))];
		await until(() => pool.metrics().queued === 2);
		await expect(h.identity(large).then()).rejects.toBeInstanceOf(PoolFullError);
		letGo();
		for (const one of waiting) expect(await one).toBe(large);
	});

	it("refuses them also while no thread is up, and takes what an idle thread will run", async () => {
		const h = poolOf({ maxBlockingThreads: 2, maxQueue: 1, whenFull: "fail" }).bind(work);
		const large = "x".repeat(5_000);
		const calls = await Promise.all(
			Array.from({ length: 10 }, () =>
				h.identity(large).then(
					() => "ok",
					(error: unknown) => (error as Error).name,
				),
			),
		);
		expect(calls).toEqual(["ok", "ok", "ok", ...new Array<string>(7).fill("PoolFullError")]);
		const one = await heldPool({ maxBlockingThreads: 2, maxQueue: 0, whenFull: "fail" });
		expect(await one.h.add(1, 1)).toBe(2);
		one.letGo();
		await one.held;
	});

	it("tells producers when there is room", async () => {
		const { h, letGo, pool } = await heldPool({ maxQueue: 1 });
		await pool.ready();
		const large = "x".repeat(5_000);
		const waiting = spawn(h.identity(large));
		await until(() => pool.metrics().queued === 1);
		const room = spawn(pool.ready());
		await until(() => true);
		expect(room.isFinished).toBe(false);
		letGo();
		await room;
		expect(await waiting).toBe(large);
	});

	it("runs several calls that wait at once in one thread, if it is told so", async () => {
		const pool = poolOf({ callsPerThread: 3 });
		const h = pool.bind(work);
		const flag = flags();
		const results = await run(join([h.together(flag), h.together(flag), h.together(flag)]));
		expect(results).toEqual([3, 3, 3]);
		expect(pool.metrics().started).toBe(1);
	});

	it("tells the calls of one thread apart when one is dropped", async () => {
		const pool = poolOf({ callsPerThread: 2 });
		const h = pool.bind(work);
		const [a, b] = [flags(), flags()];
		const [first, second] = [spawn(h.wait.with(patient)(a)), spawn(h.wait.with(patient)(b))];
		await until(() => Atomics.load(a, 0) === 1 && Atomics.load(b, 0) === 1);
		second.abort();
		await second.then(undefined, () => {});
		expect([Atomics.load(a, 0), Atomics.load(b, 0)]).toEqual([1, 3]);
		first.abort();
		await first.then(undefined, () => {});
		expect(Atomics.load(a, 0)).toBe(3);
	});

	it("ends threads that have been idle for long, down to minThreads", async () => {
		const pool = poolOf({ maxBlockingThreads: 2, minThreads: 1, threadKeepAlive: 1 });
		await pool.warmUp(work);
		await until(() => pool.metrics().threads === 1);
		expect(await pool.bind(work).add(1, 1)).toBe(2);
		expect(pool.metrics().threads).toBe(1);
	});

	it("starts threads beforehand", async () => {
		const pool = poolOf({ maxBlockingThreads: 2 });
		await pool.warmUp(work);
		expect(pool.metrics()).toMatchObject({ threads: 2, idle: 2 });
		await pool.warmUp(work, 1);
		expect(pool.metrics().started).toBe(2);
	});

	it("replaces threads after so many calls", async () => {
		const pool = poolOf({ recycle: { afterCalls: 2 } });
		const h = pool.bind(work);
		const threads = new Set<number>();
		for (let i = 0; i < 6; i++) threads.add(await h.thread());
		expect(threads.size).toBe(3);
		expect(pool.metrics()).toMatchObject({ started: 3, lost: 0, completed: 6 });
	});

	it("replaces threads at an age", async () => {
		const pool = poolOf({ recycle: { afterTime: 0 } });
		const h = pool.bind(work);
		expect(await h.thread()).not.toBe(await h.thread());
	});

	it.runIf(sharesMemory())("replaces threads whose heap has grown", async () => {
		if ("Bun" in globalThis || "Deno" in globalThis) return;
		const pool = poolOf({ recycle: { aboveHeapMb: 1 } });
		const h = pool.bind(work);
		const thread = await h.thread();
		expect(await h.thread()).not.toBe(thread);
		expect(pool.metrics().lost).toBe(0);
	});

	it("starts a fresh thread in the place of one that still has a stream, which goes on", async () => {
		const pool = poolOf({ callsPerThread: 2, recycle: { afterCalls: 2 } });
		const h = pool.bind(work);
		await using stream = h.numbers(100);
		expect(await stream.recv()).toBe(0);
		const threads = [];
		for (let i = 0; i < 6; i++) threads.push(await h.thread());
		expect(new Set(threads).size).toBe(3);
		for (let i = 1; i < 100; i++) expect(await stream.recv()).toBe(i);
		expect(await stream.recv()).toBe(undefined);
		await until(() => pool.metrics().threads <= 1);
		expect(pool.metrics()).toMatchObject({ lost: 0, running: 0 });
	});

	it("starts a fresh thread in the place of one that has a channel, which goes on", async () => {
		const pool = poolOf({ recycle: { afterCalls: 1 } });
		const [tx, rx] = await pool.bind(talk).pair(1);
		const h = pool.bind(work);
		expect(await h.add(1, 1)).toBe(2);
		const sent = spawn(tx.send(7));
		expect(await rx.recv()).toBe(7);
		await sent;
		tx.close();
		rx.release();
		expect(await h.add(1, 2)).toBe(3);
		await until(() => pool.metrics().threads <= 1);
		expect(pool.metrics()).toMatchObject({ lost: 0, running: 0 });
	});

	it("runs the functions of several modules on the same threads", async () => {
		const pool = poolOf();
		expect(await pool.bind(work).add(1, 1)).toBe(2);
		expect(await pool.bind(other).double(4)).toBe(8);
		expect(pool.metrics().started).toBe(1);
	});

	it("counts, and measures times", async () => {
		const pool = poolOf();
		const h = pool.bind(work);
		for (let i = 0; i < 5; i++) await h.add(i, i);
		await h.throwing("Error", "x").then(undefined, () => {});
		await h.exit(1).then(undefined, () => {});
		const { completed, failed, lost, cancelled, runTime, waitTime } = pool.metrics();
		expect({ completed, failed, lost, cancelled }).toEqual({ completed: 5, failed: 1, lost: 1, cancelled: 0 });
		expect([runTime.count, waitTime.count]).toEqual([6, 6]);
		expect(runTime.max).toBeGreaterThanOrEqual(runTime.percentile(50));
		expect(runTime.percentile(50)).toBeLessThanOrEqual(runTime.percentile(99));
		expect(runTime.mean).toBeLessThanOrEqual(runTime.max);
		expect(() => runTime.percentile(101)).toThrow(RangeError);
	});

	it("starts threads with its name, and the environment and command line that it is given", async () => {
		const options = { name: "hashing", env: { YAMANOTE_MARK: "of the pool" }, execArgv: ["--no-warnings"] };
		const [mark, execArgv, name] = await poolOf(options).bind(work).environment("YAMANOTE_MARK");
		expect([mark, execArgv]).toEqual(["of the pool", ["--no-warnings"]]);
		// Not every engine says what a thread is called.
		expect(name || "hashing").toBe("hashing");
	});

	it("starts threads with the environment of the program, unless it is given one", async () => {
		process.env["YAMANOTE_MARK"] = "of the program";
		try {
			const [mark] = await poolOf().bind(work).environment("YAMANOTE_MARK");
			expect(mark).toBe("of the program");
		} finally {
			delete process.env["YAMANOTE_MARK"];
		}
	});

	it("refuses options out of range", () => {
		expect(() => new ThreadPool({ maxBlockingThreads: 0 })).toThrow(
			"maxBlockingThreads must be a whole number of at least 1, not 0",
		);
		expect(() => new ThreadPool({ maxBlockingThreads: 1.5 })).toThrow(RangeError);
		expect(() => new ThreadPool({ maxBlockingThreads: 1_000 })).toThrow(RangeError);
		expect(() => new ThreadPool({ callsPerThread: 0 })).toThrow(RangeError);
		expect(() => new ThreadPool({ threadKeepAlive: Number.NaN })).toThrow(RangeError);
		expect(() => new ThreadPool({ whenFull: "drop" as never })).toThrow(TypeError);
		expect(() => new ThreadPool({ recycle: 5 as never })).toThrow(TypeError);
		expect(() => new ThreadPool({ recycle: { aboveHeapMb: -1 } })).toThrow(RangeError);
		const pool = poolOf();
		for (const threads of [0, 1.5, Number.NaN]) expect(() => pool.warmUp(work, threads)).toThrow(RangeError);
		expect(() => pool.warmUp({})).toThrow(TypeError);
		expect(() => pool.shutdown(5 as never)).toThrow("shutdown: options must be an object, not 5");
	});
});

describe("shutdown of a pool", () => {
	it("waits for the calls that run or wait, takes no more, and ends all threads", async () => {
		const { pool, h, letGo, held } = await heldPool();
		const waiting = spawn(h.add(1, 1));
		await until(() => pool.metrics().queued === 1);
		const shutdown = spawn(pool.shutdown());
		await until(() => pool.core.isClosed);
		const refused = await h.add(1, 1).then(undefined, (error) => error);
		expect(refused).toBeInstanceOf(WorkerLost);
		expect((refused as WorkerLost).reason).toBe("shutdown");
		expect(shutdown.isFinished).toBe(false);
		letGo();
		await shutdown;
		expect([await held, await waiting]).toEqual(["held", 2]);
		expect(pool.metrics().threads).toBe(0);
	});

	it("ends what has not ended at its deadline", async () => {
		const { pool, h, held } = await heldPool();
		const waiting = spawn(h.add(1, 1));
		await until(() => pool.metrics().queued === 1);
		const reason = (error: unknown): unknown => (error as WorkerLost).reason;
		const outcomes = [held, waiting].map((one) => one.then(() => "returned", reason));
		await pool.shutdown({ timeout: 5 });
		expect(await Promise.all(outcomes)).toEqual(["shutdown", "shutdown"]);
		expect(pool.metrics()).toMatchObject({ threads: 0, queued: 0, running: 0 });
	});

	it("comes sooner when it is asked for again with a shorter time", async () => {
		const { pool, held } = await heldPool();
		const patient = spawn(pool.shutdown());
		await until(() => pool.core.isClosed);
		await pool.shutdown({ timeout: 5 });
		await patient;
		expect(await held.then(undefined, (error: unknown) => (error as WorkerLost).reason)).toBe("shutdown");
	});

	it("comes at the end of an `await using` block", async () => {
		const pool = new ThreadPool({ maxBlockingThreads: 1 });
		{
			await using disposed = pool;
			expect(await disposed.bind(work).add(2, 2)).toBe(4);
		}
		expect(pool.metrics().threads).toBe(0);
	});

	it("of a pool that never had a thread is nothing", async () => {
		await new ThreadPool().shutdown();
	});
});
