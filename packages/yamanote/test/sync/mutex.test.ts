import { describe, expect, it } from "vitest";
import { join, pending, run, sleep, spawn, timeout, tryJoin, yieldNow } from "yamanote";
import { Mutex, type MutexGuard, ReleasedError, TryLockError } from "yamanote/sync";
import { catching, mock, now, onRuntime, seeds } from "./support.ts";

describe("Mutex", () => {
	it("gives the value to one after the other, who may replace it", () => {
		const mutex = new Mutex(100);
		for (const expected of [100, 99, 98]) {
			using guard = now(mutex.lock());
			expect(guard.value).toBe(expected);
			guard.value = expected - 1;
		}
	});

	it("guards nothing but the critical section when it has no value", () => {
		const mutex = new Mutex(undefined);
		now(mutex.lock()).release();
		expect(mutex.isLocked).toBe(false);
	});

	it("makes the second wait until the first unlocks", () => {
		const mutex = new Mutex(100);
		const guard = now(mutex.lock());
		const second = mock(mutex.lock()).pending();
		expect(second.isWoken).toBe(false);
		expect(mutex.isLocked).toBe(true);
		guard.release();
		second.wokenReady();
	});

	it("does not lock before its first poll", () => {
		const mutex = new Mutex(0);
		const lock = mutex.lock();
		expect(mutex.isLocked).toBe(false);
		mutex.tryLock().release();
		now(lock).release();
	});

	it("is given in the order in which it was asked for", () => {
		const mutex = new Mutex(0);
		let guard: MutexGuard<number> = now(mutex.lock());
		const waiting = Array.from({ length: 5 }, () => mock(mutex.lock()).pending());
		for (const next of waiting) {
			guard.release();
			expect(waiting.filter((w) => w.isWoken)).toEqual([next]);
			guard = next.ready();
		}
	});

	it("locks without waiting by tryLock, or fails", () => {
		const mutex = new Mutex(0);
		const guard = mutex.tryLock();
		expect(() => mutex.tryLock()).toThrow(TryLockError);
		guard.release();
		mutex.tryLock().release();
	});

	it("cannot be had by tryLock while it is promised to one who waited", () => {
		const mutex = new Mutex(0);
		const guard = mutex.tryLock();
		const waiting = mock(mutex.lock()).pending();
		guard.release();
		expect(() => mutex.tryLock()).toThrow(TryLockError);
		waiting.wokenReady().release();
		mutex.tryLock();
	});

	it("passes on when the one whose turn it is is dropped, woken or not", () => {
		const mutex = new Mutex(0);
		const guard = mutex.tryLock();
		const [a, b, c] = [mock(mutex.lock()).pending(), mock(mutex.lock()).pending(), mock(mutex.lock()).pending()];
		b.drop();
		guard.release();
		expect(a.isWoken).toBe(true);
		a.drop();
		c.wokenReady().release();
		expect(mutex.isLocked).toBe(false);
	});

	it("unlocks once, however often the guard is released", () => {
		const mutex = new Mutex(0);
		const guard = mutex.tryLock();
		guard.release();
		const other = mutex.tryLock();
		guard.release();
		guard[Symbol.dispose]();
		expect(mutex.isLocked).toBe(true);
		other.release();
	});

	it("refuses the value to a guard that was released", () => {
		const mutex = new Mutex(1);
		const guard = mutex.tryLock();
		expect(guard.mutex).toBe(mutex);
		guard.release();
		expect(() => guard.value).toThrow(ReleasedError);
		expect(() => {
			guard.value = 2;
		}).toThrow(ReleasedError);
		expect(mutex.tryLock().value).toBe(1);
	});

	it("can be released inside the poll of another, and by a waker", () => {
		const mutex = new Mutex(0);
		const guard = mutex.tryLock();
		const first = mutex.lock();
		const log: string[] = [];
		const second = mock(mutex.lock());
		first.poll({
			waker: {
				wake() {
					log.push("first");
					now(first).release();
				},
			},
		});
		second.pending();
		guard.release();
		expect(log).toEqual(["first"]);
		second.wokenReady();
	});
});

