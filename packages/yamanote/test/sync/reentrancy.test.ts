// Wakers that use what woke them, and guards that are released inside a poll.
import { describe, expect, it } from "vitest";
import { type Future, join, Pending, pollFn } from "yamanote";
import {
	Barrier,
	CancellationToken,
	Mutex,
	type MutexGuard,
	mpmc,
	mpsc,
	OnceCell,
	oneshot,
	RwLock,
	Semaphore,
	SendError,
	SyncMutex,
	watch,
} from "yamanote/sync";
import { type Mock, mock, now, thrown } from "./support.ts";

describe("a waker may use what woke it", () => {
	it("an RwLock: it asks again, and releases what others hold", () => {
		const lock = new RwLock(0);
		const readers = [lock.tryRead(), lock.tryRead()];
		const writer = lock.write();
		let late: Mock<unknown> | undefined;
		let woken = 0;
		expect(
			writer.poll({
				waker: {
					wake() {
						woken++;
						late = mock(lock.read()).pending();
						for (const r of readers) r.release();
					},
				},
			}),
		).toBe(Pending);
		const behind = mock(lock.read()).pending();
		readers[0]?.release();
		expect(woken).toBe(0);
		readers[1]?.release();
		expect([woken, behind.isWoken, late?.isWoken]).toEqual([1, false, false]);
		now(writer).release();
		expect([behind.wokenReady(), late?.wokenReady()].length).toBe(2);
	});

	it("a Barrier: it comes to the next round, and completes it", () => {
		const barrier = new Barrier(2);
		let next: Mock<{ isLeader: boolean }> | undefined;
		const first = barrier.wait();
		first.poll({
			waker: {
				wake() {
					next = mock(barrier.wait()).pending();
					expect(now(barrier.wait()).isLeader).toBe(true);
				},
			},
		});
		expect(now(barrier.wait()).isLeader).toBe(true);
		expect(next?.wokenReady().isLeader).toBe(false);
		expect(now(first).isLeader).toBe(false);
	});

	it("a OnceCell: it takes the value, and sets another", () => {
		const cell = new OnceCell<number>();
		let made = false;
		const maker = mock(cell.getOrInit(pollFn<number>(() => (made ? 1 : Pending)))).pending();
		let taken: number | undefined;
		const waits = cell.getOrInit(() => Promise.resolve(2));
		waits.poll({
			waker: {
				wake() {
					taken ??= cell.take();
					if (!cell.initialized) cell.set(3);
				},
			},
		});
		made = true;
		expect(maker.ready()).toBe(1);
		expect([taken, cell.get()]).toEqual([1, 3]);
		expect(now(waits)).toBe(3);
	});

	it("a oneshot: the receiver's waker takes the message, and the sender's sends in vain", () => {
		const [tx, rx] = oneshot.channel<number>();
		let got: unknown;
		rx.poll({ waker: { wake: () => void (got = rx.tryRecv()) } });
		tx.send(1);
		expect(got).toBe(1);
		const [other, gone] = oneshot.channel<number>();
		let error: unknown;
		other.closed().poll({
			waker: {
				wake() {
					try {
						other.send(2);
					} catch (e) {
						error = e;
					}
				},
			},
		});
		gone[Symbol.dispose]();
		expect(error).toMatchObject({ code: "YAMANOTE_SEND", value: 2 });
	});

	it("a rendezvous: the sender's waker sends again, and the receiver's receives again", () => {
		const [tx, rx] = mpmc.channel<number>(0);
		let second: Mock<void> | undefined;
		const first = tx.send(1);
		first.poll({ waker: { wake: () => void (second ??= mock(tx.send(2)).pending()) } });
		const one = mock(rx.recv()).pending();
		expect(second).toBeDefined();
		now(first);
		expect(one.wokenReady()).toBe(1);
		const two = mock(rx.recv()).pending();
		second?.wokenReady();
		expect(two.wokenReady()).toBe(2);
	});

	it("mpsc: whoever is woken when the channel is closed finds it closed, also who waits for that", () => {
		const [tx, rx] = mpsc.channel<number>(1);
		tx.trySend(0);
		const closed = [tx.closed(), tx.closed()];
		const found: unknown[] = [];
		const wake = () => found.push(tx.isClosed, ...closed.map((future) => future.poll({ waker: { wake() {} } })));
		for (const future of [...closed, tx.send(1), tx.reserve()]) {
			const waker = { wake: () => void wake() };
			expect(future.poll({ waker })).toBe(Pending);
		}
		rx.close();
		expect(found.slice(0, 3)).toEqual([true, undefined, undefined]);
		expect(found).not.toContain(Pending);
	});

	it("mpsc: a receiver that is woken by the end finds the channel closed, also for a send that was never polled", () => {
		for (const capacity of [0, 1]) {
			const [tx, rx] = mpsc.channel<number>(capacity);
			const late = tx.send(1);
			let failed: unknown;
			const recv = rx.recv();
			recv.poll({
				waker: {
					wake() {
						failed = thrown(SendError, () => now(late));
					},
				},
			});
			mock(rx.recv()).pending();
			tx.release();
			expect(failed).toMatchObject({ value: 1 });
			expect([now(recv), now(rx.recv())]).toEqual([undefined, undefined]);
		}
	});

	it("mpmc: a receiver's waker clones, receives and closes", () => {
		const [tx, rx] = mpmc.channel<number>(4);
		const got: unknown[] = [];
		const first = rx.recv();
		first.poll({
			waker: {
				wake() {
					const other = rx.clone();
					tx.trySend(2);
					got.push(other.tryRecv());
					tx.close();
					other[Symbol.dispose]();
				},
			},
		});
		tx.trySend(1);
		// A message is promised to the receive that was woken, not which: they go in their order.
		expect(got).toEqual([1]);
		expect(now(first)).toBe(2);
		expect(now(rx.recv())).toBeUndefined();
	});

	it("watch: it makes another that was woken with it wait again, behind one that came meanwhile, and that one leaves", () => {
		const [tx, rx] = watch.channel(0);
		const other = rx.clone();
		const quiet = { waker: { wake() {} } };
		const [first, second] = [rx.changed(), rx.changed()];
		let between: Mock<void> | undefined;
		first.poll({
			waker: {
				wake() {
					now(first);
					other.borrowAndUpdate();
					between = mock(other.changed()).pending();
					// Its receiver has seen the change by now.
					expect(second.poll(quiet)).toBe(Pending);
				},
			},
		});
		second.poll(quiet);
		tx.send(1);
		second[Symbol.dispose]();
		tx.send(2);
		between?.wokenReady();
		expect(between).toBeDefined();
	});

	it("watch: the last receiver goes while it is told of a change", () => {
		const [tx, rx] = watch.channel(0);
		const other = rx.clone();
		rx.changed().poll({
			waker: {
				wake() {
					rx.release();
					other.release();
				},
			},
		});
		const late = mock(other.changed()).pending();
		tx.send(1);
		expect([tx.isClosed, late.isWoken]).toEqual([true, true]);
	});
});

