// What the upstream tests ask of timers, and no other test here shows.
import { describe, expect, it } from "vitest";
import { advance, Instant, Pending, type Sleep, sleep, spawn, yieldNow } from "yamanote";
import { paused } from "yamanote/testing";

describe("a timer", () => {
	it(
		"is advanced by fractions that add up, and never fires early",
		paused(function* () {
			const start = Instant.now();
			const woken: number[] = [];
			const tasks = [1, 2, 2.5, 3].map((ms) =>
				spawn(function* () {
					yield* sleep(ms);
					woken.push(ms);
					expect(start.elapsed()).toBeGreaterThanOrEqual(ms);
				}),
			);
			yield* yieldNow();
			for (let i = 0; i < 9; i++) {
				yield* advance(0.5);
				yield* yieldNow();
				const passed = start.elapsed();
				for (const ms of woken) expect(ms).toBeLessThanOrEqual(passed);
				// Rounded up to the next millisecond, at most one more.
				for (const ms of [1, 2, 2.5, 3]) if (passed >= ms + 1) expect(woken).toContain(ms);
			}
			for (const task of tasks) yield* task;
			expect(woken).toEqual([1, 2, 2.5, 3]);
		}),
	);

	it(
		"may be as long as numbers go",
		paused(function* () {
			const sleeps = [2 ** 31, 2 ** 36 - 1, 2 ** 36, 2 ** 40, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE].map(sleep);
			const cx = { waker: { wake() {} } };
			for (const s of sleeps) expect(s.poll(cx)).toBe(Pending);
			yield* advance(2 ** 31 - 1);
			expect(sleeps.map((s) => s.isElapsed)).toEqual([false, false, false, false, false, false]);
			yield* advance(2 ** 36);
			expect(sleeps.map((s) => s.isElapsed)).toEqual([true, true, true, false, false, false]);
			for (const s of sleeps) s[Symbol.dispose]();
		}),
	);

	it(
		"may be dropped by the waker that another one calls",
		paused(function* () {
			let second: Sleep | undefined;
			const first = sleep(10);
			let woken = 0;
			first.poll({
				waker: {
					wake() {
						woken++;
						second?.[Symbol.dispose]();
					},
				},
			});
			second = sleep(10);
			let late = 0;
			second.poll({ waker: { wake: () => void late++ } });
			yield* advance(10);
			expect([woken, late]).toEqual([1, 0]);
			expect(first.poll({ waker: { wake() {} } })).toBeUndefined();
		}),
	);
});
