// The wall clock is set, and the machine sleeps: timers go by the clock that never goes back, and by it alone.
import { afterEach, describe, expect, it } from "vitest";
import { Instant, interval, join, run, select, sleep, timeout, yieldNow } from "yamanote";

const HOUR = 3_600_000;
const { now: wallClock } = Date;
const ownNow = performance.now;
/** By so much the clock is ahead of the engine's. */
let ahead = 0;

function jump(ms: number): void {
	ahead += ms;
	performance.now = () => ownNow.call(performance) + ahead;
}

// The other clock stays ahead for the rest of this file's life: it must never go back.
afterEach(() => {
	Date.now = wallClock;
});

describe("the wall clock", () => {
	for (const [way, ms] of [
		["on", HOUR],
		["back", -HOUR],
	] as const) {
		it(`set ${way} by an hour, moves no timer and no Instant`, async () => {
			await run(function* () {
				const start = Instant.now();
				const nap = sleep(20);
				Date.now = () => wallClock() + ms;
				yield* timeout(HOUR / 2, nap);
				expect(start.elapsed()).toBeGreaterThanOrEqual(20);
				expect(start.elapsed()).toBeLessThan(HOUR / 2);
			});
		});
	}
});

describe("a machine that has slept for two hours", () => {
	it("wakes what fell due meanwhile, in order, once, and nothing else", async () => {
		const woken: number[] = [];
		await run(function* () {
			const late = sleep(4 * HOUR);
			function* nap(hours: number) {
				yield* sleep(hours * HOUR);
				woken.push(hours);
			}
			yield* timeout(
				3 * HOUR,
				join([
					nap(1.5),
					nap(0.5),
					nap(1),
					// The timer of the host that is armed when it falls asleep comes when it is awake again.
					sleep(50),
					function* () {
						yield* yieldNow();
						jump(2 * HOUR);
					},
				]),
			);
			expect(late.isElapsed).toBe(false);
		});
		expect(woken).toEqual([0.5, 1, 1.5]);
	});

	it("has missed the ticks of an interval, which does with them as it is told", async () => {
		const ticks: Record<string, number> = {};
		await run(function* () {
			for (const missedTickBehavior of ["burst", "skip", "delay"] as const) {
				const every = interval(HOUR, { missedTickBehavior });
				yield* every.tick();
				jump(3.5 * HOUR);
				let n = 0;
				const start = Instant.now();
				for (let tick = yield* every.tick(); ; tick = yield* every.tick()) {
					n++;
					if (missedTickBehavior !== "burst" || start.since(tick) < HOUR) break;
				}
				ticks[missedTickBehavior] = n;
				// The next one is still to come.
				const { key } = yield* select({ tick: every.tick(), now: yieldNow() }, { biased: true });
				expect(key).toBe("now");
			}
		});
		expect(ticks).toEqual({ burst: 3, skip: 1, delay: 1 });
	});
});
