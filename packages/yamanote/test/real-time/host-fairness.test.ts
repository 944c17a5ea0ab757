// Rule 5: the host is served while tasks are ready, by its real timers and sockets. The margins are wide, for a busy machine: what is asked is
// that the host has its turns at all, which a queue that starves it never gives.
import { afterEach, describe, expect, it } from "vitest";
import { asyncFn, type JoinHandle, Runtime, ready, run, sleep, spawn, yieldNow } from "yamanote";
import { hostTurn } from "../support/host.ts";

const SOON = 5_000;

/** A host timer of 10 ms: how long it took. */
const hostTimer = (): Promise<number> => {
	const before = performance.now();
	return new Promise((resolve) => setTimeout(() => resolve(performance.now() - before), 10));
};

let spinning: JoinHandle<unknown, unknown>[] = [];

afterEach(async () => {
	for (const task of spinning) task.abort();
	await Promise.allSettled(spinning);
	spinning = [];
});

const forever: Record<string, () => void> = {
	"a task that yields for ever": () => {
		spinning = [
			spawn(function* () {
				for (;;) yield* yieldNow();
			}),
		];
	},
	"a task that is ready for ever, by the budget": () => {
		spinning = [
			spawn(function* () {
				for (;;) yield* ready(1);
			}),
		];
	},
	"an asyncFn call that yields for ever": () => {
		const loop = asyncFn(function* () {
			for (;;) yield* yieldNow();
		});
		spinning = [spawn(loop())];
	},
	"two tasks that wake each other for ever": () => {
		const wakers: (() => void)[] = [];
		spinning = [0, 1].map((i) =>
			spawn(function* () {
				for (;;) {
					wakers[1 - i]?.();
					yield* yieldNow();
				}
			}),
		);
	},
	"100,000 ready tasks that yield for ever": () => {
		spinning = Array.from({ length: 100_000 }, () =>
			spawn(function* () {
				for (;;) yield* yieldNow();
			}),
		);
	},
};

describe("rule 5: the host is served", () => {
	for (const [what, begin] of Object.entries(forever)) {
		it(`beside ${what}: a host timer fires soon`, async () => {
			begin();
			expect(await hostTimer()).toBeLessThan(SOON);
			expect(await hostTimer()).toBeLessThan(SOON);
		});

		it(`beside ${what}: timers of ours fire, too, and promise reactions run`, async () => {
			begin();
			const before = performance.now();
			await run(sleep(10));
			for (let i = 0; i < 100; i++) await undefined;
			await hostTurn();
			expect(performance.now() - before).toBeLessThan(SOON);
		});
	}

	it("as often as `hostYield` says: a turn takes that long, not more", async () => {
		const runtime = new Runtime({ hostYield: 1 });
		const task = runtime.spawn(function* () {
			for (;;) yield* yieldNow();
		});
		let turns = 0;
		const { polls } = runtime.metrics;
		const until = performance.now() + 100;
		while (performance.now() < until) {
			await hostTurn();
			turns++;
		}
		// A hundred turns of a millisecond; on a busy machine far fewer.
		expect(turns).toBeGreaterThan(3);
		expect(runtime.metrics.polls - polls).toBeGreaterThan(turns);
		task.abort();
		await runtime.shutdown();
	});
});

describe("rule 5: generator tasks and native async functions that ping-pong beside each other both make progress", () => {
	it("by promises and by yields: each has its share of every turn of the host", async () => {
		let ours = 0;
		let native = 0;
		const seen = new Set<number>();
		spinning = [
			spawn(function* () {
				for (;;) {
					yield* yieldNow();
					ours++;
					seen.add(native);
				}
			}),
		];
		for (let turn = 1; turn <= 10; turn++) {
			const before = ours;
			for (let i = 0; i < 1_000; i++) {
				await undefined;
				native++;
			}
			await hostTurn();
			expect(native).toBe(turn * 1_000);
			expect(ours - before).toBeGreaterThan(10);
		}
		// The task has seen the function on its way, too, not at the end of its turns only.
		expect([...seen].some((n) => n % 1_000 !== 0)).toBe(true);
	});

	it("many of each, that hand messages to each other", async () => {
		const rounds = 200;
		const done: string[] = [];
		const pairs = Array.from({ length: 10 }, async (_, i) => {
			for (let k = 0; k < rounds; k++) {
				await run(function* () {
					yield* yieldNow();
					return k;
				});
			}
			done.push(`native ${i}`);
		});
		const tasks = Array.from({ length: 10 }, (_, i) =>
			spawn(function* () {
				for (let k = 0; k < rounds; k++) yield* spawn(async () => k);
				done.push(`generator ${i}`);
			}),
		);
		await Promise.all([...pairs, ...tasks]);
		expect(done.length).toBe(20);
	});
});

it("rule 5: a turn of the host with few polls costs no clock and no turn of its own", async () => {
	// 60 tasks that yield once are polled in microtasks alone.
	const tasks = Array.from({ length: 30 }, () =>
		spawn(function* () {
			yield* yieldNow();
		}),
	);
	let turned = false;
	const turn = hostTurn().then(() => {
		turned = true;
	});
	for (const task of tasks) await task;
	expect(turned).toBe(false);
	await turn;
});
