import { describe, expect, it } from "vitest";
import { join, spawn, yieldNow } from "yamanote";
import { Barrier } from "yamanote/sync";
import { mock, now, onRuntime, seeds } from "./support.ts";

describe("Barrier", () => {
	it("of none or one makes nobody wait: each is the leader", () => {
		for (const size of [0, 1]) {
			const barrier = new Barrier(size);
			for (let i = 0; i < 3; i++) expect(now(barrier.wait()).isLeader).toBe(true);
		}
	});

	it("of two lets both go on when the second comes, who is the leader", () => {
		const barrier = new Barrier(2);
		const first = mock(barrier.wait()).pending();
		expect(now(barrier.wait()).isLeader).toBe(true);
		expect(first.wokenReady().isLeader).toBe(false);
	});

	it("meets again and again, with one leader each time", () => {
		const barrier = new Barrier(100);
		for (let round = 0; round < 10; round++) {
			const waiting = Array.from({ length: 99 }, () => mock(barrier.wait()).pending());
			for (const w of waiting) w.pending();
			const results = [now(barrier.wait()), ...waiting.map((w) => w.wokenReady())];
			expect(results.filter((r) => r.isLeader).length).toBe(1);
		}
	});

	it("counts who comes at the first poll", () => {
		const barrier = new Barrier(2);
		const waits = [barrier.wait(), barrier.wait()];
		mock(barrier.wait()).pending();
		waits[0]?.[Symbol.dispose]();
		expect(now(waits[1] as (typeof waits)[0]).isLeader).toBe(true);
	});

	it("keeps counting who has come and was dropped", () => {
		const barrier = new Barrier(3);
		const gone = mock(barrier.wait()).pending();
		gone.drop();
		const second = mock(barrier.wait()).pending();
		expect(now(barrier.wait()).isLeader).toBe(true);
		second.wokenReady();
		expect(gone.wakes).toBe(0);
	});

	it("keeps rounds apart: who comes while the last round wakes waits for the next", () => {
		const barrier = new Barrier(2);
		const first = mock(barrier.wait()).pending();
		now(barrier.wait());
		const next = mock(barrier.wait()).pending();
		first.wokenReady();
		next.pending();
		now(barrier.wait());
		next.wokenReady();
	});

	it("refuses sizes that are none", () => {
		for (const size of [-1, 0.5, Number.NaN]) expect(() => new Barrier(size)).toThrow(RangeError);
	});

	it("lets tasks meet", async () => {
		await onRuntime(function* () {
			const barrier = new Barrier(10);
			const log: string[] = [];
			const task = (i: number) =>
				spawn(function* () {
					for (let k = 0; k < i; k++) yield* yieldNow();
					log.push("before");
					const { isLeader } = yield* barrier.wait();
					log.push("after");
					return isLeader;
				});
			const leaders = yield* join(Array.from({ length: 10 }, (_, i) => task(i)));
			expect(leaders.filter(Boolean).length).toBe(1);
			expect(log).toEqual([...Array<string>(10).fill("before"), ...Array<string>(10).fill("after")]);
		});
	});

	it("lets nobody through early, in 1,000 schedules with cancellation", () => {
		seeds(1_000, (random) => {
			const size = 1 + random.below(4);
			const barrier = new Barrier(size);
			let arrived = 0;
			let waiting: { round: number; mock: ReturnType<typeof mock<{ isLeader: boolean }>> }[] = [];
			for (let step = 0; step < 40; step++) {
				const round = Math.floor(arrived / size);
				if (waiting.length === 0 || random.chance(0.5)) {
					const m = mock(barrier.wait());
					arrived++;
					const outcome = m.poll();
					expect(typeof outcome !== "symbol").toBe(arrived % size === 0);
					if (typeof outcome === "symbol") waiting.push({ round, mock: m });
					continue;
				}
				const w = random.pick(waiting);
				waiting = waiting.filter((x) => x !== w);
				if (random.chance(0.3)) w.mock.drop();
				else if (w.round < Math.floor(arrived / size)) expect(w.mock.wokenReady().isLeader).toBe(false);
				else waiting.push({ round: w.round, mock: w.mock.pending() });
			}
		});
	});
});
