import { beforeAll, describe, expect, it } from "vitest";
import { CancelledError, run, spawn, yieldNow } from "yamanote";
import { NotSendError, type ParallelProgress, parallel, type ThreadPool, transfer, WorkerLost } from "yamanote/threads";
import { pools } from "./support/pools.ts";
import { type Each, flags, loadWork, sharesMemory, until } from "./support/work.ts";

let each: Each;
let NotFound: Awaited<ReturnType<typeof loadWork>>["NotFound"];
beforeAll(async () => {
	({ each, NotFound } = await loadWork());
}, 60_000);
const poolOf = pools();

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const failure = (call: PromiseLike<unknown>): Promise<unknown> =>
	Promise.resolve(call).then(
		() => {
			throw new Error("it did not fail");
		},
		(error) => error,
	);
/** However busy the machine is. */
const patient = { cleanupGrace: 600_000 };

describe("parallel over an array", () => {
	it("maps in the order of the items, whatever the chunks", async () => {
		const expected = upTo(1_000).map((n) => 2 * n);
		for (const chunk of [undefined, 1, 7, 1_000, 5_000])
			expect(await parallel(upTo(1_000), { chunk, inPlace: false }).map(each.double)).toEqual(expected);
	});

	it("gives the function the item alone, and what stands behind it", async () => {
		expect(await parallel(["a", "bb", ""]).map(each.length)).toEqual([1, 2, 0]);
		expect(await parallel([1, 2, 3]).map(each.addTo, 10)).toEqual([11, 12, 13]);
	});

	it("copies the items, so that the caller's own stay as they are", async () => {
		const items = [{ n: 1 }, { n: 2 }];
		expect(await parallel(items).map(each.mutate)).toEqual([{ n: 0 }, { n: 0 }]);
		expect(items).toEqual([{ n: 1 }, { n: 2 }]);
	});

	it("filters: the items themselves, in their order", async () => {
		expect(await parallel(upTo(500)).filter(each.isEven)).toEqual(upTo(500).filter((n) => n % 2 === 0));
		const items = [{ name: "a" }, { name: "b" }];
		const kept = await parallel(items, { chunk: 1 }).filter(each.text as never);
		expect(kept.map((item) => items.indexOf(item as never))).toEqual([0, 1]);
	});

	it("sums up, finds the least and the greatest", async () => {
		for (const n of [1, 2, 300]) {
			expect(await parallel(upTo(n)).sum(each.double)).toBe(n * (n - 1));
			expect(await parallel(upTo(n)).min(each.double)).toBe(0);
			expect(await parallel(upTo(n)).max(each.double)).toBe(2 * (n - 1));
		}
		expect(await parallel([1, Number.NaN, 3], { chunk: 1 }).max(each.double)).toBeNaN();
	});

	it("reduces neighbours in their order, after the value to begin with", async () => {
		const letters = [..."the quick brown fox jumps over the lazy dog"];
		for (const chunk of [undefined, 1, 5, 100]) {
			expect(await parallel(letters, { chunk }).reduce(each.append)).toBe(letters.join(""));
			expect(await parallel(letters, { chunk }).reduce(each.append, "> ")).toBe(`> ${letters.join("")}`);
		}
	});

	it("of nothing asks no thread", async () => {
		const pool = poolOf();
		const none = parallel([] as number[], { pool });
		expect(await none.map(each.double)).toEqual([]);
		expect(await none.filter(each.isEven)).toEqual([]);
		expect(await none.sum(each.double)).toBe(0);
		expect(await none.min(each.double)).toBeUndefined();
		expect(await none.max(each.double)).toBeUndefined();
		expect(await none.forEach(each.double)).toBeUndefined();
		expect(await parallel([] as string[], { pool }).reduce(each.append, "none")).toBe("none");
		expect(await failure(parallel([] as string[], { pool }).reduce(each.append))).toMatchObject({
			name: "TypeError",
			message: "parallel: reduce() of no items needs a value to begin with",
		});
		expect(pool.metrics().started).toBe(0);
	});

	it("of one item is one call", async () => {
		const pool = poolOf();
		expect(await parallel([21], { pool, inPlace: false }).map(each.double)).toEqual([42]);
		expect(await parallel(["one"], { pool, inPlace: false }).reduce(each.append)).toBe("one");
		expect(pool.metrics()).toMatchObject({ completed: 2, started: 1 });
	});

	it("runs functions that wait, and tasks", async () => {
		expect(await parallel(upTo(20)).map(each.later)).toEqual(upTo(20).map((n) => n + 1));
		expect(await parallel(upTo(20), { chunk: 3 }).map(each.task)).toEqual(upTo(20).map((n) => n + 1));
		expect(await parallel(upTo(20)).sum(each.later)).toBe(210);
	});
});

