import { beforeAll, describe, expect, it } from "vitest";
import { spawn } from "yamanote";
import { type Remote, ThreadPool, WorkerLost } from "yamanote/threads";
import { load } from "../support/built.ts";
import { pools } from "./support/pools.ts";
import { flags, letGo, loadWork, until, type Work } from "./support/work.ts";

let work: Work;
beforeAll(async () => {
	({ work } = await loadWork());
}, 60_000);
const poolOf = pools();

const lost = async (call: PromiseLike<unknown>): Promise<WorkerLost> => {
	try {
		await call;
	} catch (error) {
		expect(error).toBeInstanceOf(WorkerLost);
		return error as WorkerLost;
	}
	throw new Error("it did not fail");
};

describe("a call whose thread", () => {
	it("ends, fails with WorkerLost, and the next call has a fresh thread", async () => {
		const h = poolOf().bind(work);
		const thread = await h.thread();
		const error = await lost(h.exit(3));
		expect([error.reason, error.message]).toEqual(["exit", "exit: its thread ended with code 3"]);
		expect(await h.thread()).not.toBe(thread);
	});

	it("throws where nobody can catch it, fails with that error as its cause", async () => {
		const error = await lost(poolOf().bind(work).crash());
		expect(error.reason).toBe("error");
		expect(error.message).toBe("crash: its thread died of an uncaught error: nothing has the number 500");
		expect((error.cause as Error).message).toBe("nothing has the number 500");
	});

	it("dies, does not take with it what had ended, and what waits", async () => {
		const pool = poolOf();
		const h = pool.bind(work);
		const flag = flags();
		const held = spawn(h.hold(flag));
		await until(() => Atomics.load(flag, 0) === 1);
		const all = [h.add(1, 1), h.exit(1), h.add(2, 2), h.fill(50_000), h.exit(1), h.add(3, 3)].map((call) =>
			call.then(
				(value) => (value instanceof Uint8Array ? value.length : value),
				(error) => (error as WorkerLost).reason,
			),
		);
		letGo(flag);
		expect(await held).toBe("held");
		const outcomes = await Promise.all(all);
		expect(pool.metrics().lost).toBe(2);
		expect(outcomes).toEqual([2, "exit", 4, 50_000, "exit", 6]);
		expect(pool.metrics().started).toBe(3);
	});

	it("dies while it streams, gives the items that came, then fails", async () => {
		const h = poolOf({ callsPerThread: 2 }).bind(work);
		const stream = h.numbers(1e9);
		expect(await stream.recv()).toBe(0);
		await lost(h.exit(0));
		const failing = (async () => {
			for await (const n of stream) if (n > 100) throw new Error("it should have ended");
		})();
		expect((await lost(failing)).reason).toBe("exit");
	});
});

describe("a module that cannot be loaded", () => {
	it("fails its calls with what it threw", async () => {
		const { broken } = await load<{ broken: Remote<{ f(): number }> }>("broken.worker.mjs");
		const h = poolOf().bind(broken);
		const error = await lost(h.f());
		expect(error.reason).toBe("load");
		expect(error.message).toContain(
			"broken.worker.mjs could not be loaded in a thread: this module does not load in a thread",
		);
		expect((error.cause as Error).message).toBe("this module does not load in a thread");
		expect((await lost(h.f())).reason).toBe("load");
	});

	it("fails its calls alone: those of other modules go on", async () => {
		const { broken } = await load<{ broken: Remote<{ f(): number }> }>("broken.worker.mjs");
		const pool = poolOf();
		const [bad, good] = [pool.bind(broken), pool.bind(work)];
		const failing = lost(bad.f());
		expect(await good.add(1, 2)).toBe(3);
		expect((await failing).reason).toBe("load");
		expect((await lost(bad.f())).reason).toBe("load");
		expect(await good.add(1, 3)).toBe(4);
	});

	it("that ends its thread is tried a few times, then given up", async () => {
		const { leaving } = await load<{ leaving: Remote<{ f(): number }> }>("leaving.worker.mjs");
		const pool = poolOf();
		const { reason, message } = await lost(pool.bind(leaving).f());
		// Together, so that a failure says how the last thread has ended.
		expect([reason, message.replace(/^\S+\/leaving/, "leaving"), pool.metrics().started]).toEqual([
			"load",
			"leaving.worker.mjs could not be loaded in a thread: its thread ended with code 0",
			3,
		]);
	});

	it("fails a warm-up", async () => {
		const { broken } = await load<{ broken: Remote<{ f(): number }> }>("broken.worker.mjs");
		expect((await lost(poolOf().warmUp(broken))).message).toContain("no thread came up for f");
	});
});

describe("a thread that runs out of memory", () => {
	it("takes its own call with it, and nothing else", async () => {
		if ("Bun" in globalThis || "Deno" in globalThis) return;
		const pool = new ThreadPool({ maxBlockingThreads: 2, resourceLimits: { maxOldGenerationSizeMb: 24 } });
		const h = pool.bind(work);
		const flag = flags();
		const held = spawn(h.hold(flag));
		await until(() => Atomics.load(flag, 0) === 1);
		const error = await lost(h.hoard());
		expect([error.reason, error.message]).toEqual(["memory", "hoard: its thread ran out of memory"]);
		letGo(flag);
		expect(await held).toBe("held");
		await pool.shutdown();
	}, 60_000);
});
