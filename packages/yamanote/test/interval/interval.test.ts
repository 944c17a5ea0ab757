// Native async functions find their task by AsyncLocalStorage, which a page has not.
// @engines node20 node22 node24 node26 bun deno
import { describe, expect, it } from "vitest";
import {
	advance,
	Instant,
	interval,
	intervalAt,
	join,
	MissedTickBehavior,
	select,
	sleep,
	spawn,
	timeout,
	yieldNow,
} from "yamanote";
import { assertPending, assertReady, mockTask, paused } from "yamanote/testing";

/** Milliseconds from `start` at which a tick was scheduled. */
const at = (start: Instant, tick: Instant): number => tick.since(start);

describe("interval", () => {
	it(
		"ticks at once, then once in each period",
		paused(function* () {
			const start = Instant.now();
			const ticks = interval(100);
			for (const expected of [0, 100, 200, 300]) {
				expect(at(start, yield* ticks.tick())).toBe(expected);
				expect(start.elapsed()).toBe(expected);
			}
		}),
	);

	it(
		"keeps its phase, however long the work between two ticks takes",
		paused(function* () {
			const start = Instant.now();
			const ticks = interval({ milliseconds: 100 });
			for (const expected of [0, 100, 200]) {
				yield* ticks.tick();
				expect(start.elapsed()).toBe(expected);
				yield* sleep(60);
			}
		}),
	);

	it(
		"starts at an instant",
		paused(function* () {
			const start = Instant.now();
			const ticks = intervalAt(start.plus(30), 10);
			expect(at(start, yield* ticks.tick())).toBe(30);
			expect(at(start, yield* ticks.tick())).toBe(40);
			expect(start.elapsed()).toBe(40);
		}),
	);

	it("refuses a period of 0, NaN, and what is no duration", () => {
		expect(() => interval(0)).toThrow(RangeError);
		expect(() => interval(-1)).toThrow(RangeError);
		expect(() => interval(Number.NaN)).toThrow(RangeError);
		expect(() => interval("soon" as never)).toThrow(TypeError);
		expect(() => intervalAt(5 as never, 10)).toThrow(TypeError);
		expect(() => intervalAt(Instant.now(), 0)).toThrow(RangeError);
		expect(() => interval(1, { missedTickBehavior: "later" as never })).toThrow(TypeError);
	});

	it(
		"may have a period without end: it ticks once",
		paused(function* () {
			const ticks = interval(Number.POSITIVE_INFINITY);
			yield* ticks.tick();
			using second = mockTask(ticks.tick());
			assertPending(second.poll());
			yield* sleep({ days: 10_000 });
			assertPending(second.poll());
		}),
	);

	it(
		"loses no tick when a wait for it is dropped",
		paused(function* () {
			const start = Instant.now();
			const ticks = interval(100);
			yield* ticks.tick();
			for (let i = 0; i < 3; i++) {
				const first = yield* select({ tick: ticks.tick(), other: sleep(20) });
				expect(first.key).toBe("other");
			}
			expect(at(start, yield* ticks.tick())).toBe(100);
			expect(start.elapsed()).toBe(100);
		}),
	);

	it(
		"holds a timer only while a tick is waited for",
		paused(function* () {
			const ticks = interval(10);
			yield* ticks.tick();
			using waiting = mockTask(ticks.tick());
			assertPending(waiting.poll());
			waiting.drop();
			// With a timer left the clock of this test would never be still.
			ticks.reset();
			yield* sleep(1_000);
			expect(waiting.wakes).toBe(0);
		}),
	);

	it(
		"wakes the one who polled last",
		paused(function* () {
			const ticks = interval(10);
			yield* ticks.tick();
			using first = mockTask(ticks.tick());
			using second = mockTask(ticks.tick());
			assertPending(first.poll());
			assertPending(second.poll());
			yield* sleep(10);
			expect([first.isWoken, second.isWoken]).toEqual([false, true]);
			assertReady(second.poll());
		}),
	);
});

/** When ticks are scheduled and taken, if one is taken 250 ms late. */
function* lateTicks(missedTickBehavior: MissedTickBehavior, late = 250) {
	const start = Instant.now();
	const ticks = interval(100, { missedTickBehavior });
	const seen: [scheduled: number, taken: number][] = [];
	for (let i = 0; i < 7; i++) {
		const tick = yield* ticks.tick();
		seen.push([at(start, tick), start.elapsed()]);
		if (i === 1) yield* sleep(late);
	}
	return seen;
}

