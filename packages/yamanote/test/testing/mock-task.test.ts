import { describe, expect, it } from "vitest";
import {
	asyncFn,
	FutureConsumedError,
	Instant,
	join,
	lazy,
	Pending,
	pending,
	pollFn,
	ready,
	sleep,
	type Waker,
	yieldNow,
} from "yamanote";
import {
	AssertionError,
	assertElapsed,
	assertFails,
	assertPending,
	assertReady,
	mockTask,
	paused,
} from "yamanote/testing";

describe("mockTask", () => {
	it("runs nothing before the first poll", () => {
		let ran = false;
		const task = mockTask(
			lazy(() => {
				ran = true;
			}),
		);
		expect(ran).toBe(false);
		expect(task.isWoken).toBe(false);
		assertReady(task.poll());
		expect(ran).toBe(true);
	});

	it("takes whatever can be waited for", () => {
		const twice = asyncFn(function* (n: number) {
			return 2 * n;
		});
		expect(assertReady(mockTask(twice(4)).poll())).toBe(8);
		expect(assertReady(mockTask(ready("x")).poll())).toBe("x");
		expect(
			assertReady(
				mockTask(function* () {
					return "y";
				}).poll(),
			),
		).toBe("y");
		expect(() => mockTask(7 as never)).toThrow(TypeError);
	});

	it("counts polls and wakes, and tells whether it was woken since the last poll", () => {
		let waker: Waker | undefined;
		const task = mockTask(
			pollFn<never>((cx) => {
				waker = cx.waker;
				return Pending;
			}),
		);
		assertPending(task.poll());
		expect([task.isWoken, task.wakes, task.polls]).toEqual([false, 0, 1]);
		waker?.wake();
		waker?.wake();
		expect([task.isWoken, task.wakes, task.polls]).toEqual([true, 2, 1]);
		assertPending(task.poll());
		expect([task.isWoken, task.wakes, task.polls]).toEqual([false, 2, 2]);
	});

	it("tells of a wake that comes during the poll", () => {
		const task = mockTask(yieldNow());
		assertPending(task.poll());
		expect(task.isWoken).toBe(true);
	});

	it("throws the failure of the future, and has ended then", () => {
		const error = new Error("no");
		const task = mockTask(
			lazy(() => {
				throw error;
			}),
		);
		expect(assertFails(() => task.poll())).toBe(error);
		expect(task.isEnded).toBe(true);
		assertFails(() => task.poll(), FutureConsumedError);
	});

	it("is not woken any more once it has ended", () => {
		const task = mockTask(ready(1));
		assertReady(task.poll());
		task.waker.wake();
		expect(task.isEnded).toBe(true);
		expect(task.isWoken).toBe(false);
	});

	it("gives each poll the full budget", () => {
		const task = mockTask(function* () {
			for (let i = 0; i < 128; i++) yield* ready(i);
			return "all";
		});
		expect(assertReady(task.poll())).toBe("all");
		const longer = mockTask(function* () {
			for (let i = 0; i < 129; i++) yield* ready(i);
			return "all";
		});
		assertPending(longer.poll());
		expect(longer.isWoken).toBe(true);
		expect(assertReady(longer.poll())).toBe("all");
	});

	it(
		"waits for timers of the test's clock",
		paused(function* () {
			const start = Instant.now();
			using task = mockTask(sleep(5));
			assertPending(task.poll());
			yield* sleep(4);
			expect(task.isWoken).toBe(false);
			yield* sleep(1);
			expect(task.isWoken).toBe(true);
			assertReady(task.poll());
			assertElapsed(start, 5);
		}),
	);

	it(
		"leaves the task around it as it was",
		paused(function* () {
			using task = mockTask(pending());
			for (let i = 0; i < 200; i++) task.poll();
			// Its own budget is not used up: this does not give way.
			let others = 0;
			const other = join([
				function* () {
					yield* ready(0);
					others++;
				},
			]);
			yield* other;
			expect(others).toBe(1);
		}),
	);
});

describe("pollUntilIdle", () => {
	it("polls once what is not woken", () => {
		const task = mockTask(pending());
		assertPending(task.pollUntilIdle());
		expect(task.polls).toBe(1);
	});

	it("goes on as long as it is woken", () => {
		const task = mockTask(function* () {
			for (let i = 0; i < 5; i++) yield* yieldNow();
			return "done";
		});
		expect(assertReady(task.pollUntilIdle())).toBe("done");
		expect(task.polls).toBe(6);
	});

	it("ends with an error when the task wakes itself without end", () => {
		const task = mockTask(
			pollFn<never>((cx) => {
				cx.waker.wake();
				return Pending;
			}),
		);
		assertFails(() => task.pollUntilIdle(10), AssertionError);
		expect(task.polls).toBe(10);
	});
});

describe("dropping a mock task", () => {
	it("runs the cleanup", () => {
		const log: string[] = [];
		{
			using task = mockTask(function* () {
				try {
					yield* pending();
				} finally {
					log.push("cleanup");
				}
			});
			assertPending(task.poll());
			expect(log).toEqual([]);
		}
		expect(log).toEqual(["cleanup"]);
	});

	it("runs nothing of what has not begun", () => {
		let ran = false;
		const task = mockTask(function* () {
			ran = true;
			yield* pending();
		});
		expect(task.drop()).toBe(true);
		expect(ran).toBe(false);
		expect(task.isEnded).toBe(true);
	});

	it("tells that cleanup waits, and goes on with it when it was woken", () => {
		const log: string[] = [];
		const task = mockTask(function* () {
			try {
				yield* pending();
			} finally {
				yield* yieldNow();
				log.push("cleaned");
			}
		});
		task.poll();
		expect(task.drop()).toBe(false);
		expect(task.isWoken).toBe(true);
		expect(task.drop()).toBe(true);
		expect(log).toEqual(["cleaned"]);
	});

	it("goes on after code that was run in its place has failed", () => {
		let cleaned = false;
		const task = mockTask(function* () {
			try {
				yield* pending();
			} finally {
				cleaned = true;
			}
		});
		task.poll();
		expect(() =>
			task.enter(() => {
				throw new Error("no");
			}),
		).toThrow("no");
		expect(task.isEnded).toBe(false);
		task.drop();
		expect(cleaned).toBe(true);
	});
});
