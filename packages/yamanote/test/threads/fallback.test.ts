// Threads where memory cannot be shared, as on a page that is not cross-origin isolated: everything goes by messages.
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { CancelledError, CleanupTimeout, Runtime, type TaskFailure } from "yamanote";
import { ThreadPool } from "yamanote/threads";
import { flags, letGo, loadWork, until, type Work } from "./support/work.ts";

// What such a page says of itself. The memory that the tests look at is still shared.
(globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated = false;

let work: Work;
beforeAll(async () => {
	({ work } = await loadWork());
}, 60_000);

describe("without shared memory", () => {
	let runtime: Runtime;
	afterEach(() => runtime.shutdown());

	it("a function that never waits is not told that its call was dropped: it is given up after its grace", async () => {
		const told: TaskFailure[] = [];
		runtime = new Runtime({ cleanupGrace: 5, onUnhandled: (failure) => told.push(failure) });
		const pool = new ThreadPool({ maxBlockingThreads: 1 });
		const flag = flags();
		const handle = runtime.spawn(pool.bind(work).spin(flag));
		await until(() => Atomics.load(flag, 0) === 1);
		handle.abort();
		await expect(handle.then()).rejects.toBeInstanceOf(CancelledError);
		expect(told[0]?.error).toBeInstanceOf(CleanupTimeout);
		expect([Atomics.load(flag, 0), pool.metrics().abandoned]).toEqual([1, 1]);
		letGo(flag);
		await until(() => pool.metrics().abandoned === 0);
		await pool.shutdown();
	});

	it("a fresh thread starts in the place of one that still has a stream", async () => {
		runtime = new Runtime();
		const pool = new ThreadPool({ maxBlockingThreads: 1, callsPerThread: 2, recycle: { afterCalls: 2 } });
		const h = pool.bind(work);
		const stream = h.numbers(100);
		expect(await stream.recv()).toBe(0);
		const threads = new Set<number>();
		for (let i = 0; i < 4; i++) threads.add(await h.thread());
		expect(threads.size).toBe(2);
		await stream.close();
		await pool.shutdown();
	});
});

describe("without shared memory", async () => {
	await import("./define-worker.test.ts");
	await import("./stream.test.ts");
	await import("./cancel.test.ts");
	await import("./parallel.test.ts");
	await import("./links.test.ts");
	await import("./death.test.ts");
});
