import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { join, Pending, run, spawn, yieldNow } from "yamanote";
import {
	ReleasedError,
	RwLock,
	type RwLockReadGuard,
	type RwLockWriteGuard,
	Semaphore,
	TryLockError,
} from "yamanote/sync";
import { catching, type Mock, mock, now, onRuntime, same, seeds } from "./support.ts";

describe("RwLock", () => {
	it("is read by many at once", () => {
		const lock = new RwLock(100);
		const guards = Array.from({ length: 100 }, () => now(lock.read()));
		expect(guards.map((g) => g.value)).toEqual(Array.from({ length: 100 }, () => 100));
	});

	it("is written by one, who may replace the value", () => {
		const lock = new RwLock(100);
		const guard = now(lock.write());
		guard.value += 50;
		expect(guard.value).toBe(150);
		expect(guard.rwLock).toBe(lock);
		guard.release();
		expect(now(lock.read()).value).toBe(150);
	});

	it("makes a writer wait for readers, and a reader and a writer for a writer", () => {
		const lock = new RwLock(0);
		const reader = now(lock.read());
		const writer = mock(lock.write()).pending();
		reader.release();
		const writing = writer.wokenReady();
		const [second, third] = [mock(lock.read()).pending(), mock(lock.write()).pending()];
		writing.release();
		second.wokenReady().release();
		third.wokenReady();
	});

	it("makes readers wait behind a writer who waits, so that writers are not starved", () => {
		const lock = new RwLock(0);
		const readers = [now(lock.read()), now(lock.read())];
		const writer = mock(lock.write()).pending();
		const late = mock(lock.read()).pending();
		expect(() => lock.tryRead()).toThrow(TryLockError);
		for (const r of readers) r.release();
		expect(late.isWoken).toBe(false);
		writer.wokenReady().release();
		late.wokenReady();
	});

	it("lets readers in when the writer they waited behind gives up", () => {
		const lock = new RwLock(0);
		now(lock.read());
		const writer = mock(lock.write()).pending();
		const late = [mock(lock.read()).pending(), mock(lock.read()).pending()];
		writer.drop();
		for (const r of late) r.wokenReady();
	});

	it("lets all readers in at once that wait together", () => {
		const lock = new RwLock(0);
		const writing = now(lock.write());
		const waiting = [mock(lock.read()), mock(lock.read()), mock(lock.write()), mock(lock.read())] as Mock<{
			release(): void;
		}>[];
		for (const w of waiting) w.pending();
		writing.release();
		expect(waiting.map((w) => w.isWoken)).toEqual([true, true, false, false]);
	});

	it("has no more readers at once than it was made for", () => {
		const lock = RwLock.withMaxReaders(100, 3);
		expect(lock.maxReaders).toBe(3);
		const guards = [now(lock.read()), now(lock.read()), now(lock.read())];
		const fourth = mock(lock.read()).pending();
		guards[1]?.release();
		fourth.wokenReady();
		for (const n of [0, -1, 2 ** 29, 1.5]) expect(() => RwLock.withMaxReaders(0, n)).toThrow(RangeError);
		expect(RwLock.withMaxReaders(0, 2 ** 29 - 1).maxReaders).toBe(new RwLock(0).maxReaders);
	});

	it("is taken without waiting by tryRead and tryWrite, or not at all", () => {
		const lock = new RwLock(15);
		{
			using first = lock.tryRead();
			expect(() => lock.tryWrite()).toThrow(TryLockError);
			using second = lock.tryRead();
			expect([first.value, second.value]).toEqual([15, 15]);
		}
		{
			using writing = lock.tryWrite();
			writing.value = 1515;
			expect(() => lock.tryRead()).toThrow(TryLockError);
			expect(() => lock.tryWrite()).toThrow(TryLockError);
		}
		expect(lock.tryRead().value).toBe(1515);
	});

	it("is given to writers in the order of their first polls, not of their calls", () => {
		const lock = new RwLock<number[]>([]);
		const [later, first] = [mock(lock.write()), mock(lock.write())];
		const writing = first.ready();
		later.pending();
		writing.value.push(1);
		writing.release();
		later.wokenReady().value.push(2);
		later.drop();
	});

	it("goes over from writing to reading without a writer in between", () => {
		const lock = new RwLock(0);
		const writing = now(lock.write());
		const reader = mock(lock.read()).pending();
		const writer = mock(lock.write()).pending();
		const late = mock(lock.read()).pending();
		writing.value = 1;
		const reading = writing.downgrade();
		writing.release();
		expect(() => writing.value).toThrow(ReleasedError);
		expect(() => writing.downgrade()).toThrow(ReleasedError);
		expect([reading.value, reader.wokenReady().value]).toEqual([1, 1]);
		expect([writer.isWoken, late.isWoken]).toEqual([false, false]);
	});

	it("goes over with a single reader allowed, too", () => {
		const lock = RwLock.withMaxReaders(0, 1);
		const reading = now(lock.write()).downgrade();
		const other = mock(lock.read()).pending();
		reading.release();
		other.wokenReady();
	});

	it("unlocks once, and refuses its value afterwards", () => {
		const lock = new RwLock(0);
		const reading = lock.tryRead();
		reading.release();
		reading.release();
		expect(() => reading.value).toThrow(ReleasedError);
		const writing = lock.tryWrite();
		writing.release();
		writing[Symbol.dispose]();
		expect(() => {
			writing.value = 1;
		}).toThrow(ReleasedError);
		const both = [lock.tryRead(), lock.tryRead()];
		expect(() => lock.tryWrite()).toThrow(TryLockError);
		for (const guard of both) guard.release();
		lock.tryWrite();
	});

	it("runs a body by withRead and withWrite", async () => {
		const lock = new RwLock(1);
		await lock.withWrite(async (guard) => {
			guard.value = 2;
		});
		expect(
			await run(
				lock.withRead(function* (guard) {
					yield* yieldNow();
					return guard.value;
				}),
			),
		).toBe(2);
		await expect(
			lock.withWrite(() => {
				throw new Error("no");
			}),
		).rejects.toThrow("no");
		lock.tryWrite();
	});

	it("is shared by tasks", async () => {
		await onRuntime(function* () {
			const lock = new RwLock(0);
			yield* join(
				[2, 3, 5, 7].map(
					(n) =>
						function* () {
							for (let i = 0; i < 250; i++) {
								using guard = yield* lock.write();
								const before = guard.value;
								if (i % 10 === 0) yield* yieldNow();
								guard.value = before + n;
							}
						},
				),
			);
			expect((yield* lock.read()).value).toBe(4250);
		});
	});

	it("releases guards that nobody receives", async () => {
		await onRuntime(function* () {
			const lock = new RwLock(0);
			const handles = [spawn(lock.read()), spawn(lock.read())];
			yield* yieldNow();
			expect(() => lock.tryWrite()).toThrow(TryLockError);
			for (const h of handles) h[Symbol.dispose]();
			const writing = spawn(join([lock.write(), new Semaphore(0).acquire()]));
			yield* yieldNow();
			writing.abort();
			yield* catching(writing);
			lock.tryWrite();
		});
	});
});

