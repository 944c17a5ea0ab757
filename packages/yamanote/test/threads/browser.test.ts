// Threads of pages: Web Workers, with shared memory on a page that is cross-origin isolated, by messages on one that is not.
// @engines chromium
// @pages isolated plain
import { beforeAll, describe, expect, it } from "vitest";
import { CancelledError, Runtime, run, sleep, spawn, tryJoin } from "yamanote";
import { CancellationToken, mpsc } from "yamanote/sync";
import {
	checkSend,
	NotSendError,
	parallel,
	spawnBlocking,
	type ThreadPool,
	transfer,
	WorkerLost,
} from "yamanote/threads";
import { pools } from "./support/pools.ts";

type PageWorker = typeof import("./fixtures/pages/page.worker.ts");
type MadeWorker = typeof import("./fixtures/pages/made.worker.ts");
type BrokenWorker = typeof import("./fixtures/pages/broken.worker.ts");

const load = <M>(name: string): Promise<M> =>
	import(/* @vite-ignore */ new URL(`/workers/${name}.worker.mjs`, location.href).href) as Promise<M>;

let page: PageWorker["page"];
let NotFound: PageWorker["NotFound"];
let made: MadeWorker["made"];
beforeAll(async () => {
	({ page, NotFound } = await load<PageWorker>("page"));
	({ made } = await load<MadeWorker>("made"));
}, 60_000);

const poolOf = pools();
const isolated = location.pathname === "/isolated";
const patient = { cleanupGrace: 600_000 };

/** Asks again and again, for a minute at most. */
const until = async (test: () => boolean | Promise<boolean>): Promise<void> => {
	for (let i = 0; !(await test()); i++) {
		if (i > 60_000) throw new Error(`it never comes true: ${test}`);
		await sleep(1);
	}
};

const lost = async (call: PromiseLike<unknown>): Promise<WorkerLost> => {
	const error = await call.then(
		() => undefined,
		(reason) => reason,
	);
	expect(error).toBeInstanceOf(WorkerLost);
	return error as WorkerLost;
};

describe("the page", () => {
	it("is of the kind that its address says", () => {
		expect(crossOriginIsolated).toBe(isolated);
		expect(typeof SharedArrayBuffer).toBe(isolated ? "function" : "undefined");
	});
});

describe("a function of a worker, called from a page", () => {
	it("gives its result, whatever kind of function it is", async () => {
		expect(await page.add(2, 3)).toBe(5);
		expect(await page.later("async")).toBe("async");
		expect(await page.task("a task")).toBe("a task");
		expect(await spawnBlocking(page.add, 20, 22)).toBe(42);
		const seen: number[] = [];
		for await (const n of page.numbers(100)) seen.push(n);
		expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i));
	});

	it("serves a great many calls at once", async () => {
		const calls = Array.from({ length: 2_000 }, (_, i) => page.add(i, 1));
		expect(await run(tryJoin(calls))).toEqual(calls.map((_, i) => i + 1));
	});

	it("carries what structured clone damages, and large buffers", async () => {
		const value = {
			failure: new NotFound("gone", { cause: new URL("https://example.org/") }),
			list: Object.freeze(Object.assign(new Array(2), { 1: "after a hole" })),
			map: new Map([["key", new Set([1n])]]),
			text: "long ".repeat(10_000),
		};
		const echo = (await page.echo(value)) as typeof value;
		expect(echo).toEqual(value);
		expect(echo.failure).toBeInstanceOf(NotFound);
		expect([Object.isFrozen(echo.list), 0 in echo.list]).toEqual([true, false]);
		const bytes = new Uint8Array(200_000);
		const inverted = await page.invert(transfer(bytes));
		expect([bytes.length, inverted.length, inverted[0]]).toEqual([0, 200_000, 255]);
	});

	it("fails with the error itself, and the stacks of both sides", async () => {
		const error = await run(page.throwing()).then(undefined, (reason) => reason);
		expect(error).toBeInstanceOf(NotFound);
		expect([error.code, (error.cause as Error).name]).toEqual(["NOT_FOUND", "RangeError"]);
		expect(error.stack).toContain("page.worker");
	});

	it("refuses what cannot cross, by its path", () => {
		const button = document.createElement("button");
		expect(() => checkSend({ user: { button } })).toThrow("value.user.button is a DOM node: send what it says");
		expect(() => page.echo({ onClick() {} } as unknown as string)).toThrow(NotSendError);
	});

	it("of a factory runs in a thread of its own", async () => {
		expect(await made.double(21)).toBe(42);
		expect(await made.names()).toEqual(["", "undefined"]);
	});
});

