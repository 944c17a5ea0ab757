/** `parallel` over items that all threads see, and take by themselves. */
import { beforeAll, describe, expect, it } from "vitest";
import { CancelledError, spawn } from "yamanote";
import { type Parallel, type ParallelProgress, parallel, WorkerLost } from "yamanote/threads";
import { pools } from "./support/pools.ts";
import { type Each, flags, letGo, loadWork, sharesMemory, until, type Work } from "./support/work.ts";

let each: Each;
let work: Work;
beforeAll(async () => {
	({ each, work } = await loadWork());
}, 60_000);
const poolOf = pools();

const MANY = 200_000;
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const shared = (values: ArrayLike<number>): Float64Array => {
	const xs = new Float64Array(new SharedArrayBuffer(values.length * 8));
	xs.set(values);
	return xs;
};
const failure = (call: PromiseLike<unknown>): Promise<unknown> =>
	Promise.resolve(call).then(
		() => {
			throw new Error("it did not fail");
		},
		(error) => error,
	);

describe.runIf(sharesMemory())("items that threads take by themselves", () => {
	it("are each done once, and come in their order", async () => {
		const pool = poolOf({ maxBlockingThreads: 2 });
		const seen = new Int32Array(new SharedArrayBuffer(4 * MANY));
		const options = { pool, inPlace: false };
		const all: Parallel<number>[] = [
			parallel({ to: MANY }, options),
			parallel(shared(upTo(MANY)), options),
			parallel(upTo(MANY), options),
		];
		for (const items of all) {
			await items.forEach(each.mark, seen);
			expect(seen.every((times) => times === 1)).toBe(true);
			seen.fill(0);
			const doubled = await items.map(each.double);
			expect(doubled).toHaveLength(MANY);
			expect(doubled.findIndex((x, i) => x !== 2 * i)).toBe(-1);
			const even = await items.filter(each.isEven);
			expect(even).toHaveLength(MANY / 2);
			expect(even.findIndex((x, i) => x !== 2 * i)).toBe(-1);
		}
	});

	it("are summed up, compared and folded", async () => {
		const pool = poolOf({ maxBlockingThreads: 2 });
		const items = parallel({ to: MANY }, { pool, inPlace: false });
		const sum = (MANY * (MANY - 1)) / 2;
		expect(await items.sum(each.double)).toBe(2 * sum);
		expect(await items.min(each.double)).toBe(0);
		expect(await items.max(each.double)).toBe(2 * (MANY - 1));
		expect(await items.reduce(each.addTo)).toBe(sum);
		// What it begins with counts once.
		expect(await items.reduce(each.addTo, 0.5)).toBe(sum + 0.5);
		expect(await items.chunks().sum(each.span)).toBe(MANY);
		expect(
			await parallel(shared(upTo(MANY)), { pool })
				.chunks()
				.sum(each.sum),
		).toBe(sum);
	});

	it("may wait, and be tasks", async () => {
		const pool = poolOf({ maxBlockingThreads: 2 });
		expect(await parallel({ to: 300 }, { pool, inPlace: false }).map(each.late)).toEqual(upTo(300));
		expect(await parallel({ to: 30 }, { pool, inPlace: false }).map(each.lateTask)).toEqual(upTo(30));
	});

	it("are given back by a thread that is held up", async () => {
		const pool = poolOf({ maxBlockingThreads: 2 });
		await pool.warmUp(each);
		// The first item takes as long as all others: whoever has not got it does these.
		const items = shared([100_000, ...upTo(100).map(() => 1_000)]);
		const threads = await parallel(items, { pool }).map(each.skewed);
		expect(threads).toHaveLength(101);
		expect(new Set(threads).size).toBe(2);
		expect(threads.filter((thread) => thread === threads[0]).length).toBeLessThan(90);
	});

	it("are done by those threads that have time", async () => {
		const pool = poolOf({ maxBlockingThreads: 2 });
		await pool.warmUp(each);
		const flag = flags();
		const held = spawn(work.hold.with({ pool })(flag));
		await until(() => Atomics.load(flag, 0) === 1);
		expect(await parallel({ to: MANY }, { pool, inPlace: false }).sum(each.double)).toBe(MANY * (MANY - 1));
		expect(pool.metrics()).toMatchObject({ running: 1, queued: 0 });
		letGo(flag);
		await held;
	});

	it("let other calls have their turn", async () => {
		const pool = poolOf({ maxBlockingThreads: 2 });
		await pool.warmUp(each);
		const begun = flags(1);
		const long = spawn(parallel({ to: 2_000 }, { pool }).forEach(each.tick, begun));
		// They know by now how long one takes.
		await until(() => Atomics.load(begun, 0) > 200);
		for (let i = 0; i < 3; i++) expect(await work.identity.with({ pool })(i)).toBe(i);
		// They would have waited for all of it.
		expect(Atomics.load(begun, 0)).toBeLessThan(2_000);
		await long;
		expect(begun[0]).toBe(2_000);
	});

	it("are told of as they are done", async () => {
		const pool = poolOf({ maxBlockingThreads: 2 });
		const told: ParallelProgress[] = [];
		const onProgress = (progress: ParallelProgress): void => void told.push(progress);
		await parallel({ to: 200 }, { pool, onProgress }).forEach(each.millisecond);
		expect(told.length).toBeGreaterThan(5);
		expect(told.at(-1)).toEqual({ done: 200, total: 200 });
		expect(told.every(({ done }, i) => i === 0 || done > (told[i - 1]?.done ?? 0))).toBe(true);
	});

	it("are left alone when the operation is dropped", async () => {
		const pool = poolOf({ maxBlockingThreads: 2 });
		const flag = flags(3);
		const held = each.held.with({ cleanupGrace: 600_000 });
		const items = parallel({ to: 1_000 }, { pool });
		for (const operation of [items, items.chunks()]) {
			flag.fill(0);
			const handle = spawn(operation.forEach(held as never, flag));
			await until(() => Atomics.load(flag, 0) === 2);
			handle.abort();
			expect(await failure(handle.then())).toBeInstanceOf(CancelledError);
			// What ran saw it; nothing else was begun.
			expect([...flag]).toEqual([2, 0, 2]);
		}
		await until(() => pool.metrics().running === 0);
		expect(pool.metrics()).toMatchObject({ queued: 0, running: 0, abandoned: 0 });
	});

	it("are left alone when one has failed, or its thread has died", async () => {
		const pool = poolOf({ maxBlockingThreads: 2 });
		const error = (await failure(parallel({ to: MANY }, { pool, inPlace: false }).map(each.failAt, 150))) as Error;
		expect(error.message).toBe("nothing has the number 150");
		await until(() => pool.metrics().running === 0);
		const lost = await failure(parallel({ to: MANY }, { pool, inPlace: false }).map(each.exitAt, 150));
		expect(lost).toBeInstanceOf(WorkerLost);
		await until(() => pool.metrics().running === 0);
		expect(pool.metrics().queued).toBe(0);
		expect(await parallel({ to: MANY }, { pool, inPlace: false }).sum(each.double)).toBe(MANY * (MANY - 1));
	});
});
