import { describe, expect, it } from "vitest";
import { attempt, join, pending, ready, run, sleep, spawn, TaskTracker, timeout, yieldNow } from "yamanote";
import { assertPending, assertReady, mockTask, paused } from "yamanote/testing";

describe("TaskTracker", () => {
	it("is open and empty at first", () => {
		const tracker = new TaskTracker();
		expect([tracker.isClosed, tracker.isEmpty, tracker.size]).toEqual([false, true, 0]);
	});

	it("tells whether closing and reopening changed anything", () => {
		const tracker = new TaskTracker();
		expect(tracker.close()).toBe(true);
		expect(tracker.close()).toBe(false);
		expect(tracker.isClosed).toBe(true);
		expect(tracker.reopen()).toBe(true);
		expect(tracker.reopen()).toBe(false);
		expect(tracker.isClosed).toBe(false);
	});

	it("counts tokens until they are released, once each", () => {
		const tracker = new TaskTracker();
		const tokens = Array.from({ length: 12 }, (_, i) => {
			const token = tracker.token();
			expect(tracker.size).toBe(i + 1);
			return token;
		});
		expect(tokens[0]?.tracker).toBe(tracker);
		for (const [i, token] of tokens.entries()) {
			token.release();
			token.release();
			expect(tracker.size).toBe(11 - i);
		}
		{
			using _token = tracker.token();
			expect(tracker.isEmpty).toBe(false);
		}
		expect(tracker.isEmpty).toBe(true);
	});

	it(
		"counts a task until it has ended, its cleanup included",
		paused(function* () {
			const tracker = new TaskTracker();
			const task = tracker.spawn(function* () {
				try {
					yield* pending();
				} finally {
					yield* sleep(10);
				}
			});
			yield* yieldNow();
			task.abort();
			yield* sleep(5);
			expect(tracker.size).toBe(1);
			yield* sleep(6);
			expect(tracker.size).toBe(0);
		}),
	);

	it(
		"gives the handle of the task, which gives its value",
		paused(function* () {
			const tracker = new TaskTracker();
			const task = tracker.spawn(ready(7), { name: "seven" });
			expect(task.name).toBe("seven");
			expect(yield* task).toBe(7);
		}),
	);

	it("a failure that nobody awaits is reported", async () => {
		const test = paused(function* () {
			new TaskTracker().spawn(
				function* () {
					throw new Error("unseen");
				},
				{ name: "tracked" },
			);
			yield* sleep(1);
		});
		await expect(test()).rejects.toThrow(/"tracked"/);
	});

	it(
		"a failure that the handle gives is not reported",
		paused(function* () {
			const error = new Error("seen");
			const task = new TaskTracker().spawn(function* () {
				throw error;
			});
			expect(yield* attempt(task)).toEqual({ ok: false, error });
		}),
	);
});

describe("tracking a future", () => {
	it("counts it from the call until it has completed", async () => {
		const tracker = new TaskTracker();
		const tracked = tracker.track(ready("value"));
		expect(tracker.size).toBe(1);
		expect(await run(tracked)).toBe("value");
		expect(tracker.size).toBe(0);
	});

	it("counts it until it has failed", async () => {
		const tracker = new TaskTracker();
		const error = new Error("no");
		await expect(
			run(
				tracker.track(function* () {
					throw error;
				}),
			),
		).rejects.toBe(error);
		expect(tracker.size).toBe(0);
	});

	it(
		"counts it until it was dropped, its cleanup included",
		paused(function* () {
			const tracker = new TaskTracker();
			const tracked = tracker.track(function* () {
				try {
					yield* pending();
				} finally {
					expect(tracker.size).toBe(1);
					yield* sleep(5);
					expect(tracker.size).toBe(1);
				}
			});
			yield* attempt(timeout(1, tracked));
			expect(tracker.size).toBe(0);
		}),
	);

	it("counts one that was never polled until it was dropped", () => {
		const tracker = new TaskTracker();
		{
			using _tracked = tracker.track(pending());
			expect(tracker.size).toBe(1);
		}
		expect(tracker.size).toBe(0);
		expect(() => tracker.track(7 as never)).toThrow(TypeError);
	});
});

describe("waiting for a TaskTracker", () => {
	it("is over at once if it is closed and empty", () => {
		const tracker = new TaskTracker();
		tracker.close();
		assertReady(mockTask(tracker.wait()).poll());
	});

	it("is over at once if it was closed and empty when the wait was made, though it was reopened since", () => {
		const tracker = new TaskTracker();
		tracker.close();
		const wait = mockTask(tracker.wait());
		tracker.reopen();
		assertReady(wait.poll());
	});

	it("ends when an empty tracker is closed", () => {
		const tracker = new TaskTracker();
		const wait = mockTask(tracker.wait());
		assertPending(wait.poll());
		tracker.close();
		expect(wait.isWoken).toBe(true);
		assertReady(wait.poll());
	});

	it("ends when it was closed and empty for a moment only", () => {
		const tracker = new TaskTracker();
		const wait = mockTask(tracker.wait());
		assertPending(wait.poll());
		tracker.close();
		tracker.reopen();
		const again = tracker.token();
		expect(wait.isWoken).toBe(true);
		assertReady(wait.poll());
		again.release();
	});

	it("ends when it was closed and empty for a moment before the first poll", () => {
		const tracker = new TaskTracker();
		const wait = mockTask(tracker.wait());
		tracker.close();
		tracker.reopen();
		assertReady(wait.poll());
	});

	it("ends with the last of a closed tracker, though another comes at once", () => {
		const tracker = new TaskTracker();
		tracker.close();
		const token = tracker.token();
		const wait = mockTask(tracker.wait());
		assertPending(wait.poll());
		token.release();
		const next = tracker.token();
		expect(wait.isWoken).toBe(true);
		assertReady(wait.poll());
		next.release();
	});

	it("does not end with the last of an open tracker", () => {
		const tracker = new TaskTracker();
		const token = tracker.token();
		const wait = mockTask(tracker.wait());
		assertPending(wait.poll());
		token.release();
		expect(wait.isWoken).toBe(false);
		const next = tracker.token();
		tracker.close();
		assertPending(wait.poll());
		next.release();
		expect(wait.isWoken).toBe(true);
		assertReady(wait.poll());
	});

	it("wakes all who wait", () => {
		const tracker = new TaskTracker();
		const waits = Array.from({ length: 10 }, () => mockTask(tracker.wait()));
		for (const wait of waits) assertPending(wait.poll());
		tracker.close();
		expect(waits.every((wait) => wait.isWoken)).toBe(true);
		for (const wait of waits) assertReady(wait.poll());
	});

	it("does not wake one that was dropped", () => {
		const tracker = new TaskTracker();
		const wait = mockTask(tracker.wait());
		assertPending(wait.poll());
		wait.drop();
		tracker.close();
		expect(wait.wakes).toBe(0);
	});

	it(
		"ends when all tasks have, also those that are spawned after the close",
		paused(function* () {
			const tracker = new TaskTracker();
			const ended: number[] = [];
			const work = (ms: number) =>
				function* () {
					yield* sleep(ms);
					ended.push(ms);
				};
			tracker.spawn(work(10));
			tracker.close();
			tracker.spawn(work(30));
			const other = spawn(function* () {
				yield* sleep(5);
				tracker.spawn(work(20));
			});
			yield* join([tracker.wait(), other]);
			expect(ended).toEqual([10, 20, 30]);
		}),
	);
});