describe("parallel over a range", () => {
	it("counts as a loop does", async () => {
		expect(await parallel({ to: 4 }).map(each.double)).toEqual([0, 2, 4, 6]);
		expect(await parallel({ from: 3, to: 6 }).map(each.double)).toEqual([6, 8, 10]);
		expect(await parallel({ from: 10, to: 0, step: -4 }).map(each.double)).toEqual([20, 12, 4]);
		expect(await parallel({ from: 0, to: 1, step: 0.25 }).map(each.double)).toEqual([0, 0.5, 1, 1.5]);
		expect(await parallel({ from: 5, to: 5 }).map(each.double)).toEqual([]);
		expect(await parallel({ from: 5, to: 1 }).map(each.double)).toEqual([]);
	});

	it("may be huge: nothing is made of it", async () => {
		expect(await parallel({ to: 1e13 }).chunks().sum(each.span)).toBe(1e13);
		expect(await parallel({ from: 2 ** 40, to: 2 ** 40 + 3 }).map(each.double)).toEqual(
			[2, 2, 2].map((k, i) => k * (2 ** 40 + i)),
		);
	});
});

describe("parallel over a typed array", () => {
	it("reads shared memory where it is, and writes into it", async () => {
		const shared = new Float64Array(new SharedArrayBuffer(8_000));
		await parallel({ to: 1_000 }).forEach(each.square, shared);
		expect([...shared]).toEqual(upTo(1_000).map((n) => n * n));
		expect(await parallel(shared.subarray(10, 13)).map(each.double)).toEqual([200, 242, 288]);
		expect(await parallel(shared).chunks().sum(each.sum)).toBe(upTo(1_000).reduce((sum, n) => sum + n * n, 0));
	});

	it("copies other memory", async () => {
		const own = Uint16Array.from(upTo(2_000));
		expect(await parallel(own).max(each.double)).toBe(3_998);
		expect(await parallel(own).filter(each.isEven)).toHaveLength(1_000);
		expect(await parallel(own.subarray(5), { chunk: 100 }).chunks().map(each.sum)).toHaveLength(20);
		expect(own[7]).toBe(7);
	});

	it("gives groups of the same class, which cover it", async () => {
		const shared = new Int32Array(new SharedArrayBuffer(400)).fill(1);
		const sums = await parallel(shared, { chunk: 30 }).chunks().map(each.sum);
		expect(sums).toEqual([30, 30, 30, 10]);
		expect(await parallel(upTo(10), { chunk: 4 }).chunks().map(each.sum)).toEqual([6, 22, 17]);
	});
});

