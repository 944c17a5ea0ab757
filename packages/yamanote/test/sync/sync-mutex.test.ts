import { describe, expect, it } from "vitest";
import {
	asyncFn,
	Future,
	fromPromise,
	join,
	Pending,
	type Poll,
	ready,
	run,
	select,
	sleep,
	spawn,
	yieldNow,
} from "yamanote";
import { GuardAcrossWaitError, LockHeldError, ReleasedError, SyncMutex, TryLockError } from "yamanote/sync";
import { catching, mock, now, onRuntime, thrown } from "./support.ts";

const here = "sync-mutex.test";

describe("SyncMutex", () => {
	it("gives the value, in a task and outside", () => {
		const mutex = new SyncMutex(1);
		{
			using guard = mutex.lock();
			guard.value++;
			expect([guard.value, mutex.isLocked, guard.mutex]).toEqual([2, true, mutex]);
		}
		expect(mutex.isLocked).toBe(false);
		expect(mutex.withLock((guard) => guard.value)).toBe(2);
	});

	it("says who holds it when it is locked again: a wait would never end", () => {
		const mutex = new SyncMutex(0, { name: "table" });
		using _guard = mutex.lock();
		const error = thrown(LockHeldError, () => mutex.lock());
		expect(error.code).toBe("YAMANOTE_LOCK_HELD");
		expect(error.message).toContain('"table"');
		expect(error.takenAt).toContain(here);
		expect(() => mutex.withLock(() => 1)).toThrow(LockHeldError);
		expect(() => mutex.tryLock()).toThrow(TryLockError);
	});

	it("is not poisoned by an error inside", () => {
		const mutex = new SyncMutex(0);
		expect(() =>
			mutex.withLock(() => {
				throw new Error("no");
			}),
		).toThrow("no");
		mutex.tryLock().release();
	});

	it("unlocks once, and refuses its value afterwards", () => {
		const mutex = new SyncMutex(0);
		const guard = mutex.lock();
		guard.release();
		guard[Symbol.dispose]();
		expect(() => guard.value).toThrow(ReleasedError);
		using _other = mutex.lock();
		guard.release();
		expect(mutex.isLocked).toBe(true);
	});

	it("refuses a body that waits", () => {
		const mutex = new SyncMutex(0);
		for (const body of [async () => 1, () => ready(1), () => Promise.resolve(1), function* () {}]) {
			expect(() => mutex.withLock<unknown>(body)).toThrow(TypeError);
			expect(mutex.isLocked).toBe(false);
		}
		expect(mutex.withLock(() => [1].values())).toBeDefined();
		expect(mutex.withLock(() => null)).toBe(null);
	});
});