describe("ends of channels and tokens", () => {
	it("cross to a thread, and carry on between it and the page", async () => {
		const [questions, theirQuestions] = mpsc.channel<number>(2);
		const [theirAnswers, answers] = mpsc.channel<number>(2);
		const stop = new CancellationToken();
		const answering = spawn(page.answer(theirQuestions, theirAnswers, stop));
		const seen: unknown[] = [];
		for (let i = 1; i <= 10; i++) {
			await questions.send(i);
			seen.push(await answers.recv());
		}
		expect(seen).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
		stop.cancel();
		expect(await answering).toBe("stopped");
		expect(await answers.recv()).toBe(undefined);
	});
});

describe("parallel", () => {
	it("spreads items over the threads of a page", async () => {
		const pool = poolOf({ maxBlockingThreads: 2 });
		const options = { pool, chunk: 100, inPlace: false };
		const primes = await parallel({ from: 0, to: 10_000 }, options).filter(page.isPrime);
		expect([primes.length, primes.at(-1)]).toEqual([1_229, 9_973]);
		const bytes = Uint8Array.from({ length: 1_000 }, (_, i) => i % 250);
		expect(await parallel(bytes, options).filter(page.isPrime)).toHaveLength(53 * 4);
	});
});

describe("shared memory", () => {
	it.runIf(isolated)("passes as it is", async () => {
		const words = new Int32Array(new SharedArrayBuffer(8));
		const same = (await page.echo(words)) as Int32Array;
		same[0] = 7;
		expect(words[0]).toBe(7);
	});

	it.runIf(!isolated)("is refused with the headers that the page needs", () => {
		const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
		expect(() => page.echo({ buffer })).toThrow(
			/^args\[0\]\.buffer is shared memory, .*Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp$/,
		);
	});
});

describe("a call that is dropped", () => {
	it("sees it by abortSignal() while it waits", async () => {
		const h = poolOf().bind(page);
		const [begun, ended] = await h.counts.with({ priority: 1 })();
		expect([begun, ended]).toEqual([0, 0]);
		const pool = poolOf({ callsPerThread: 2 });
		const both = pool.bind(page);
		const call = spawn(both.wait.with(patient)());
		await until(async () => (await both.counts())[0] === 1);
		call.abort();
		await expect(call.then()).rejects.toBeInstanceOf(CancelledError);
		expect(await both.counts()).toEqual([1, 1]);
		expect(pool.metrics().started).toBe(1);
	});

	it("closes a stream, and its finally runs", async () => {
		const h = poolOf().bind(page);
		for await (const n of h.numbers.with(patient)(1e9)) if (n === 20) break;
		expect(await h.counts()).toEqual([0, 1]);
	});

	it.runIf(isolated)("sees it by isAborted() though it never waits", async () => {
		const words = new Int32Array(new SharedArrayBuffer(8));
		const call = spawn(poolOf().bind(page).spin.with(patient)(words));
		await until(() => Atomics.load(words, 0) === 1);
		call.abort();
		await expect(call.then()).rejects.toBeInstanceOf(CancelledError);
		expect(Atomics.load(words, 1)).toBe(1);
	});

	it("is killed with its thread after its grace, if it is told so", async () => {
		const pool = poolOf();
		const h = pool.bind(page);
		const thread = await h.thread();
		const endless = spawn(h.forever.with({ killOnAbort: true, cleanupGrace: 5 })());
		await until(() => pool.metrics().running === 1);
		endless.abort();
		await expect(endless.then()).rejects.toBeInstanceOf(CancelledError);
		expect(await h.thread()).not.toBe(thread);
		expect(pool.metrics().started).toBe(2);
	});

	it("leaves nothing behind when its thread has stopped for good", async () => {
		const pool = poolOf();
		const h = pool.bind(page);
		const calls = (): Promise<number[]> => run(tryJoin(Array.from({ length: 600 }, (_, i) => h.add(i, 1))));
		// Calls that are known to be quick are sent as many at a time as there are places.
		for (let i = 0; i < 5; i++) await calls();
		for (let i = 0; i < 3; i++) {
			await h.thread();
			const endless = spawn(h.forever.with({ killOnAbort: true, cleanupGrace: 1 })());
			await until(() => pool.metrics().running === 1);
			endless.abort();
			await expect(endless.then()).rejects.toBeInstanceOf(CancelledError);
		}
		expect(await calls()).toHaveLength(600);
		// Its place is kept for five seconds, since the engine does not say when it has stopped.
		await sleep(5_500);
		expect(await calls()).toHaveLength(600);
		expect(pool.metrics()).toMatchObject({ started: 4, running: 0, queued: 0 });
	}, 120_000);

	it("is given up after its grace otherwise, and that is reported", async () => {
		const told: unknown[] = [];
		const runtime = new Runtime({ cleanupGrace: 5, onUnhandled: ({ error }) => told.push(error) });
		const pool = poolOf();
		await pool.warmUp(page);
		const endless = runtime.spawn(pool.bind(page).forever());
		await until(() => pool.metrics().running === 1);
		endless.abort();
		await expect(endless.then()).rejects.toBeInstanceOf(CancelledError);
		expect(told).toMatchObject([{ name: "CleanupTimeout" }]);
		expect(pool.metrics().abandoned).toBe(1);
		await runtime.shutdown();
	});
});