describe("chunks", () => {
	it("are handed out to all threads, and a thread that is done takes the next", async () => {
		const pool = poolOf({ maxBlockingThreads: 2 });
		await pool.warmUp(each);
		// The first item takes as long as all others: whoever has not got it does these.
		const threads = await parallel([100_000, ...upTo(100).map(() => 1_000)], { pool }).map(each.busy);
		const first = threads[0];
		expect(new Set(threads).size).toBe(2);
		expect(threads.filter((thread) => thread === first).length).toBeLessThan(90);
	});

	it("run on as many threads as they may", async () => {
		const pool = poolOf({ maxBlockingThreads: 2 });
		await pool.warmUp(each);
		const flag = flags(3);
		const all = spawn(parallel(upTo(20), { pool, chunk: 1, concurrency: 1 }).map(each.held, flag));
		await until(() => Atomics.load(flag, 0) === 1);
		expect(pool.metrics()).toMatchObject({ running: 1, queued: 0 });
		Atomics.store(flag, 1, 1);
		expect(await all).toEqual(upTo(20));
	});

	it("of a size that was asked for are of that size", async () => {
		const pool = poolOf();
		await parallel(upTo(100), { pool, chunk: 8 }).map(each.double);
		expect(pool.metrics().completed).toBe(13);
	});

	it("are told of as they end", async () => {
		const told: ParallelProgress[] = [];
		await parallel(upTo(10), { chunk: 3, onProgress: (progress) => told.push(progress) }).map(each.double);
		expect(told).toHaveLength(4);
		expect(told.at(-1)).toEqual({ done: 10, total: 10 });
		expect(told.every(({ done }, i) => i === 0 || done > (told[i - 1]?.done ?? 0))).toBe(true);
	});

	it("are no use to an operation whose onProgress throws", async () => {
		const onProgress = (): never => {
			throw new RangeError("enough");
		};
		expect(await failure(parallel(upTo(10), { chunk: 1, onProgress }).map(each.double))).toEqual(
			new RangeError("enough"),
		);
	});
});

describe("a parallel operation", () => {
	it("is lazy, and can be run but once", async () => {
		const pool = poolOf();
		const future = parallel([1], { pool }).map(each.double);
		expect(pool.metrics().started).toBe(0);
		expect(await future).toEqual([2]);
	});

	it.runIf(sharesMemory())("that is dropped takes back what waits, and stops what runs between two items", async () => {
		const pool = poolOf({ maxBlockingThreads: 1 });
		const flag = flags(3);
		const held = each.held.with(patient);
		const handle = spawn(parallel({ to: 1_000 }, { pool, chunk: 100 }).forEach(held, flag));
		await until(() => Atomics.load(flag, 0) === 1);
		handle.abort();
		expect(await failure(handle.then())).toBeInstanceOf(CancelledError);
		// The item that ran saw it; no other was begun.
		expect([...flag]).toEqual([1, 0, 1]);
		await until(() => pool.metrics().running === 0);
		expect(pool.metrics()).toMatchObject({ queued: 0, running: 0, abandoned: 0 });
	});

	it("fails with the first failure, and cancels the rest", async () => {
		const pool = poolOf({ maxBlockingThreads: 2 });
		const failing = each.failAt.with(patient);
		const error = await failure(parallel(upTo(10_000), { pool, chunk: 10 }).map(failing, 15));
		expect(error).toBeInstanceOf(NotFound);
		expect((error as Error).message).toBe("nothing has the number 15");
		expect(pool.metrics().completed).toBeLessThan(1_000);
		await until(() => pool.metrics().running === 0);
		expect(pool.metrics().queued).toBe(0);
		// It has left nothing behind.
		expect(await parallel(upTo(10), { pool }).map(each.addTo, 1)).toEqual(upTo(10).map((n) => n + 1));
	});

	it("says where the function threw", async () => {
		const error = (await failure(parallel([1, 2, 3], { inPlace: false }).map(each.failAt, 2))) as Error;
		expect(error.stack).toContain("work.worker.mjs");
		expect(error.stack).not.toContain("chunk-work");
		expect(error.stack).toContain("failAt (called from another thread");
	});

	it("fails when its thread dies, and only then", async () => {
		const pool = poolOf();
		const error = await failure(parallel(upTo(100), { pool, chunk: 10 }).map(each.exitAt, 35));
		expect(error).toBeInstanceOf(WorkerLost);
		expect((error as WorkerLost).reason).toBe("exit");
		expect(await parallel(upTo(100), { pool }).map(each.exitAt, -1)).toEqual(upTo(100));
	});

	it("refuses items that cannot cross, by their place", async () => {
		const items: unknown[] = [1, 2, 3, { run() {} }, 5];
		const error = await failure(parallel(items as number[], { chunk: 2 }).map(each.double));
		expect(error).toBeInstanceOf(NotSendError);
		expect(error).toMatchObject({ path: "items[3].run" });
		expect((error as Error).message).toContain("items[3].run is a function");
	});

	it("refuses arguments that can only move", async () => {
		const { port1, port2 } = new MessageChannel();
		const error = await failure(parallel([1]).map(each.double as never, transfer(port1)));
		expect(error).toBeInstanceOf(NotSendError);
		port1.close();
		port2.close();
	});

	it("refuses results of the wrong kind", async () => {
		expect(await failure(parallel([1]).sum(each.text))).toMatchObject({
			name: "TypeError",
			message: 'the function gave "text", not a number: reduce() takes other values',
		});
	});

	it("inside its own worker runs in place", async () => {
		expect(await each.nested(100)).toBe(9_900);
	});

	it("works where each call has a thread of its own", async () => {
		const pool = poolOf({ maxBlockingThreads: 2, recycle: { afterCalls: 1 } });
		expect(await parallel(upTo(12), { pool, chunk: 3 }).map(each.addTo, 1)).toEqual(upTo(12).map((n) => n + 1));
	});
});