describe("SyncMutex, its guard held across a wait", () => {
	it("fails at that wait, naming the lock and both places", async () => {
		await onRuntime(function* () {
			const mutex = new SyncMutex(0, { name: "table" });
			let error: unknown;
			function* holder() {
				using _guard = mutex.lock();
				yield* sleep(1);
			}
			try {
				yield* holder();
			} catch (e) {
				error = e;
			}
			expect(error).toBeInstanceOf(GuardAcrossWaitError);
			const { code, message, takenAt, waitedAt } = error as GuardAcrossWaitError;
			expect(code).toBe("YAMANOTE_GUARD_ACROSS_WAIT");
			expect(message).toContain('"table"');
			expect(takenAt).toContain(here);
			expect(waitedAt).toContain(here);
			expect(takenAt).not.toBe(waitedAt);
			expect(mutex.isLocked).toBe(false);
		});
	});

	it("fails at each kind of wait", async () => {
		await onRuntime(function* () {
			const mutex = new SyncMutex(0);
			const idle = spawn(sleep(10));
			const waits: (() => Future<unknown, unknown>)[] = [
				() => sleep(1),
				() => yieldNow(),
				() => idle,
				() => join([sleep(1), ready(1)]),
				() => select({ a: sleep(1) }),
				() => fromPromise(async () => 1),
				() =>
					asyncFn(function* () {
						yield* yieldNow();
					})(),
				() =>
					asyncFn(function* () {
						yield* (function* () {
							yield* yieldNow();
						})();
					})(),
			];
			for (const wait of waits) {
				const error = yield* catching({
					*[Symbol.iterator]() {
						using _guard = mutex.lock();
						yield* wait();
					},
				});
				expect(error).toBeInstanceOf(GuardAcrossWaitError);
				expect(mutex.isLocked).toBe(false);
			}
			yield* idle;
		});
	});

	it("does not fail at a wait that is ready at once, nor after the release", async () => {
		await onRuntime(function* () {
			const mutex = new SyncMutex(0);
			{
				using guard = mutex.lock();
				guard.value = yield* ready(5);
				expect(yield* select({ now: ready(1), never: sleep(1_000) }, { biased: true })).toEqual({
					key: "now",
					value: 1,
				});
			}
			yield* sleep(1);
			const guard = mutex.lock();
			guard.release();
			yield* sleep(1);
			expect(mutex.withLock((g) => g.value)).toBe(5);
		});
	});

	it("does not blame another task or branch that waits meanwhile", async () => {
		await onRuntime(function* () {
			const mutex = new SyncMutex(0);
			let guard: ReturnType<typeof mutex.lock> | undefined;
			// A task that forgets to release: others wait as they like.
			yield* spawn(function* () {
				guard = mutex.lock();
				yield* ready(1);
			});
			yield* sleep(1);
			yield* join([sleep(1), yieldNow()]);
			expect(thrown(LockHeldError, () => mutex.lock()).takenAt).toContain(here);
			guard?.release();
			yield* sleep(1);
			mutex.lock().release();
		});
	});

	it("can be caught, and the wait tried again without the guard", async () => {
		await onRuntime(function* () {
			const mutex = new SyncMutex(0);
			const guard = mutex.lock();
			for (let i = 0; i < 2; i++) {
				try {
					yield* sleep(1);
					expect.unreachable();
				} catch (error) {
					expect(error).toBeInstanceOf(GuardAcrossWaitError);
				}
			}
			guard.release();
			yield* sleep(1);
		});
	});

	it("names the one that is held, of several that were", async () => {
		await onRuntime(function* () {
			const [a, b, c] = ["a", "b", "c"].map((name) => new SyncMutex(0, { name })) as [
				SyncMutex<number>,
				SyncMutex<number>,
				SyncMutex<number>,
			];
			const guards = [a.lock(), b.lock(), c.lock()] as const;
			guards[2].release();
			guards[0].release();
			try {
				yield* sleep(1);
				expect.unreachable();
			} catch (error) {
				expect((error as Error).message).toContain('"b"');
			}
			guards[1].release();
			yield* sleep(1);
		});
	});

	it("names the one of the task that waits, though another was taken after it, in a branch", async () => {
		const [outer, inner] = [new SyncMutex(0, { name: "outer" }), new SyncMutex(0, { name: "inner" })];
		await onRuntime(function* () {
			using _outer = outer.lock();
			// It is ready at once, and gives its guard away.
			const [guard] = yield* join([
				function* () {
					return inner.lock();
				},
			]);
			const error = yield* catching(yieldNow());
			expect(error).toBeInstanceOf(GuardAcrossWaitError);
			expect((error as Error).message).toContain("outer");
			guard.release();
		});
	});

	it("fails a future of one's own that keeps it between polls", async () => {
		const mutex = new SyncMutex(0);
		class Keeps extends Future<void> {
			poll(): Poll<void> {
				mutex.lock();
				return Pending;
			}
		}
		await expect(run(new Keeps())).rejects.toBeInstanceOf(GuardAcrossWaitError);
		await expect(
			run(function* () {
				yield* new Keeps();
			}),
		).rejects.toBeInstanceOf(LockHeldError);
	});

	it("drops the wait that it fails", async () => {
		await onRuntime(function* () {
			const mutex = new SyncMutex(0);
			let dropped = 0;
			class Never extends Future<void> {
				poll(): Poll<void> {
					return Pending;
				}
				protected override drop(): void {
					dropped++;
				}
			}
			yield* catching({
				*[Symbol.iterator]() {
					using _guard = mutex.lock();
					yield* new Never();
				},
			});
			expect(dropped).toBe(1);
		});
	});
});

