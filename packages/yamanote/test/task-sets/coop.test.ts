import { describe, expect, it } from "vitest";
import {
	consumeBudget,
	cooperative,
	hasBudgetRemaining,
	join,
	pollFn,
	ready,
	run,
	spawn,
	unconstrained,
	yieldNow,
} from "yamanote";
import { Mutex } from "yamanote/sync";
import { assertPending, assertReady, mockTask, paused } from "yamanote/testing";

describe("consumeBudget", () => {
	it("is ready as long as there is budget, and gives way when it is used up", () => {
		const task = mockTask(function* () {
			let n = 0;
			for (; n < 300; n++) yield* consumeBudget();
			return n;
		});
		assertPending(task.poll());
		expect(task.isWoken).toBe(true);
		assertPending(task.poll());
		expect(assertReady(task.poll())).toBe(300);
		expect(task.polls).toBe(3);
	});

	it(
		"lets other tasks have their turn",
		paused(function* () {
			const log: string[] = [];
			const busy = spawn(function* () {
				for (let i = 0; i < 200; i++) yield* consumeBudget();
				log.push("busy");
			});
			const other = spawn(function* () {
				log.push("other");
			});
			yield* join([busy, other]);
			expect(log).toEqual(["other", "busy"]);
		}),
	);
});

describe("hasBudgetRemaining", () => {
	it("is true outside of tasks", () => {
		expect(hasBudgetRemaining()).toBe(true);
	});

	it("is false from the moment on when the next wait would give way", () => {
		const seen: boolean[] = [];
		const task = mockTask(function* () {
			for (let i = 0; i < 127; i++) yield* ready(i);
			seen.push(hasBudgetRemaining());
			yield* ready(127);
			seen.push(hasBudgetRemaining());
			yield* ready(128);
			seen.push(hasBudgetRemaining());
		});
		assertPending(task.poll());
		expect(seen).toEqual([true, false]);
		assertReady(task.poll());
		expect(seen).toEqual([true, false, true]);
	});

	it(
		"is true again after giving way",
		paused(function* () {
			for (let i = 0; i < 128; i++) yield* ready(i);
			expect(hasBudgetRemaining()).toBe(false);
			yield* yieldNow();
			expect(hasBudgetRemaining()).toBe(true);
		}),
	);
});

describe("unconstrained", () => {
	it("lets a future be ready as often as it likes", () => {
		const mutex = new Mutex(0);
		const task = mockTask(
			unconstrained(function* () {
				for (let i = 0; i < 10_000; i++) {
					using guard = yield* mutex.lock();
					guard.value++;
				}
			}),
		);
		assertReady(task.poll());
		expect(mutex.tryLock().value).toBe(10_000);
	});

	it("leaves the budget of the code around it as it was", () => {
		const seen: boolean[] = [];
		const task = mockTask(function* () {
			for (let i = 0; i < 128; i++) yield* ready(i);
			yield* unconstrained(function* () {
				for (let i = 0; i < 10; i++) yield* ready(i);
				seen.push(hasBudgetRemaining());
			});
			seen.push(hasBudgetRemaining());
		});
		assertReady(task.poll());
		expect(seen).toEqual([true, false]);
	});

	it("passes values and failures on", async () => {
		expect(await run(unconstrained(ready(7)))).toBe(7);
		const error = new Error("no");
		await expect(
			run(
				unconstrained(function* () {
					throw error;
				}),
			),
		).rejects.toBe(error);
		expect(() => unconstrained(7 as never)).toThrow(TypeError);
	});
});

describe("cooperative", () => {
	it("spends one unit when the future is ready", () => {
		const task = mockTask(function* () {
			for (let i = 0; i < 200; i++) {
				yield* cooperative(function* () {
					return i;
				});
			}
		});
		assertPending(task.poll());
		expect(task.isWoken).toBe(true);
		assertReady(task.poll());
	});

	it("spends nothing when it has to wait", () => {
		let polls = 0;
		const waits = pollFn((cx) => {
			if (++polls === 2) return polls;
			cx.waker.wake();
			return undefined as never;
		});
		const seen: boolean[] = [];
		const task = mockTask(function* () {
			for (let i = 0; i < 126; i++) yield* ready(i);
			yield* cooperative(waits);
			seen.push(hasBudgetRemaining());
		});
		assertReady(task.pollUntilIdle());
		expect(seen).toEqual([false]);
	});
});
