import { describe, expect, it } from "vitest";
import { join, ready, run, spawn, yieldNow } from "yamanote";
import { AcquireError, Semaphore, TryAcquireError } from "yamanote/sync";
import { mock, now, onRuntime, thrown } from "./support.ts";

describe("Semaphore", () => {
	it("can be made without permits, and with the most there can be", () => {
		expect(new Semaphore(0).availablePermits).toBe(0);
		expect(new Semaphore(Semaphore.MAX_PERMITS).availablePermits).toBe(Semaphore.MAX_PERMITS);
	});

	it("refuses counts out of range at the call", () => {
		expect(() => new Semaphore(Semaphore.MAX_PERMITS + 1)).toThrow(RangeError);
		expect(() => new Semaphore(-1)).toThrow(RangeError);
		expect(() => new Semaphore(1.5)).toThrow(RangeError);
		expect(() => new Semaphore("3" as never)).toThrow(TypeError);
		const sem = new Semaphore(1);
		expect(() => sem.acquireMany(-1)).toThrow(RangeError);
		expect(() => sem.acquireMany(Number.NaN)).toThrow(RangeError);
		expect(() => sem.tryAcquireMany(0.5)).toThrow(RangeError);
		expect(() => sem.addPermits(-1)).toThrow(RangeError);
		expect(() => sem.forgetPermits(-1)).toThrow(RangeError);
	});

	it("gives a permit at once while one is free, and counts it", () => {
		const sem = new Semaphore(100);
		now(sem.acquire());
		expect(sem.availablePermits).toBe(99);
		now(sem.acquireMany(5));
		now(sem.acquireMany(5));
		expect(sem.availablePermits).toBe(89);
	});

	it("does nothing before its first poll", () => {
		const sem = new Semaphore(1);
		const acquire = sem.acquire();
		expect(sem.availablePermits).toBe(1);
		acquire[Symbol.dispose]();
		expect(sem.availablePermits).toBe(1);
	});

	it("takes permits without waiting by tryAcquire, or says why not", () => {
		const sem = new Semaphore(1);
		const permit = sem.tryAcquire();
		expect(thrown(TryAcquireError, () => sem.tryAcquire()).kind).toBe("no-permits");
		permit.release();
		sem.tryAcquire();
		sem.close();
		const error = thrown(TryAcquireError, () => sem.tryAcquire());
		expect(error.kind).toBe("closed");
		expect(error.code).toBe("YAMANOTE_TRY_ACQUIRE");
	});

	it("takes many permits without waiting only all together", () => {
		const sem = new Semaphore(5);
		const one = sem.tryAcquire();
		expect(() => sem.tryAcquireMany(5)).toThrow(TryAcquireError);
		expect(sem.availablePermits).toBe(4);
		one.release();
		expect(sem.tryAcquireMany(5).numPermits).toBe(5);
		sem.addPermits(2);
		expect(sem.availablePermits).toBe(2);
	});

	it("wakes who waits when a permit is given back, and hands it over without letting it go free", () => {
		const sem = new Semaphore(1);
		const first = now(sem.acquire());
		const second = mock(sem.acquire()).pending();
		first.release();
		expect(sem.availablePermits).toBe(0);
		expect(() => sem.tryAcquire()).toThrow(TryAcquireError);
		second.wokenReady().release();
		expect(sem.availablePermits).toBe(1);
	});

	it("wakes who waits when permits are added", () => {
		const sem = new Semaphore(0);
		const acquire = mock(sem.acquire()).pending();
		sem.addPermits(1);
		expect(acquire.wokenReady().numPermits).toBe(1);
	});

	it("serves unequal requests in their order: a large one at the head is never overtaken", () => {
		const sem = new Semaphore(5);
		const one = now(sem.acquire());
		const five = mock(sem.acquireMany(5)).pending();
		expect(sem.availablePermits).toBe(0);
		const three = mock(sem.acquireMany(3)).pending();
		const small = mock(sem.acquire()).pending();
		expect(() => sem.tryAcquire()).toThrow(TryAcquireError);
		one.release();
		const held = five.wokenReady();
		expect(three.isWoken || small.isWoken).toBe(false);
		held.split(1)?.release();
		expect(three.isWoken || small.isWoken).toBe(false);
		held.split(2)?.release();
		expect(three.wokenReady().numPermits).toBe(3);
		expect(small.isWoken).toBe(false);
		held.release();
		small.wokenReady();
		expect(sem.availablePermits).toBe(1);
	});

	it("serves several who wait from one large gift", () => {
		const sem = new Semaphore(0);
		const waiting = [2, 1, 3, 4].map((n) => mock(sem.acquireMany(n)).pending());
		sem.addPermits(6);
		expect(waiting.map((w) => w.isWoken)).toEqual([true, true, true, false]);
		expect(sem.availablePermits).toBe(0);
		sem.addPermits(5);
		expect(waiting[3]?.isWoken).toBe(true);
		expect(sem.availablePermits).toBe(1);
	});

	it("gives no permits at once, also while others wait", () => {
		const sem = new Semaphore(0);
		mock(sem.acquire()).pending();
		expect(now(sem.acquireMany(0)).numPermits).toBe(0);
		expect(sem.tryAcquireMany(0).numPermits).toBe(0);
	});

	it("waits for ever for more permits than there are, and blocks those behind", () => {
		const sem = new Semaphore(3);
		const four = mock(sem.acquireMany(4)).pending();
		const one = mock(sem.acquire()).pending();
		expect(sem.availablePermits).toBe(0);
		four.drop();
		one.wokenReady();
		expect(sem.availablePermits).toBe(2);
	});

	it("gives back what a cancelled request had collected", () => {
		const sem = new Semaphore(10);
		sem.tryAcquireMany(4);
		const eight = mock(sem.acquireMany(8)).pending();
		expect(sem.availablePermits).toBe(0);
		eight.drop();
		expect(sem.availablePermits).toBe(6);
		expect(sem.tryAcquireMany(6).numPermits).toBe(6);
	});

	it("passes a granted permit on when its request is dropped before it looked", () => {
		const sem = new Semaphore(1);
		const held = now(sem.acquire());
		const first = mock(sem.acquire()).pending();
		const second = mock(sem.acquire()).pending();
		held.release();
		expect(first.isWoken).toBe(true);
		first.drop();
		second.wokenReady().release();
		expect(sem.availablePermits).toBe(1);
	});

	it("wakes the waker of the last poll only", () => {
		const sem = new Semaphore(0);
		const acquire = mock(sem.acquire());
		let stale = 0;
		acquire.poll({ wake: () => void stale++ });
		acquire.pending();
		sem.addPermits(1);
		expect(stale).toBe(0);
		acquire.wokenReady();
	});

	it("can be polled in vain at any time, and keeps its place", () => {
		const sem = new Semaphore(0);
		const first = mock(sem.acquire()).pending();
		const second = mock(sem.acquire()).pending();
		first.pending().pending();
		sem.addPermits(1);
		expect(second.isWoken).toBe(false);
		first.wokenReady();
	});

	it("adds permits, open or closed", () => {
		for (const closed of [false, true]) {
			for (let size = 0; size < 4; size++) {
				for (let add = 0; add < 4; add++) {
					const sem = new Semaphore(size);
					if (closed) sem.close();
					sem.addPermits(add);
					expect(sem.availablePermits).toBe(size + add);
					expect(sem.isClosed).toBe(closed);
				}
			}
		}
	});

	it("adds permits up to the most there can be, and refuses more without adding any", () => {
		const sem = new Semaphore(0);
		sem.addPermits(Semaphore.MAX_PERMITS);
		expect(sem.availablePermits).toBe(Semaphore.MAX_PERMITS);
		const almost = new Semaphore(Semaphore.MAX_PERMITS - 1);
		almost.addPermits(1);
		expect(() => almost.addPermits(1)).toThrow(RangeError);
		expect(() => new Semaphore(1).addPermits(Semaphore.MAX_PERMITS)).toThrow(RangeError);
		expect(almost.availablePermits).toBe(Semaphore.MAX_PERMITS);
	});

	it("forgets free permits, as many as there are, open or closed", () => {
		for (const closed of [false, true]) {
			for (let size = 0; size < 4; size++) {
				for (let sub = 0; sub < 4; sub++) {
					const sem = new Semaphore(size);
					if (closed) sem.close();
					expect(sem.forgetPermits(sub)).toBe(Math.min(size, sub));
					expect(sem.availablePermits).toBe(Math.max(0, size - sub));
					expect(sem.isClosed).toBe(closed);
				}
			}
		}
	});

	it("counts right when permits are added, taken and forgotten in turn", () => {
		const sem = new Semaphore(5);
		const seven = mock(sem.acquireMany(7)).pending();
		sem.addPermits(5);
		seven.wokenReady();
		expect(sem.availablePermits).toBe(3);
		expect(sem.forgetPermits(10)).toBe(3);
		expect(sem.availablePermits).toBe(0);
	});

	it("fails who waits and who comes when it is closed, and keeps what is out", () => {
		const sem = new Semaphore(2);
		const permit = sem.tryAcquire();
		const partial = mock(sem.acquireMany(2)).pending();
		const waiting = mock(sem.acquire()).pending();
		sem.close();
		sem.close();
		expect(partial.isWoken && waiting.isWoken).toBe(true);
		expect(partial.fails(AcquireError).code).toBe("YAMANOTE_ACQUIRE");
		waiting.fails(AcquireError);
		mock(sem.acquire()).fails(AcquireError);
		mock(sem.acquireMany(0)).fails(AcquireError);
		expect(sem.availablePermits).toBe(1);
		permit.release();
		expect(sem.availablePermits).toBe(2);
	});

	it("gives back what those had collected who are dropped after the close", () => {
		const sem = new Semaphore(3);
		const many = mock(sem.acquireMany(5)).pending();
		sem.close();
		many.drop();
		expect(sem.availablePermits).toBe(3);
	});

	it("fails a request that was granted but had not looked when it was closed, and keeps the permit", () => {
		const sem = new Semaphore(0);
		const acquire = mock(sem.acquire()).pending();
		sem.addPermits(1);
		sem.close();
		acquire.fails(AcquireError);
		expect(sem.availablePermits).toBe(1);
	});
});

