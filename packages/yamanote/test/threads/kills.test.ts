// @engines node20 node22 node24 node26 bun deno
import { readdirSync, readlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ThreadPool, WorkerLost } from "yamanote/threads";
import { loadWork, until, type Work } from "./support/work.ts";

/** `YAMANOTE_KILLS=1000` for the full count: as long as a thread takes to start, a thousand times. */
const kills = Number(process.env["YAMANOTE_KILLS"] ?? 50);
const seed = Number(process.env["YAMANOTE_SEED"] ?? 20_211_104);
/** So many come before the heap is measured: all is compiled then. */
const WARM = 20;
/** What a thousand kills may leave on the heap, in bytes: less than 2,000 each. */
const ROOM = 2_000_000;

interface Killable {
	on(event: "exit", f: () => void): void;
	terminate(): Promise<unknown>;
}
const threads = createRequire(import.meta.url)("node:worker_threads") as { Worker: new (...args: never[]) => Killable };
const { Worker } = threads;
const alive = new Set<Killable>();

function collectGarbage(): void {
	const { Bun, gc } = globalThis as { Bun?: { gc(all: boolean): void }; gc?: () => void };
	if (Bun !== undefined) return Bun.gc(true);
	if (gc !== undefined) return gc();
	setFlagsFromString("--expose-gc");
	(runInNewContext("gc") as () => void)();
}

/** Bytes on the heap, when what is garbage is gone. */
async function heap(): Promise<number> {
	const sizes: number[] = [];
	for (let i = 0; i < 5; i++) {
		await new Promise((resolve) => setImmediate(resolve));
		collectGarbage();
		sizes.push(process.memoryUsage().heapUsed);
	}
	return Math.min(...sizes);
}

/** A file that is open: a thread that is killed while it reads a module leaves it so, in Node. */
const isFile = (link: string): boolean => link.startsWith("/");
function linkOf(path: string): string {
	try {
		return readlinkSync(path);
	} catch {
		return "/ closed meanwhile";
	}
}

/** Threads of the process, pipes and the like that are open, where Linux tells; and what the engine says that it waits for. */
function handles(): { threads: number; open: number; resources: number } {
	const list = (folder: string): string[] => (process.platform === "linux" ? readdirSync(folder) : []);
	return {
		threads: list("/proc/self/task").length,
		open: list("/proc/self/fd").filter((fd) => !isFile(linkOf(`/proc/self/fd/${fd}`))).length,
		resources: process.getActiveResourcesInfo().filter((one) => /Worker|Port/.test(one)).length,
	};
}

let work: Work;
beforeAll(async () => {
	({ work } = await loadWork());
	threads.Worker = class extends Worker {
		constructor(...args: never[]) {
			super(...args);
			alive.add(this);
			this.on("exit", () => alive.delete(this));
		}
	};
}, 60_000);
afterAll(() => {
	threads.Worker = Worker;
});

/** The same numbers for the same seed. */
function random(seed: number): () => number {
	let state = seed | 0;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
		return (state >>> 0) / 2 ** 32;
	};
}

describe("threads that are killed at random under load", () => {
	it(`fail their own calls alone: ${kills} kills, seed ${seed}`, async () => {
		let pool: ThreadPool;
		let h: Work;
		const next = random(seed);
		const counts = { right: 0, lost: 0, killed: 0 };
		const wrong: unknown[] = [];
		let killAt = 0;
		let goal = 0;

		/** Calls something, and gives what came and what should have come. */
		const calls: ((i: number) => Promise<readonly [unknown, unknown]>)[] = [
			async (i) => [await h.add(i, 1), i + 1],
			async (i) => [await h.identity({ i, list: [i] }), { i, list: [i] }],
			async (i) => [await h.identity("x".repeat(3_000 + (i % 10))), "x".repeat(3_000 + (i % 10))],
			async () => [(await h.fill(20_000)).length, 20_000],
			async (i) => [await h.later(i), i],
			async () => [await h.task(0), "task done"],
			async () => {
				const seen: number[] = [];
				for await (const n of h.numbers(30)) seen.push(n);
				return [seen, Array.from({ length: 30 }, (_, i) => i)];
			},
		];
		const one = async (i: number): Promise<void> => {
			const call = calls[Math.floor(next() * calls.length)] as (typeof calls)[0];
			try {
				const [got, expected] = await call(i);
				if (JSON.stringify(got) === JSON.stringify(expected)) counts.right++;
				else wrong.push(got);
			} catch (error) {
				if (error instanceof WorkerLost) counts.lost++;
				else wrong.push(error);
			}
			if (counts.right < killAt || counts.killed >= goal) return;
			killAt = counts.right + 1 + Math.floor(next() * 10);
			const victim = [...alive][Math.floor(next() * alive.size)];
			if (victim === undefined) return;
			alive.delete(victim);
			counts.killed++;
			void victim.terminate();
		};
		/** Twenty callers, until so many threads are killed in all; then the pool ends. */
		const killUpTo = async (n: number): Promise<void> => {
			pool = new ThreadPool({ maxBlockingThreads: 2, threadKeepAlive: Infinity });
			h = pool.bind(work);
			goal = n;
			killAt = counts.right + 5;
			const before = { ...counts };
			await Promise.all(
				Array.from({ length: 20 }, async (_, lane) => {
					for (let i = 0; counts.killed < n; i++) await one(lane * 1_000_000 + i);
				}),
			);
			const { completed, lost, queued, running, abandoned } = pool.metrics();
			expect({ completed, lost, queued, running, abandoned }).toEqual({
				completed: counts.right - before.right,
				lost: counts.lost - before.lost,
				queued: 0,
				running: 0,
				abandoned: 0,
			});
			await pool.shutdown();
			expect(pool.metrics().threads).toBe(0);
		};

		await killUpTo(WARM);
		const [bytes, before] = [await heap(), handles()];
		await killUpTo(kills);
		expect(wrong).toEqual([]);
		expect(counts.killed).toBe(kills);
		expect(counts.right).toBeGreaterThan(kills);
		expect(alive.size).toBe(0);
		expect((await heap()) - bytes).toBeLessThan(ROOM);
		// Threads of Deno end when they come to their event loop.
		await until(() => handles().threads <= before.threads, 2_000);
		await until(() => handles().open <= before.open + 2, 2_000);
		expect(handles().resources).toBeLessThanOrEqual(before.resources);
	}, 1_200_000);
});