describe("few quick items", () => {
	it("are done in place once many were seen to be quick", async () => {
		const pool = poolOf();
		const few = parallel(Float64Array.from(upTo(10)), { pool });
		const completed = (): number => pool.metrics().completed;
		await few.map(each.quick);
		expect(completed()).toBeGreaterThan(0);
		const before = completed();
		await few.map(each.quick);
		expect(completed()).toBeGreaterThan(before);
		// However busy the machine is: a while after the last slow one.
		for (let at = -1; at !== completed(); ) {
			at = completed();
			await parallel({ to: 1_000 }, { pool, chunk: 100 }).map(each.quick);
			at += 10;
			await few.map(each.quick);
		}
		expect(await few.map(each.quick)).toEqual(upTo(10));
		const asked = completed();
		await parallel(Float64Array.from(upTo(10)), { pool, inPlace: false }).map(each.quick);
		expect(completed()).toBeGreaterThan(asked);
	});

	it("give other tasks their turn, however many operations follow each other", async () => {
		const pool = poolOf();
		const few = parallel(Float64Array.from(upTo(10)), { pool });
		let turns = 0;
		let over = false;
		const operations = function* () {
			// However busy the machine is: a while after the last slow one.
			for (let asked = -1; asked !== pool.metrics().completed; ) {
				yield* parallel({ to: 1_000 }, { pool, chunk: 100 }).map(each.quick);
				asked = pool.metrics().completed;
				turns = 0;
				for (let i = 0; i < 1_000; i++) yield* few.map(each.quick);
			}
			over = true;
		};
		await run(function* () {
			const others = spawn(operations);
			while (!over) {
				turns++;
				yield* yieldNow();
			}
			yield* others;
		});
		expect(turns).toBeGreaterThan(5);
	});

	it("are left to threads if one of them was slow", async () => {
		const pool = poolOf();
		await parallel([...upTo(600).map(() => 0), 2_000], { pool }).map(each.busyOnce);
		const { completed } = pool.metrics();
		await parallel([0], { pool }).map(each.busyOnce);
		expect(pool.metrics().completed).toBe(completed + 1);
	});

	it("are taken over by threads if they turn out to be slow", async () => {
		const pool = poolOf();
		// However busy the machine is: in the end it is done here, and then there.
		for (;;) {
			await parallel(upTo(1_000).fill(0), { pool, chunk: 100 }).map(each.maybeBusy);
			const threads = await parallel([500, 1, 1, 1, 1], { pool }).map(each.maybeBusy);
			expect(threads.slice(1).every((thread) => thread === threads[4])).toBe(true);
			if (threads[0] !== threads[4]) break;
		}
	});

	it("give what belongs to the caller alone", async () => {
		for (let i = 0; i < 5; i++)
			expect(await parallel([1, 2]).map(each.pair)).toEqual([
				{ n: 1, twice: 2 },
				{ n: 2, twice: 4 },
			]);
	});

	it("are the caller's own memory only if that is shared", async () => {
		const pool = poolOf();
		const mine = Float64Array.from(upTo(600));
		const shared = new Float64Array(new SharedArrayBuffer(8 * 600));
		for (const items of [mine, shared]) {
			// However busy the machine is: in the end it is done here.
			for (let asked = -1; asked !== pool.metrics().completed; ) {
				asked = pool.metrics().completed;
				expect(await parallel(items, { pool }).chunks().sum(each.overwrite)).toBe(600);
			}
		}
		expect(mine).toEqual(Float64Array.from(upTo(600)));
		expect(shared).toEqual(new Float64Array(600).fill(1));
	});

	it.runIf(sharesMemory())(
		"are what they were at the beginning also where they are left to threads later",
		async () => {
			const pool = poolOf();
			// However busy the machine is: in the end it begins here.
			for (let begunHere = false; !begunHere; ) {
				await parallel({ to: 1_000 }, { pool, chunk: 100 }).map(each.waitsIfNegative);
				const { completed } = pool.metrics();
				const mine = Float64Array.of(-1, 5, 5);
				const made = spawn(parallel(mine, { pool }).map(each.waitsIfNegative));
				await run(yieldNow());
				begunHere = pool.metrics().completed === completed && pool.metrics().running + pool.metrics().queued === 0;
				mine.fill(9);
				expect(await made).toEqual([-1, 5, 5]);
			}
		},
	);

	it("are left to threads if they are objects", async () => {
		const pool = poolOf();
		for (let i = 0; i < 5; i++) await parallel([{ n: i }], { pool }).map(each.mutate);
		expect(pool.metrics().completed).toBe(5);
	});
});