describe("SemaphorePermit", () => {
	it("gives its permits back once, by release and by using", () => {
		const sem = new Semaphore(3);
		{
			using permit = sem.tryAcquireMany(2);
			expect(permit.numPermits).toBe(2);
			expect(permit.semaphore).toBe(sem);
			permit.release();
			expect(permit.numPermits).toBe(0);
		}
		expect(sem.availablePermits).toBe(3);
	});

	it("never gives back what it was told to forget", () => {
		const sem = new Semaphore(1);
		const permit = sem.tryAcquire();
		permit.forget();
		permit.release();
		expect(sem.availablePermits).toBe(0);
		expect(() => sem.tryAcquire()).toThrow(TryAcquireError);
	});

	it("takes over the permits of another", () => {
		const sem = new Semaphore(3);
		const one = sem.tryAcquire();
		const two = sem.tryAcquireMany(2);
		one.merge(two);
		two.release();
		expect(sem.availablePermits).toBe(0);
		expect([one.numPermits, two.numPermits]).toEqual([3, 0]);
		one.release();
		expect(sem.availablePermits).toBe(3);
	});

	it("refuses to merge with a permit of another semaphore, or itself", () => {
		const [a, b] = [new Semaphore(3), new Semaphore(3)];
		const permit = a.tryAcquire();
		expect(() => permit.merge(b.tryAcquire())).toThrow(TypeError);
		expect(() => permit.merge(permit)).toThrow(TypeError);
		permit.release();
		expect(a.availablePermits).toBe(3);
	});

	it("splits, down to nothing", () => {
		const sem = new Semaphore(5);
		const p1 = sem.tryAcquireMany(3);
		const p2 = p1.split(1);
		expect([p1.numPermits, p2?.numPermits]).toEqual([2, 1]);
		const p3 = p1.split(0);
		expect(p3?.numPermits).toBe(0);
		p1.release();
		expect(sem.availablePermits).toBe(4);
		const p4 = p2?.split(1);
		expect(p2?.numPermits).toBe(0);
		expect(p2?.split(1)).toBeUndefined();
		p2?.release();
		p3?.release();
		expect(sem.availablePermits).toBe(4);
		p4?.release();
		expect(sem.availablePermits).toBe(5);
	});
});