describe("a waker that throws", () => {
	const bad = {
		wake() {
			throw new Error("bad waker");
		},
	};
	/** Waits: the first with the bad waker. What wakes them all; what must hold afterwards. */
	const cases: Record<string, () => [waits: Future<unknown, unknown>[], wake: () => void, holds?: () => boolean]> = {
		"a token and its children": () => {
			const token = new CancellationToken();
			const children = [token.childToken(), token.childToken().childToken()];
			return [[token, ...children].map((t) => t.cancelled()), () => token.cancel()];
		},
		"the ends of a channel that is closed": () => {
			const [tx, rx] = mpsc.channel<number>(1);
			tx.trySend(0);
			return [
				[tx.closed(), tx.closed(), tx.send(1), tx.send(2)],
				() => rx.close(),
				() => rx.tryRecv() === 0 && rx.isClosed,
			];
		},
		"the ends of a channel whose receiver goes": () => {
			const [tx, rx] = mpsc.channel<number>(1);
			tx.trySend(0);
			return [[tx.closed(), tx.send(1)], () => rx.release(), () => tx.capacity === 1];
		},
		"receivers of a channel that ends": () => {
			const [tx, rx] = mpmc.channel<number>(1);
			return [[rx.recv(), rx.recv(), tx.closed()], () => tx.close()];
		},
		"both ends of a oneshot": () => {
			const [tx, rx] = oneshot.channel<number>();
			return [[rx, tx.closed()], () => rx.close()];
		},
		"watch receivers": () => {
			const [tx, rx] = watch.channel(0);
			return [[rx.changed(), rx.clone().changed()], () => tx.send(1)];
		},
	};
	for (const [what, make] of Object.entries(cases)) {
		it(`keeps nobody from being woken: ${what}`, () => {
			const [[first, ...others], wake, holds] = make();
			expect(first?.poll({ waker: bad })).toBe(Pending);
			const mocks = others.map((wait) => mock(wait).pending());
			expect(wake).toThrow("bad waker");
			expect(mocks.map((m) => m.isWoken)).toEqual(mocks.map(() => true));
			expect(holds?.() ?? true).toBe(true);
		});
	}

	it("keeps no guard in a channel whose receiver goes from being released", () => {
		const [tx, rx] = mpmc.channel<MutexGuard<number>>(4);
		const locks = [0, 1, 2, 3].map((n) => new Mutex(n));
		for (const lock of locks) tx.trySend(lock.tryLock());
		for (const at of [0, 2]) (locks[at] as Mutex<number>).lock().poll({ waker: bad });
		expect(() => rx.release()).toThrow("bad waker");
		// Who waits has those two now.
		expect(locks.map((lock) => lock.isLocked)).toEqual([true, false, true, false]);
	});
});

