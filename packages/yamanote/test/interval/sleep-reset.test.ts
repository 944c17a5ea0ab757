import { describe, expect, it } from "vitest";
import { advance, Instant, select, sleep, sleepUntil } from "yamanote";
import { assertElapsed, assertPending, assertReady, mockTask, paused } from "yamanote/testing";

const inPage = !("process" in globalThis);

describe("Sleep.reset", () => {
	it(
		"changes the deadline before the first poll",
		paused(function* () {
			const start = Instant.now();
			const nap = sleep(100);
			nap.reset(start.plus(30));
			expect(nap.deadline.since(start)).toBe(30);
			yield* nap;
			assertElapsed(start, 30);
		}),
	);

	it(
		"moves a sleep that is waited for to a later time",
		paused(function* () {
			const nap = sleep(100);
			using task = mockTask(nap);
			assertPending(task.poll());
			nap.reset(300);
			yield* advance(299);
			expect(task.isWoken).toBe(false);
			yield* advance(1);
			expect(task.isWoken).toBe(true);
			assertReady(task.poll());
		}),
	);

	it(
		"moves it to an earlier time",
		paused(function* () {
			const nap = sleep(1_000);
			using task = mockTask(nap);
			assertPending(task.poll());
			nap.reset({ milliseconds: 10 });
			yield* advance(10);
			assertReady(task.poll());
		}),
	);

	it(
		"to a time that has passed wakes at once",
		paused(function* () {
			const start = Instant.now();
			yield* advance(50);
			const nap = sleep(1_000);
			using task = mockTask(nap);
			assertPending(task.poll());
			nap.reset(start);
			expect(task.isWoken).toBe(true);
			expect(nap.isElapsed).toBe(true);
			assertReady(task.poll());
		}),
	);

	it(
		"after it has fired, and before it was polled, waits anew",
		paused(function* () {
			const nap = sleep(10);
			using task = mockTask(nap);
			assertPending(task.poll());
			yield* advance(10);
			expect(task.isWoken).toBe(true);
			nap.reset(20);
			assertPending(task.poll());
			yield* advance(20);
			assertReady(task.poll());
		}),
	);

	it(
		"after it has completed can be waited for once more",
		paused(function* () {
			const start = Instant.now();
			const nap = sleep(10);
			for (const ms of [10, 20, 40]) {
				yield* nap;
				assertElapsed(start, ms);
				nap.reset(ms);
				expect(nap.isElapsed).toBe(false);
			}
		}),
	);

	it(
		"after it was dropped can be waited for once more",
		paused(function* () {
			const start = Instant.now();
			const nap = sleep(100);
			expect((yield* select({ nap, tick: sleep(5) })).key).toBe("tick");
			nap.reset(10);
			yield* nap;
			assertElapsed(start, 15);
		}),
	);

	it(
		"leaves no timer behind when nobody waits",
		paused(function* () {
			const nap = sleepUntil(Instant.now().plus(5));
			yield* nap;
			nap.reset(1_000);
			// Nothing is armed, or the leak check after this test would say so.
			yield* sleep(1);
		}),
	);

	it(
		"from never, and to never",
		paused(function* () {
			const nap = sleep(Number.POSITIVE_INFINITY);
			using task = mockTask(nap);
			assertPending(task.poll());
			nap.reset(10);
			yield* advance(10);
			expect(task.isWoken).toBe(true);
			nap.reset(Number.POSITIVE_INFINITY);
			assertPending(task.poll());
			yield* advance({ days: 1_000 });
			expect(task.wakes).toBe(1);
		}),
	);

	// Without AsyncLocalStorage, an async function is in no runtime after its first await: the paused clock is not its own.
	it.skipIf(inPage)(
		"starts anew what native code has awaited to its end",
		paused(async () => {
			const start = Instant.now();
			const nap = sleep(10);
			await nap;
			nap.reset(20);
			await Promise.all([nap, nap]);
			assertElapsed(start, 30);
		}),
	);

	it("refuses what is neither an instant nor a duration", () => {
		expect(() => sleep(1).reset(Number.NaN)).toThrow(RangeError);
		expect(() => sleep(1).reset("soon" as never)).toThrow(TypeError);
	});
});