describe("Semaphore on a runtime", () => {
	it("serves a thousand tasks, and has all permits at the end", async () => {
		await onRuntime(function* () {
			const sem = new Semaphore(5);
			let inside = 0;
			let most = 0;
			const tasks = Array.from({ length: 1000 }, () =>
				spawn(function* () {
					using _permit = yield* sem.acquire();
					most = Math.max(most, ++inside);
					yield* yieldNow();
					inside--;
				}),
			);
			for (const task of tasks) yield* task;
			expect(most).toBe(5);
			expect(sem.availablePermits).toBe(5);
		});
	});

	it("releases a permit whose handle is dropped, and one whose join fails", async () => {
		await onRuntime(function* () {
			const sem = new Semaphore(2);
			const handle = spawn(sem.acquire());
			yield* yieldNow();
			expect(sem.availablePermits).toBe(1);
			handle[Symbol.dispose]();
			expect(sem.availablePermits).toBe(2);
			const joined = spawn(
				join([
					sem.acquireMany(2),
					function* () {
						yield* yieldNow();
						throw new Error("no");
					},
				]),
			);
			try {
				yield* joined;
				expect.unreachable();
			} catch (error) {
				expect((error as Error).message).toBe("no");
			}
			expect(sem.availablePermits).toBe(2);
		});
	});

	it("works from plain async functions", async () => {
		const sem = new Semaphore(1);
		const permit = await sem.acquire();
		const second = sem.acquire().then((p) => p.release());
		await run(ready(0));
		permit.release();
		await second;
		expect(sem.availablePermits).toBe(1);
	});
});

describe("Semaphore.withPermit", () => {
	it("gives what the body gives, and its permit back, however it ends", async () => {
		const sem = new Semaphore(3);
		expect(
			await run(
				sem.withPermit(function* (permit) {
					yield* yieldNow();
					return [permit.numPermits, sem.availablePermits];
				}),
			),
		).toEqual([1, 2]);
		expect(await sem.withPermits(3, async (permit) => permit.numPermits)).toBe(3);
		await expect(
			sem.withPermit(() => {
				throw new Error("no");
			}),
		).rejects.toThrow("no");
		expect(sem.availablePermits).toBe(3);
		expect(() => sem.withPermits(-1, () => 1)).toThrow(RangeError);
	});

	it("fails when the semaphore is closed, without beginning", async () => {
		const sem = new Semaphore(1);
		sem.close();
		let begun = false;
		await expect(
			sem.withPermit(() => {
				begun = true;
			}),
		).rejects.toBeInstanceOf(AcquireError);
		expect(begun).toBe(false);
	});
});
