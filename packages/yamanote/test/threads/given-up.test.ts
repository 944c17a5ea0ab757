// Threads that run on after they were given up, as on the web and in Deno; and calls that were given up.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { spawn } from "yamanote";
import { defineWorker, WorkerLost } from "yamanote/threads";
import { fixture } from "../support/built.ts";
import { pools } from "./support/pools.ts";
import { flags, letGo, loadWork, sharesMemory, until, type Work } from "./support/work.ts";

interface NodeWorker {
	on(event: string, f: (value: unknown) => void): void;
	emit(event: string, ...values: unknown[]): boolean;
	postMessage(message: unknown, transfer?: object[]): void;
	terminate(): Promise<unknown>;
}
const { Worker } = createRequire(import.meta.url)("node:worker_threads") as {
	Worker: new (url: URL) => NodeWorker;
};

const ended = new WeakSet<NodeWorker>();
/** It ends at once when it is told to, or so it says. */
class RunsOn extends Worker {
	override terminate(): Promise<unknown> {
		if (!ended.has(this)) this.emit("exit", 1);
		ended.add(this);
		return Promise.resolve();
	}
	override emit(event: string, ...values: unknown[]): boolean {
		return ended.has(this) ? false : super.emit(event, ...values);
	}
}

const running: NodeWorker[] = [];
afterEach(async () => {
	for (const worker of running.splice(0)) {
		ended.delete(worker);
		await Worker.prototype.terminate.call(worker);
	}
});
function start(Class: typeof Worker): NodeWorker {
	const worker = new Class(pathToFileURL(fixture("made.worker.mjs")));
	running.push(worker);
	return worker;
}

/** As a page has it: nobody is told when it has stopped. */
function webWorker(listeners: Map<string, (event: object) => void>): object {
	const worker = start(Worker);
	worker.on("message", (data) => listeners.get("message")?.({ data }));
	return {
		addEventListener: (type: string, f: (event: object) => void) => listeners.set(type, f),
		postMessage: (message: unknown, transfer: object[]) => worker.postMessage(message, transfer),
		terminate: () => void worker.terminate(),
	};
}

let make: () => object;
/** The functions of `made.worker.mjs`. */
const made = defineWorker(() => make(), {
	add: (a: number, b: number) => a + b,
	thread: () => 0,
	async wait(_flag: Int32Array) {},
});

let work: Work;
beforeAll(async () => {
	({ work } = await loadWork());
}, 60_000);
const poolOf = pools();
const patient = { cleanupGrace: 600_000 };
const turns = async (n: number): Promise<void> => {
	let i = 0;
	await until(() => ++i === n);
};

describe("a thread that runs on after it has ended", () => {
	it("takes no calls from the thread that has its place", async () => {
		make = () => start(RunsOn);
		const h = poolOf({ recycle: { afterCalls: 1 } }).bind(made);
		const threads = new Set<number>();
		for (let i = 0; i < 10; i++) threads.add(await h.thread());
		expect(threads.size).toBe(10);
	});

	it.runIf(sharesMemory())("keeps its slots, and nothing is sent without one", async () => {
		const listeners = new Map<string, (event: object) => void>();
		make = () => webWorker(listeners);
		const pool = poolOf({ callsPerThread: 250 });
		const h = pool.bind(made);
		const flag = flags();
		const waiting = Array.from({ length: 250 }, () => spawn(h.wait(flag)));
		const lost = waiting.map((one) => one.then(undefined, (error) => error instanceof WorkerLost && error.reason));
		await until(() => Atomics.load(flag, 0) === 250);
		// Of the 256 slots of a board, 6 are left.
		listeners.get("error")?.({ message: "gone" });
		expect(new Set(await Promise.all(lost))).toEqual(new Set(["error"]));
		const results = Array.from({ length: 300 }, (_, i) => spawn(h.add(i, i)).then());
		expect(await Promise.all(results)).toEqual(Array.from({ length: 300 }, (_, i) => 2 * i));
		expect(pool.metrics()).toMatchObject({ queued: 0, running: 0, lost: 250, completed: 300 });
	});
});

describe("a thread that gives way while calls wait in it", () => {
	it("hears that they are dropped, and ends when they have ended", async () => {
		make = () => start(Worker);
		const pool = poolOf({ callsPerThread: 2 });
		const flag = flags();
		const waiting = spawn(pool.bind(work).wait.with(patient)(flag));
		await until(() => Atomics.load(flag, 0) === 1);
		await turns(1_000);
		// It has a source of its own, and there is one thread only.
		const other = spawn(pool.bind(made).add(1, 2));
		await turns(1_000);
		waiting.abort();
		await waiting.then(undefined, () => {});
		expect(Atomics.load(flag, 0)).toBe(3);
		expect(await other).toBe(3);
	});
});

describe("a call that waits on the board", () => {
	it("is not forgotten when many that came after it are dropped", async () => {
		const pool = poolOf();
		const h = pool.bind(work);
		// So quick are they that the pool posts far ahead of its thread.
		for (let i = 0; i < 200; i++) await h.add(i, i);
		const flag = flags();
		const held = spawn(h.hold(flag));
		await until(() => Atomics.load(flag, 0) === 1);
		const first = spawn(h.add(1, 1));
		await until(() => pool.metrics().queued === 1);
		for (let i = 0; i < 600; i++) {
			const dropped = spawn(h.add(i, i));
			await until(() => pool.metrics().queued === 2);
			dropped.abort();
			await dropped.then(undefined, () => {});
		}
		letGo(flag);
		expect([await held, await first]).toEqual(["held", 2]);
	});
});