describe("a call whose thread", () => {
	const after = async (pool: ThreadPool): Promise<void> => {
		expect(await pool.bind(page).add(1, 1)).toBe(2);
		expect(pool.metrics()).toMatchObject({ started: 2, lost: 1 });
	};

	it("closes itself fails with WorkerLost, and the next call has a fresh thread", async () => {
		const pool = poolOf();
		const h = pool.bind(page);
		await h.thread();
		expect(
			await h.close().then(
				() => "answered before it ended",
				(error) => (error as WorkerLost).reason,
			),
		).toMatch(/^(exit|answered before it ended)$/);
		await until(() => pool.metrics().threads === 0);
		expect(await h.add(1, 1)).toBe(2);
		expect(pool.metrics().started).toBe(2);
	});

	it("throws where nobody can catch it fails with WorkerLost", async () => {
		const pool = poolOf();
		const error = await lost(pool.bind(page).crash());
		expect([error.reason, error.message]).toEqual([
			"error",
			"crash: its thread died of an uncaught error: Uncaught RangeError: nobody catches this",
		]);
		await after(pool);
	});
});

describe("a module that cannot be loaded", () => {
	it("fails its calls with what it threw", async () => {
		const { broken } = await load<BrokenWorker>("broken");
		const error = await lost(poolOf().bind(broken).f());
		expect(error.reason).toBe("load");
		expect(error.message).toContain("broken.worker.mjs could not be loaded in a thread: ");
		expect(error.message).toContain("this module does not load in a thread");
	});
});

describe("the pool of a page", () => {
	it("has as many threads as it may, ends idle ones, and shuts down", async () => {
		const pool = poolOf({ maxBlockingThreads: 2, threadKeepAlive: 1 });
		await pool.warmUp(page);
		expect(pool.metrics().started).toBe(2);
		await until(() => pool.metrics().threads === 0);
		expect(await pool.bind(page).add(1, 1)).toBe(2);
		await pool.shutdown();
		expect((await lost(pool.bind(page).add(1, 1))).reason).toBe("shutdown");
	});

	it("replaces threads after so many calls", async () => {
		const pool = poolOf({ recycle: { afterCalls: 2 } });
		const threads = new Set<number>();
		for (let i = 0; i < 6; i++) threads.add(await pool.bind(page).thread());
		expect(threads.size).toBe(3);
	});
});