describe("Mutex on a runtime", () => {
	it("is free again when the task that held it is cancelled", async () => {
		await onRuntime(function* () {
			const mutex = new Mutex(0);
			const held = timeout(1, function* () {
				using _guard = yield* mutex.lock();
				yield* sleep(1_000);
			});
			const error = yield* catching(held);
			expect((error as Error).name).toBe("TimeoutError");
			yield* timeout(1, mutex.lock());
		});
	});

	it("is free again when a task that waited for it is cancelled", async () => {
		await onRuntime(function* () {
			const mutex = new Mutex(0);
			{
				using _guard = yield* mutex.lock();
				yield* catching(timeout(1, mutex.lock()));
			}
			yield* timeout(1, mutex.lock());
		});
	});

	it("releases a guard that nobody receives: a dropped handle, a failed tryJoin, a lost timeout", async () => {
		await onRuntime(function* () {
			const mutex = new Mutex(0);
			const handle = spawn(mutex.lock());
			yield* yieldNow();
			expect(mutex.isLocked).toBe(true);
			handle[Symbol.dispose]();
			expect(mutex.isLocked).toBe(false);

			yield* catching(
				tryJoin([
					mutex.lock(),
					function* () {
						yield* yieldNow();
						throw new Error("no");
					},
				]),
			);
			expect(mutex.isLocked).toBe(false);

			const both = spawn(join({ guard: mutex.lock(), never: pending() }));
			yield* yieldNow();
			expect(mutex.isLocked).toBe(true);
			both.abort();
			yield* catching(both);
			expect(mutex.isLocked).toBe(false);
		});
	});

	it("lets a task that locks it twice wait for itself", async () => {
		await onRuntime(function* () {
			const mutex = new Mutex(0);
			using _guard = yield* mutex.lock();
			expect(((yield* catching(timeout(10, mutex.lock()))) as Error).name).toBe("TimeoutError");
		});
	});
});

describe("Mutex.withLock", () => {
	it("gives what the body gives: a generator, an async function, a plain one", async () => {
		const mutex = new Mutex(1);
		expect(
			await run(
				mutex.withLock(function* (guard) {
					yield* yieldNow();
					return guard.value + 1;
				}),
			),
		).toBe(2);
		expect(await mutex.withLock(async (guard) => guard.value + 2)).toBe(3);
		expect(await mutex.withLock((guard) => guard.value + 3)).toBe(4);
		expect(await mutex.withLock((guard) => ({ n: guard.value }))).toEqual({ n: 1 });
		expect(await mutex.withLock((guard) => Promise.resolve(guard.value + 4))).toBe(5);
		expect(mutex.isLocked).toBe(false);
	});

	it("unlocks when the body fails", async () => {
		const mutex = new Mutex(1);
		const error = new Error("no");
		await expect(
			mutex.withLock(() => {
				throw error;
			}),
		).rejects.toBe(error);
		await expect(mutex.withLock(async () => Promise.reject(error))).rejects.toBe(error);
		await expect(mutex.withLock(() => Promise.reject(error))).rejects.toBe(error);
		expect(mutex.isLocked).toBe(false);
	});

	it("tells an async body that it is cancelled, and holds the lock until that has ended", async () => {
		await onRuntime(function* () {
			const mutex = new Mutex(0);
			const log: string[] = [];
			const task = spawn(
				mutex.withLock(async (_guard, { signal, run }) => {
					try {
						await run(pending());
					} finally {
						log.push(`aborted: ${signal.aborted}, locked: ${mutex.isLocked}`);
					}
				}),
			);
			yield* yieldNow();
			task.abort();
			yield* catching(task);
			expect(log).toEqual(["aborted: true, locked: true"]);
			expect(mutex.isLocked).toBe(false);
		});
	});

	it("holds the lock until the promise of a plain body has settled, though the wait for it was cancelled", async () => {
		await onRuntime(function* () {
			const mutex = new Mutex(0);
			let settle = (): void => {};
			const promise = new Promise<void>((resolve) => {
				settle = resolve;
			});
			const task = spawn(mutex.withLock(() => promise));
			yield* yieldNow();
			task.abort();
			yield* yieldNow();
			yield* yieldNow();
			expect(mutex.isLocked).toBe(true);
			settle();
			yield* catching(task);
			expect(mutex.isLocked).toBe(false);
		});
	});
});

describe("Mutex under random schedules", () => {
	it("is held by one at a time, and always by somebody while somebody waits, in 1,000 schedules with cancellation", () => {
		seeds(1_000, (random) => {
			const mutex = new Mutex(0);
			let guard: MutexGuard<number> | null = null;
			let waiting = Array.from({ length: 2 + random.below(8) }, () => mock(mutex.lock()));
			let passed = 0;
			const dropped = new Set<unknown>();
			for (const w of waiting) {
				const first = w.poll();
				if (typeof first !== "symbol") guard = first;
			}
			waiting = waiting.slice(1);
			while (waiting.length > 0) {
				if (random.chance(0.3)) {
					const victim = random.pick(waiting);
					victim.drop();
					dropped.add(victim);
					waiting = waiting.filter((w) => w !== victim);
				} else if (guard !== null) {
					guard.release();
					guard = null;
				}
				if (guard === null && waiting.length > 0) {
					const woken = waiting.filter((w) => w.isWoken);
					expect(woken).toEqual([waiting[0]]);
					if (random.chance(0.8)) {
						guard = (waiting.shift() as (typeof waiting)[0]).ready();
						guard.value = ++passed;
					}
				}
			}
			guard?.release();
			expect(mutex.isLocked).toBe(false);
			expect(mutex.tryLock().value).toBe(passed);
		});
	});
});