describe("an interval whose ticks were missed", () => {
	it(
		"catches up at once by default",
		paused(function* () {
			expect(yield* lateTicks(MissedTickBehavior.Burst)).toEqual([
				[0, 0],
				[100, 100],
				[200, 350],
				[300, 350],
				[400, 400],
				[500, 500],
				[600, 600],
			]);
			expect(interval(1).missedTickBehavior).toBe("burst");
		}),
	);

	it(
		"shifts its phase, if it is told to delay",
		paused(function* () {
			expect(yield* lateTicks("delay")).toEqual([
				[0, 0],
				[100, 100],
				[200, 350],
				[450, 450],
				[550, 550],
				[650, 650],
				[750, 750],
			]);
		}),
	);

	it(
		"drops what was missed and keeps its phase, if it is told to skip",
		paused(function* () {
			expect(yield* lateTicks("skip")).toEqual([
				[0, 0],
				[100, 100],
				[200, 350],
				[400, 400],
				[500, 500],
				[600, 600],
				[700, 700],
			]);
		}),
	);

	it(
		"does not count up to 5 ms as missed",
		paused(function* () {
			for (const behavior of ["delay", "skip"] as const) {
				const ticks = yield* lateTicks(behavior, 105);
				expect(ticks.slice(2, 5)).toEqual([
					[200, 205],
					[300, 300],
					[400, 400],
				]);
			}
		}),
	);

	it(
		"changes its behavior when it is told to",
		paused(function* () {
			const start = Instant.now();
			const ticks = interval(100);
			yield* ticks.tick();
			ticks.missedTickBehavior = "skip";
			yield* sleep(250);
			expect(at(start, yield* ticks.tick())).toBe(100);
			expect(at(start, yield* ticks.tick())).toBe(300);
			expect(() => {
				ticks.missedTickBehavior = "never" as never;
			}).toThrow(TypeError);
		}),
	);
});

describe("resetting an interval", () => {
	it(
		"puts the next tick one period from now",
		paused(function* () {
			const start = Instant.now();
			const ticks = interval(100);
			yield* ticks.tick();
			yield* sleep(30);
			ticks.reset();
			expect(at(start, yield* ticks.tick())).toBe(130);
			expect(at(start, yield* ticks.tick())).toBe(230);
			expect(start.elapsed()).toBe(230);
		}),
	);

	it(
		"puts it now, after a time, or at an instant",
		paused(function* () {
			const start = Instant.now();
			const ticks = interval(100);
			yield* ticks.tick();
			yield* sleep(30);
			ticks.resetImmediately();
			expect(at(start, yield* ticks.tick())).toBe(30);
			expect(at(start, yield* ticks.tick())).toBe(130);
			ticks.resetAfter(20);
			expect(at(start, yield* ticks.tick())).toBe(150);
			ticks.resetAt(start.plus(1_000));
			expect(at(start, yield* ticks.tick())).toBe(1_000);
			expect(at(start, yield* ticks.tick())).toBe(1_100);
			expect(start.elapsed()).toBe(1_100);
		}),
	);

	it(
		"to an instant that has passed counts as missed ticks",
		paused(function* () {
			const start = Instant.now();
			yield* sleep(500);
			const ticks = interval(100);
			ticks.resetAt(start.plus(250));
			expect(at(start, yield* ticks.tick())).toBe(250);
			expect(at(start, yield* ticks.tick())).toBe(350);
			ticks.missedTickBehavior = "skip";
			ticks.resetAt(start.plus(250));
			yield* ticks.tick();
			expect(at(start, yield* ticks.tick())).toBe(550);
		}),
	);

	it(
		"moves a tick that is waited for",
		paused(function* () {
			const ticks = interval(100);
			yield* ticks.tick();
			using waiting = mockTask(ticks.tick());
			assertPending(waiting.poll());
			ticks.resetAfter(20);
			yield* advance(20);
			expect(waiting.isWoken).toBe(true);
			assertReady(waiting.poll());
			using later = mockTask(ticks.tick());
			assertPending(later.poll());
			ticks.resetAfter(500);
			yield* advance(499);
			expect(later.isWoken).toBe(false);
			yield* advance(1);
			assertReady(later.poll());
			using now = mockTask(ticks.tick());
			assertPending(now.poll());
			ticks.resetImmediately();
			expect(now.isWoken).toBe(true);
			assertReady(now.poll());
			yield* timeout(1_000, ticks.tick());
		}),
	);

	it("refuses what is no instant, and no duration", () => {
		const ticks = interval(10);
		expect(() => ticks.resetAt(5 as never)).toThrow(TypeError);
		expect(() => ticks.resetAfter(Number.NaN)).toThrow(RangeError);
		expect(ticks.period).toBe(10);
	});
});

describe("two that wait for ticks of one interval", () => {
	it(
		"both have theirs, one after the other",
		paused(function* () {
			const start = Instant.now();
			const ticks = interval(10);
			yield* ticks.tick();
			yield* timeout(100, join([ticks.tick(), ticks.tick(), ticks.tick()]));
			expect(start.elapsed()).toBe(30);
		}),
	);

	it(
		"do not take the timer from each other when one is cancelled",
		paused(function* () {
			const start = Instant.now();
			const ticks = interval(10);
			yield* ticks.tick();
			for (const key of ["first", "second"]) {
				const waits = { first: spawn(ticks.tick()), second: spawn(ticks.tick()) };
				yield* yieldNow();
				waits[key as "first"].abort();
				yield* timeout(15, key === "first" ? waits.second : waits.first);
			}
			expect(start.elapsed()).toBe(20);
		}),
	);

	it(
		"leave the timer to whoever polls by hand after them",
		paused(function* () {
			const ticks = interval(10);
			yield* ticks.tick();
			const waits = mockTask(ticks.tick());
			assertPending(waits.poll());
			let woken = 0;
			assertPending(ticks.pollTick({ waker: { wake: () => woken++ } }));
			waits.drop();
			yield* sleep(10);
			expect(woken).toBe(1);
		}),
	);
});
