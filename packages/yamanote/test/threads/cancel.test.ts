import { beforeAll, describe, expect, it } from "vitest";
import {
	attempt,
	CancelledError,
	CleanupTimeout,
	type Future,
	Runtime,
	race,
	ready,
	run,
	sleep,
	spawn,
	type TaskFailure,
} from "yamanote";
import { abortSignal, isAborted, parallel, transfer } from "yamanote/threads";
import { hostTurns } from "../support/host.ts";
import { pools } from "./support/pools.ts";
import { flags, letGo, loadWork, sharesMemory, until, type Work } from "./support/work.ts";

let work: Work;
beforeAll(async () => {
	({ work } = await loadWork());
}, 60_000);

const poolOf = pools();
/** However busy the machine is. */
const patient = { cleanupGrace: 600_000 };

/** Starts a call, waits until it runs, and aborts it. */
async function abortRunning(call: Future<unknown, unknown>, flag: Int32Array): Promise<unknown> {
	const handle = spawn(call);
	await until(() => Atomics.load(flag, 0) === 1);
	handle.abort();
	return handle.then(
		() => "returned",
		(error) => error,
	);
}

it("a paused clock waits for a call, also after one that could not be sent", async () => {
	const pool = poolOf();
	const h = pool.bind(work);
	const runtime = new Runtime({ startPaused: true });
	await h.add(1, 1);
	await until(() => pool.metrics().idle === 1);
	const { port1, port2 } = new MessageChannel();
	structuredClone(null, { transfer: [port1] });
	const refused = await runtime.blockOn(attempt(h.identity(transfer(port1) as never)));
	// The engine's own error: a DataCloneError, or a TypeError in Bun.
	expect(refused).toMatchObject({ ok: false, error: expect.any(Error) });
	port2.close();
	const flag = flags();
	const slept = runtime.spawn(function* () {
		const held = runtime.spawn(h.hold(flag));
		yield* sleep(60_000);
		return held.isFinished;
	});
	await until(() => Atomics.load(flag, 0) === 1);
	await hostTurns(10);
	letGo(flag);
	expect(await slept).toBe(true);
	await runtime.shutdown();
});

