// Deno: a pool whose threads are killed by the dozen has been seen to wait without end there.
// @engines node20 node22 node24 node26 bun
import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ThreadPool, WorkerLost } from "yamanote/threads";
import { loadWork, type Work } from "./support/work.ts";

/** `YAMANOTE_KILLS=1000` for the full count. */
const kills = Number(process.env["YAMANOTE_KILLS"] ?? 25);
const seed = Number(process.env["YAMANOTE_SEED"] ?? 20_211_104);

interface Killable {
	on(event: "exit", f: () => void): void;
	terminate(): Promise<unknown>;
}
const threads = createRequire(import.meta.url)("node:worker_threads") as { Worker: new (...args: never[]) => Killable };
const { Worker } = threads;
const alive = new Set<Killable>();

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
		const pool = new ThreadPool({ maxBlockingThreads: 2, threadKeepAlive: Infinity });
		const h = pool.bind(work);
		const next = random(seed);
		const counts = { right: 0, lost: 0, killed: 0 };
		const wrong: unknown[] = [];
		let killAt = 5;

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
			if (counts.right < killAt || counts.killed >= kills) return;
			killAt = counts.right + 1 + Math.floor(next() * 10);
			const victim = [...alive][Math.floor(next() * alive.size)];
			if (victim === undefined) return;
			alive.delete(victim);
			counts.killed++;
			void victim.terminate();
		};
		await Promise.all(
			Array.from({ length: 20 }, async (_, lane) => {
				for (let i = 0; counts.killed < kills; i++) await one(lane * 1_000_000 + i);
			}),
		);

		expect(wrong).toEqual([]);
		expect(counts.killed).toBe(kills);
		expect(counts.right).toBeGreaterThan(kills);
		const { completed, lost, queued, running, abandoned } = pool.metrics();
		expect({ completed, lost, queued, running, abandoned }).toEqual({
			completed: counts.right,
			lost: counts.lost,
			queued: 0,
			running: 0,
			abandoned: 0,
		});
		await pool.shutdown();
		expect(pool.metrics().threads).toBe(0);
		expect(alive.size).toBe(0);
	}, 1_200_000);
});