describe("RwLock against a naive model", () => {
	type Guard = RwLockReadGuard<number> | RwLockWriteGuard<number>;
	interface Entry {
		readonly writes: boolean;
		readonly mock: Mock<Guard>;
		state: "new" | "waiting" | "granted";
	}

	it("does the same, whatever is asked of it", () => {
		const operation = fc.record({
			op: fc.constantFrom("read", "read", "write", "poll", "poll", "poll", "drop", "release", "release", "downgrade"),
			n: fc.nat(20),
		});
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 3 }),
				fc.array(operation, { maxLength: 70, size: "max" }),
				(max, operations) => {
					const lock = RwLock.withMaxReaders(0, max);
					let live: Entry[] = [];
					let queue: Entry[] = [];
					let held: { guard: Guard; writes: boolean }[] = [];
					let readers = 0;
					let writer = false;
					// From the front of the queue, whoever can have the lock.
					const serve = (): void => {
						for (let head = queue[0]; head !== undefined; head = queue[0]) {
							if (head.writes ? writer || readers > 0 : writer || readers === max) return;
							if (head.writes) writer = true;
							else readers++;
							head.state = "granted";
							queue.shift();
						}
					};
					for (const { op, n } of operations) {
						const entry = live[n % Math.max(1, live.length)];
						const mine = held[n % Math.max(1, held.length)];
						if (op === "read" || op === "write") {
							const writes = op === "write";
							live.push({ writes, mock: mock<Guard>(writes ? lock.write() : lock.read()), state: "new" });
						} else if (op === "poll" && entry !== undefined) {
							if (entry.state === "new") {
								entry.state = "waiting";
								queue.push(entry);
								serve();
							}
							const outcome = entry.mock.poll();
							same(outcome !== Pending, entry.state === "granted");
							if (outcome !== Pending) {
								held.push({ guard: outcome, writes: entry.writes });
								live = live.filter((e) => e !== entry);
							}
						} else if (op === "drop" && entry !== undefined) {
							entry.mock.drop();
							live = live.filter((e) => e !== entry);
							queue = queue.filter((e) => e !== entry);
							if (entry.state === "granted") {
								if (entry.writes) writer = false;
								else readers--;
							}
							serve();
						} else if (op === "release" && mine !== undefined) {
							mine.guard.release();
							held = held.filter((h) => h !== mine);
							if (mine.writes) writer = false;
							else readers--;
							serve();
						} else if (op === "downgrade" && mine?.writes === true) {
							mine.guard = (mine.guard as RwLockWriteGuard<number>).downgrade();
							mine.writes = false;
							writer = false;
							readers = 1;
							serve();
						}
						for (const e of live) if (e.state === "granted") same(e.mock.isWoken, true);
					}
				},
			),
			{ numRuns: 2_000, seed: 20 },
		);
	});

	it("never has a writer beside anybody, nor all waiting while nobody holds it, in 1,000 schedules with cancellation", () => {
		seeds(1_000, (random) => {
			const lock = new RwLock(0);
			let waiting = Array.from({ length: 2 + random.below(8) }, () => {
				const writes = random.chance(0.4);
				return { writes, mock: mock<Guard>(writes ? lock.write() : lock.read()) };
			});
			let held: { guard: Guard; writes: boolean }[] = [];
			for (const w of [...waiting]) {
				const guard = w.mock.poll();
				if (guard === Pending) continue;
				held.push({ guard, writes: w.writes });
				waiting = waiting.filter((x) => x !== w);
			}
			while (waiting.length > 0) {
				const woken = waiting.filter((w) => w.mock.isWoken);
				if (held.length === 0) expect(woken.length).toBeGreaterThan(0);
				const w = woken.length > 0 && random.chance(0.7) ? random.pick(woken) : random.pick(waiting);
				if (random.chance(0.25)) {
					w.mock.drop();
					waiting = waiting.filter((x) => x !== w);
				} else if (w.mock.isWoken) {
					held.push({ guard: w.mock.ready(), writes: w.writes });
					waiting = waiting.filter((x) => x !== w);
				} else if (held.length > 0) held.splice(random.below(held.length), 1)[0]?.guard.release();
				if (held.some((h) => h.writes)) expect(held.length).toBe(1);
			}
			for (const h of held) h.guard.release();
			held = [];
			lock.tryWrite();
		});
	});
});
