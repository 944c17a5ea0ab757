// @engines node20 node22 node24 node26
// Two copies of the package in one program: a dependency's own, or the module and the CommonJS side of a bundle.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as ours from "yamanote";
import * as oursSync from "yamanote/sync";
import { home } from "../support/built.ts";
import { gate } from "../support/gate.ts";
import { hostTurn, microtasks } from "../support/host.ts";
import { runtimes } from "../support/state.ts";

let folder = "";
let theirs: typeof ours;
let theirsSync: typeof oursSync;

beforeAll(async () => {
	folder = mkdtempSync(join(home(), "copy-"));
	const built = dirname(createRequire(join(home(), "x.js")).resolve("yamanote/package.json"));
	cpSync(join(built, "dist"), join(folder, "yamanote/dist"), { recursive: true });
	cpSync(join(built, "package.json"), join(folder, "yamanote/package.json"));
	const load = (name: string): Promise<unknown> =>
		import(/* @vite-ignore */ pathToFileURL(join(folder, "yamanote/dist", name)).href);
	theirs = (await load("index.js")) as typeof ours;
	theirsSync = (await load("sync/index.js")) as typeof oursSync;
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("two copies of the package in one program", () => {
	it("are two", () => {
		expect(theirs.spawn).not.toBe(ours.spawn);
		expect(theirs.Future).not.toBe(ours.Future);
	});

	it("share one default runtime", async () => {
		await ours.run(ours.ready(1));
		await theirs.run(theirs.ready(1));
		expect(runtimes().filter((runtime) => runtime.name === "default").length).toBe(1);
		expect(theirs.Handle.current().name).toBe("default");
		expect(theirs.Handle.current().metrics.tasksSpawned).toBe(ours.Handle.current().metrics.tasksSpawned);
	});

	it("each waits for the other's futures, handles, generators and calls", async () => {
		const call = theirs.asyncFn(function* (n: number) {
			yield* theirs.yieldNow();
			return n + 1;
		});
		const value = await ours.run(function* () {
			const handle = theirs.spawn(call(1));
			const all = yield* ours.join([call(10), theirs.ready(5), ours.ready(6), handle]);
			yield* theirs.yieldNow();
			const back = yield* theirs.spawn(function* () {
				return yield* ours.ready("back");
			});
			return { all, back };
		});
		expect(value).toEqual({ all: [11, 5, 6, 2], back: "back" });
	});

	it("know each other's pending: a combinator of one around a gate of the other", async () => {
		const door = gate<string>();
		const race = theirs.run(theirs.race([door, theirs.pending()]));
		await microtasks();
		expect(door.waitedFor).toBe(true);
		door.open("open");
		expect(await race).toBe("open");
		expect(theirs.Pending).toBe(ours.Pending);
	});

	it("cancel across: frames, cleanup that waits, and nobody is left", async () => {
		const steps: string[] = [];
		const inner = theirs.asyncFn(function* () {
			try {
				yield* ours.pending();
			} finally {
				yield* ours.yieldNow();
				steps.push("inner");
			}
		});
		const outer = ours.asyncFn(function* () {
			try {
				yield* inner();
			} finally {
				yield* theirs.yieldNow();
				steps.push("outer");
			}
		});
		const handle = theirs.spawn(outer());
		await microtasks();
		handle.abort("why");
		const error = await handle.catch((e: unknown) => e);
		expect(steps).toEqual(["inner", "outer"]);
		expect(error).toBeInstanceOf(ours.CancelledError);
		expect(error).toBeInstanceOf(theirs.CancelledError);
	});

	it("know each other's futures and errors by instanceof", async () => {
		expect(theirs.ready(1)).toBeInstanceOf(ours.Future);
		expect(ours.ready(1)).toBeInstanceOf(theirs.Future);
		const failed = await theirs.run(theirs.timeout(0, theirs.pending())).catch((e: unknown) => e);
		expect(failed).toBeInstanceOf(ours.Elapsed);
		expect(failed).not.toBeInstanceOf(ours.CancelledError);
		const caught = await ours.run(ours.attempt(theirs.timeout(0, theirs.pending()), ours.Elapsed));
		expect(caught).toMatchObject({ ok: false, error: { name: "TimeoutError" } });
	});

	it("keep the rule of one owner: a future started natively by one is joined by the other", async () => {
		const future = theirs.lazy(() => "once");
		const first = future.then((v) => v);
		expect(await ours.run(future)).toBe("once");
		expect(await first).toBe("once");
		const consumed = theirs.ready(1);
		await ours.run(consumed);
		await expect(theirs.run(consumed)).rejects.toBeInstanceOf(ours.FutureConsumedError);
	});

	it("share one clock, and locks and channels", async () => {
		ours.pause();
		try {
			const [tx, rx] = theirsSync.mpsc.channel<number>(1);
			const lock = new oursSync.Mutex(0);
			const got = await ours.run(function* () {
				const producer = theirs.spawn(function* () {
					for (let i = 0; i < 5; i++) {
						yield* theirs.sleep(100);
						yield* tx.send(i);
						yield* lock.withLock(function* (guard) {
							yield* theirs.sleep(1);
							guard.value++;
						});
					}
				});
				const values: number[] = [];
				for (let i = 0; i < 5; i++) values.push((yield* rx.recv()) as number);
				yield* producer;
				return values;
			});
			expect(got).toEqual([0, 1, 2, 3, 4]);
			expect(lock.tryLock().value).toBe(5);
		} finally {
			ours.resume();
		}
	});

	it("release what the other has granted and nobody receives", async () => {
		const semaphore = new theirsSync.Semaphore(1);
		const task = ours.spawn(ours.join([semaphore.acquire(), ours.pending()]));
		await microtasks();
		expect(semaphore.availablePermits).toBe(0);
		task.abort();
		await task.catch(() => {});
		await hostTurn();
		expect(semaphore.availablePermits).toBe(1);
	});
});