describe("a call that is dropped", () => {
	it("while it waits for a thread, never runs", async () => {
		const pool = poolOf();
		const h = pool.bind(work);
		const flag = flags();
		const first = spawn(h.hold(flag));
		await until(() => Atomics.load(flag, 0) === 1);
		const waiting = spawn(h.count());
		const posted = spawn(h.fill(100_000));
		await until(() => pool.metrics().queued === 2);
		waiting.abort();
		posted.abort();
		await expect(waiting.then()).rejects.toBeInstanceOf(CancelledError);
		await expect(posted.then()).rejects.toBeInstanceOf(CancelledError);
		expect(pool.metrics().queued).toBe(0);
		letGo(flag);
		expect(await first).toBe("held");
		expect(await h.count()).toBe(1);
		expect([pool.metrics().cancelled, pool.metrics().completed]).toEqual([2, 2]);
	});

	it.runIf(sharesMemory())(
		"while it runs, sees it by isAborted(), and its caller goes on when it has ended",
		async () => {
			const flag = flags();
			expect(await abortRunning(poolOf().bind(work).spin.with(patient)(flag), flag)).toBeInstanceOf(CancelledError);
			expect(Atomics.load(flag, 0)).toBe(3);
		},
	);

	it("while it waits, sees it by abortSignal()", async () => {
		const flag = flags();
		expect(await abortRunning(poolOf().bind(work).wait.with(patient)(flag), flag)).toBeInstanceOf(CancelledError);
		expect(Atomics.load(flag, 0)).toBe(3);
	});

	it("is cancelled at its wait if it is a task, and its finally runs", async () => {
		const flag = flags();
		expect(await abortRunning(poolOf().bind(work).waitAsTask.with(patient)(flag), flag)).toBeInstanceOf(CancelledError);
		expect(Atomics.load(flag, 0)).toBe(3);
	});

	it.runIf(sharesMemory())("leaves its thread alive, and ready for the next", async () => {
		const pool = poolOf();
		const h = pool.bind(work);
		const thread = await h.thread();
		const flag = flags();
		await abortRunning(h.spin.with(patient)(flag), flag);
		expect(await h.thread()).toBe(thread);
		expect(pool.metrics().started).toBe(1);
	});

	it("by a lost race costs its caller nothing when no thread has it", async () => {
		expect(await run(race([work.fib(5), ready("first")]))).toBeDefined();
	});

	it("is waited for within its grace, then given up; that is reported, and so is what it throws later", async () => {
		const told: TaskFailure[] = [];
		const runtime = new Runtime({ cleanupGrace: 5, onUnhandled: (failure) => told.push(failure) });
		const pool = poolOf();
		const flag = flags();
		const call = pool.bind(work).lateFailure(flag);
		const handle = runtime.spawn(call);
		await until(() => Atomics.load(flag, 0) === 1);
		handle.abort();
		await expect(handle.then()).rejects.toBeInstanceOf(CancelledError);
		expect(pool.metrics().abandoned).toBe(1);
		expect(told[0]?.error).toBeInstanceOf(CleanupTimeout);
		expect(String(told[0]?.error)).toContain("lateFailure on a worker thread");
		letGo(flag);
		await until(() => told.length === 2);
		expect(String(told[1]?.error)).toContain("nothing has the number 404");
		expect(pool.metrics().abandoned).toBe(0);
		await runtime.shutdown();
	});

	it("is killed with its thread after its grace, if it is told so", async () => {
		const pool = poolOf();
		const h = pool.bind(work);
		const thread = await h.thread();
		const flag = flags();
		const outcome = await abortRunning(h.forever.with({ killOnAbort: true, cleanupGrace: 5 })(flag), flag);
		expect(outcome).toBeInstanceOf(CancelledError);
		expect(await h.thread()).not.toBe(thread);
		expect(pool.metrics().started).toBe(2);
	});

	it("cannot be one that is killed where threads run other calls meanwhile: these would be lost with it", () => {
		const pool = poolOf({ callsPerThread: 2 });
		const kill = { killOnAbort: true };
		const say = "killOnAbort: a thread of this pool runs up to 2 calls at a time";
		expect(() => pool.bind(work).add.with(kill)).toThrow(say);
		expect(() => work.add.with({ ...kill, pool })).toThrow(TypeError);
		expect(() => pool.bind({ add: work.add.with(kill) })).toThrow(say);
		expect(() => parallel([1, 2], { pool }).map(work.fib.with(kill))).toThrow(say);
		expect(() => work.add.with(kill).with({ pool, killOnAbort: false })).not.toThrow();
		expect(() => poolOf().bind(work).add.with(kill)).not.toThrow();
	});

	it.runIf(sharesMemory())("is not killed if it ends within its grace", async () => {
		const pool = poolOf();
		const h = pool.bind(work);
		const flag = flags();
		await abortRunning(h.spin.with({ killOnAbort: true, cleanupGrace: 60_000 })(flag), flag);
		await h.thread();
		expect(pool.metrics().started).toBe(1);
	});
});

describe("isAborted and abortSignal", () => {
	it("are quiet in a call that was not dropped, and outside of calls", async () => {
		expect(await work.outsideOfCall()).toEqual([false, false]);
		expect([isAborted(), abortSignal().aborted]).toEqual([false, false]);
	});
});

describe("shutdown of a runtime", () => {
	it("ends its pool, and the calls that run on it", async () => {
		const runtime = new Runtime({ maxBlockingThreads: 1, cleanupGrace: 5, cleanupTimeout: 200, onUnhandled() {} });
		const flag = flags();
		const handle = runtime.spawn(work.spin(flag));
		await until(() => Atomics.load(flag, 0) === 1);
		const outcome = handle.then(
			() => "returned",
			(error) => error,
		);
		await runtime.shutdown();
		expect(await outcome).toBeInstanceOf(CancelledError);
	});
});