describe("SyncMutex, its guard held across a wait of cleanup", () => {
	function* work(mutex: SyncMutex<number>, seen: unknown[]) {
		try {
			yield* sleep(60_000);
		} finally {
			const guard = mutex.lock();
			try {
				yield* sleep(1);
				seen.push("across");
			} catch (error) {
				seen.push((error as GuardAcrossWaitError).waitedAt?.includes(here), error instanceof GuardAcrossWaitError);
			}
			guard.release();
			yield* sleep(1);
			seen.push("later waits work");
		}
	}
	const wanted = [true, true, "later waits work"];
	const called = asyncFn(work);
	const inACall = asyncFn(function* (mutex: SyncMutex<number>, seen: unknown[]) {
		try {
			yield* sleep(60_000);
		} finally {
			yield* cleanup(mutex, seen);
		}
	});
	const cleanup = asyncFn(function* (mutex: SyncMutex<number>, seen: unknown[]) {
		const guard = mutex.lock();
		try {
			yield* sleep(1);
			seen.push("across");
		} catch (error) {
			seen.push((error as GuardAcrossWaitError).waitedAt?.includes(here), error instanceof GuardAcrossWaitError);
		}
		guard.release();
		yield* sleep(1);
		seen.push("later waits work");
	});
	const bodies = { "a task's body": work, "a call": called, "a call that cleanup makes": inACall };
	for (const [what, body] of Object.entries(bodies)) {
		it(`fails at that wait: ${what}`, () =>
			onRuntime(function* () {
				const mutex = new SyncMutex(0, { name: "table" });
				const seen: unknown[] = [];
				const task = spawn(body(mutex, seen));
				yield* sleep(1);
				task.abort();
				expect(yield* catching(task)).toMatchObject({ name: "AbortError", suppressed: undefined });
				expect([seen.splice(0), mutex.isLocked]).toEqual([wanted, false]);
				yield* select({ lost: body(mutex, seen), won: sleep(1) });
				expect([seen, mutex.isLocked]).toEqual([wanted, false]);
			}));
	}

	it("fails though nobody catches it: the cleanup ends there, and the error is kept", () =>
		onRuntime(function* () {
			const mutex = new SyncMutex(0);
			const task = spawn(function* () {
				try {
					yield* sleep(60_000);
				} finally {
					using _guard = mutex.lock();
					yield* sleep(1);
				}
			});
			yield* sleep(1);
			task.abort();
			const error = (yield* catching(task)) as { suppressed?: unknown };
			expect(error.suppressed).toBeInstanceOf(GuardAcrossWaitError);
			expect(mutex.isLocked).toBe(false);
		}));
});

describe("SyncMutex in native code", () => {
	it("is told by its guard after an await: at the next use, or else at the release", async () => {
		const mutex = new SyncMutex(0, { name: "native" });
		const uses = async (): Promise<void> => {
			using guard = mutex.lock();
			await null;
			guard.value++;
		};
		const error = await uses().then(
			() => undefined,
			(e: unknown) => e,
		);
		expect(error).toBeInstanceOf(GuardAcrossWaitError);
		expect((error as GuardAcrossWaitError).takenAt).toContain(here);
		expect((error as GuardAcrossWaitError).waitedAt).toBeUndefined();
		expect(mutex.isLocked).toBe(false);
		const only = async (): Promise<void> => {
			using _guard = mutex.lock();
			await run(ready(1));
		};
		await expect(only()).rejects.toBeInstanceOf(GuardAcrossWaitError);
		expect(mutex.isLocked).toBe(false);
	});

	it("does not mind a guard that was released before the await", async () => {
		const mutex = new SyncMutex(0);
		const guard = mutex.lock();
		guard.value++;
		guard.release();
		await null;
		expect(() => guard.value).toThrow(ReleasedError);
		mutex.lock().release();
		await null;
	});

	it("does not mind being polled by hand", () => {
		const mutex = new SyncMutex(0);
		using _guard = mutex.lock();
		mock(sleep(10)).pending().drop();
		now(ready(1));
	});
});