describe("parallel refuses", () => {
	it("what is no array, typed array or range", () => {
		expect(() => parallel(new Set([1]) as never)).toThrow(
			"parallel: give an array, a typed array, or a range { from, to }, not",
		);
		expect(() => parallel(new Set([1]) as never)).toThrow("write [...it]");
		expect(() => parallel(5 as never)).toThrow(TypeError);
		expect(() => parallel(null as never)).toThrow(TypeError);
		expect(() => parallel(new DataView(new ArrayBuffer(1)) as never)).toThrow(TypeError);
		expect(() => parallel({ to: Number.NaN })).toThrow("to of the range must be a finite number, not NaN");
		expect(() => parallel({ to: 1, step: 0 })).toThrow("step of the range must not be 0");
		expect(() => parallel({ to: Number.MAX_VALUE })).toThrow(RangeError);
	});

	it("options out of range", () => {
		expect(() => parallel([], { chunk: 0 })).toThrow("parallel: chunk must be a whole number of at least 1, not 0");
		expect(() => parallel([], { concurrency: 1.5 })).toThrow(RangeError);
		expect(() => parallel([], { pool: {} as ThreadPool })).toThrow("parallel: pool must be a ThreadPool");
	});

	it("functions that no thread has, and functions that stream", () => {
		expect(() => parallel([1]).map(((n: number) => n) as never)).toThrow("parallel().map: ");
		expect(() => parallel([1]).map(each.streams as never)).toThrow("parallel().map: streams streams");
	});
});

describe("a parallel operation as a task", () => {
	it("can be waited for in generators", async () => {
		const sum = await run(function* () {
			const doubled = yield* parallel([1, 2, 3]).map(each.double);
			return yield* parallel(doubled).sum(each.double);
		});
		expect(sum).toBe(24);
	});
});