describe("a guard released inside a poll", () => {
	const gate = new Semaphore(1);
	const mutex = new Mutex(0);
	const lock = new RwLock(0);
	const [tx] = mpsc.channel<number>(1);
	const cases: Record<string, [take: () => Disposable, wait: () => Future<Disposable, unknown>]> = {
		Mutex: [() => mutex.tryLock(), () => mutex.lock()],
		"RwLock, a writer": [() => lock.tryWrite(), () => lock.write()],
		"RwLock, a reader": [() => lock.tryRead(), () => lock.write()],
		Semaphore: [() => gate.tryAcquire(), () => gate.acquire()],
		"a permit of mpsc": [() => tx.tryReserve(), () => tx.reserve()],
	};
	for (const [what, [take, wait]] of Object.entries(cases)) {
		it(`wakes its neighbours in the same join, polled before or after: ${what}`, () => {
			const guard = take();
			let released = false;
			const releases = pollFn((cx) => {
				if (released) return true;
				released = true;
				guard[Symbol.dispose]();
				cx.waker.wake();
				return Pending;
			});
			const all = mock(join([wait(), releases, wait()]), 3).pending();
			expect(all.isWoken).toBe(true);
			// The first has it; the third waits for the first.
			all.pending();
			expect(all.isWoken).toBe(false);
			all.drop();
			// Dropped with the rest: what the first was given is free again.
			take()[Symbol.dispose]();
		});
	}
});

describe("releasing twice", () => {
	it("does nothing more, whatever it is", () => {
		const mutex = new Mutex(0);
		const lock = new RwLock(0);
		const gate = new Semaphore(2);
		const plain = new SyncMutex(0);
		const [tx, rx] = mpsc.channel<number>(2);
		const token = new CancellationToken();
		const things: Disposable[] = [
			mutex.tryLock(),
			lock.tryRead(),
			gate.tryAcquire(),
			plain.lock(),
			tx.tryReserve(),
			token.childToken().dropGuard(),
		];
		for (const thing of things) {
			thing[Symbol.dispose]();
			thing[Symbol.dispose]();
		}
		// Nothing was given back twice: each can be had as often as at first.
		const again = mutex.tryLock();
		expect(() => mutex.tryLock()).toThrow();
		again.release();
		const write = lock.tryWrite();
		expect(() => lock.tryRead()).toThrow();
		write.release();
		expect([gate.availablePermits, tx.capacity, plain.isLocked, token.isCancelled]).toEqual([2, 2, false, false]);
		for (const end of [tx, rx, tx, rx]) end[Symbol.dispose]();
		expect(rx.isClosed).toBe(true);
	});
});
