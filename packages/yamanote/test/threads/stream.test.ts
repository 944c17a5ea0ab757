import { beforeAll, describe, expect, it } from "vitest";
import { each, pending, run, spawn } from "yamanote";
import { assertPending, assertReady, mockTask } from "yamanote/testing";
import { ThreadPool } from "yamanote/threads";
import { flags, loadWork, until, type Work } from "./support/work.ts";

let work: Work;
let NotFound: Awaited<ReturnType<typeof loadWork>>["NotFound"];
/** However busy the machine is. */
const patient = { cleanupGrace: 600_000 };
beforeAll(async () => {
	({ work, NotFound } = await loadWork());
}, 60_000);

describe("a streaming function", () => {
	it("gives its items in order, and an end", async () => {
		const seen: number[] = [];
		for await (const n of work.numbers(100)) seen.push(n);
		expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i));
	});

	it("can be received from in generators", async () => {
		const seen: (number | undefined)[] = [];
		await run(function* () {
			const stream = work.numbers(2);
			for (let i = 0; i < 4; i++) seen.push(yield* stream.recv());
		});
		expect(seen).toEqual([0, 1, undefined, undefined]);
	});

	it("is taken by each", async () => {
		let sum = 0;
		await run(
			each(work.numbers(10), function* (n) {
				sum += n;
			}),
		);
		expect(sum).toBe(45);
	});

	it("runs nothing before the first wait, and is held when 16 items wait", async () => {
		const log = flags();
		const stream = work.numbers.with(patient)(1_000, log);
		expect(await work.add(1, 1)).toBe(2);
		expect(Atomics.load(log, 0)).toBe(0);
		expect(await stream.recv()).toBe(0);
		await until(() => Atomics.load(log, 0) >= 16);
		expect(await work.add.with({ priority: 1 })(1, 1)).toBe(2);
		expect(Atomics.load(log, 0)).toBeLessThanOrEqual(18);
		await stream.close();
	});

	it("is closed at its yield when it is left early, and its finally runs", async () => {
		const log = flags();
		for await (const n of work.numbers.with(patient)(1e9, log)) if (n === 20) break;
		expect(Atomics.load(log, 1)).toBe(1);
	});

	it("is closed at its yield when each is left early, or cancelled", async () => {
		const logs = [flags(), flags()];
		await run(each(work.numbers.with(patient)(1e9, logs[0]), (n) => async () => n < 20));
		expect(Atomics.load(logs[0] as Int32Array, 1)).toBe(1);
		const taking = spawn(each(work.numbers.with(patient)(1e9, logs[1]), () => pending()));
		await until(() => Atomics.load(logs[1] as Int32Array, 0) > 0);
		taking.abort();
		await taking.then(undefined, () => {});
		expect(Atomics.load(logs[1] as Int32Array, 1)).toBe(1);
	});

	it("is closed for all that ask for it at once", async () => {
		const log = flags();
		const stream = work.numbers.with(patient)(1e9, log);
		await stream.recv();
		await Promise.all([stream.close(), stream.close(), stream.close()]);
		expect(Atomics.load(log, 1)).toBe(1);
	});

	it("is closed by close() and by disposal, which wait for its cleanup", async () => {
		const log = flags();
		const stream = work.numbers.with(patient)(1e9, log);
		await stream.recv();
		await stream[Symbol.asyncDispose]();
		expect(Atomics.load(log, 1)).toBe(1);
		expect(await stream.recv()).toBe(undefined);
		await stream.close();
	});

	it("never begins if it is closed before", async () => {
		const log = flags();
		const stream = work.numbers(10, log);
		await stream.close();
		expect(await stream.recv()).toBe(undefined);
		expect(Atomics.load(log, 0)).toBe(0);
	});

	it("fails after the items that came before the failure", async () => {
		const seen: number[] = [];
		const reading = (async () => {
			for await (const n of work.failing(3)) seen.push(n);
		})();
		await expect(reading).rejects.toBeInstanceOf(NotFound);
		expect(seen).toEqual([0, 1, 2]);
	});

	it("fails at an item that cannot cross, and at undefined", async () => {
		const stream = work.odd();
		expect(await stream.recv()).toBe(1);
		await expect(stream.recv().then()).rejects.toThrow("the item is a function: send data");
		await expect(work.hole().recv().then()).rejects.toThrow(
			"a stream cannot carry undefined, which says that there are no more",
		);
	});

	it("answers waits in the order in which they began, whoever is polled first", async () => {
		const stream = work.numbers(3);
		const [a, b, c] = [mockTask(stream.recv()), mockTask(stream.recv()), mockTask(stream.recv())] as const;
		for (const wait of [a, b]) assertPending(wait.poll());
		await until(() => a.isWoken);
		// Also one that comes when there are items, but their turn has come for others.
		for (const wait of [c, b, c]) assertPending(wait.poll());
		expect(assertReady(a.poll())).toBe(0);
		await until(() => b.isWoken);
		assertPending(c.poll());
		expect(assertReady(b.poll())).toBe(1);
		await until(() => c.isWoken);
		expect(assertReady(c.poll())).toBe(2);
		expect(await Promise.all([stream.recv(), stream.recv()])).toEqual([undefined, undefined]);
	});

	it("passes the turn on when a wait is dropped that was woken, and loses no item", async () => {
		const stream = work.numbers(2);
		const [a, b, c] = [mockTask(stream.recv()), mockTask(stream.recv()), mockTask(stream.recv())] as const;
		for (const wait of [a, b, c]) assertPending(wait.poll());
		await until(() => a.isWoken);
		a.drop();
		expect(b.isWoken).toBe(true);
		expect(assertReady(b.poll())).toBe(0);
		c.drop();
		expect(await stream.recv()).toBe(1);
		expect(await stream.recv()).toBe(undefined);
	});

	it("gives its failure to the first that waits, and the end to the others", async () => {
		const stream = work.failing(1);
		const waits = [stream.recv(), stream.recv(), stream.recv()].map((wait) => wait.then());
		const [item, failure, end] = await Promise.allSettled(waits);
		expect([item, end]).toEqual([
			{ status: "fulfilled", value: 0 },
			{ status: "fulfilled", value: undefined },
		]);
		expect(failure).toMatchObject({ status: "rejected", reason: { name: "NotFound" } });
	});

	it("holds nobody up when it cannot begin: each that waits is told", async () => {
		const pool = new ThreadPool();
		const stream = pool.bind(work).numbers(2);
		await pool.shutdown();
		const waits = await Promise.allSettled([stream.recv(), stream.recv()]);
		expect(waits.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
	});

	it("loses no item when a wait for it is dropped", async () => {
		const stream = work.numbers(3);
		const first = stream.recv();
		first[Symbol.dispose]();
		const seen: unknown[] = [];
		for await (const n of stream) seen.push(n);
		expect(seen).toEqual([0, 1, 2]);
	});
});
