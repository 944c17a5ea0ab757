import { describe, expect, it } from "vitest";
import { spawn, yieldNow } from "yamanote";
import { Mutex, mpsc, ReleasedError, SendError, TryRecvError, TrySendError } from "yamanote/sync";
import { catching, mock, now, onRuntime, thrown } from "./support.ts";

describe("mpsc permits", () => {
	it("keep a slot until they send or are released", () => {
		const [tx, rx] = mpsc.channel<string>(1);
		const permit = tx.tryReserve();
		expect(thrown(TrySendError, () => tx.tryReserve())).toMatchObject({ kind: "full", value: undefined });
		expect(() => tx.trySend("no")).toThrow(TrySendError);
		permit.send("foo");
		expect(now(rx.recv())).toBe("foo");
		tx.tryReserve().release();
		{
			using _permit = tx.tryReserve();
			expect(tx.capacity).toBe(0);
		}
		tx.tryReserve();
	});

	it("are used once, and released harmlessly after and twice", () => {
		const [tx, rx] = mpsc.channel<number>(2);
		const permit = tx.tryReserve();
		expect(() => permit.send(undefined as never)).toThrow(TypeError);
		permit.send(1);
		expect(() => permit.send(2)).toThrow(ReleasedError);
		permit.release();
		permit[Symbol.dispose]();
		expect(tx.capacity).toBe(1);
		expect(rx.len).toBe(1);
		const other = tx.tryReserve();
		other.release();
		other.release();
		expect(() => other.send(2)).toThrow(ReleasedError);
		expect(tx.capacity).toBe(1);
	});

	it("are waited for in the order of all who wait for slots", () => {
		const [tx, rx] = mpsc.channel<number>(1);
		const permit = now(tx.reserve());
		const reserve = mock(tx.reserve()).pending();
		const send = mock(tx.send(2)).pending();
		permit.release();
		expect(send.isWoken).toBe(false);
		reserve.wokenReady().send(1);
		send.pending();
		expect(now(rx.recv())).toBe(1);
		send.wokenReady();
	});

	it("give their slot on when the wait for them is dropped, woken or not", () => {
		const [tx] = mpsc.channel<number>(1);
		const permit = now(tx.reserve());
		const [a, b, c] = [mock(tx.reserve()).pending(), mock(tx.reserve()).pending(), mock(tx.reserve()).pending()];
		b.drop();
		permit.release();
		a.drop();
		c.wokenReady().release();
		expect(tx.capacity).toBe(1);
	});

	it("of a wait fail when the receiver is gone or closes", () => {
		const [tx, rx] = mpsc.channel<number>(1);
		const permit = now(tx.reserve());
		const waiting = mock(tx.reserve()).pending();
		rx.close();
		expect(waiting.isWoken).toBe(true);
		expect(waiting.fails(SendError).value).toBeUndefined();
		const [tx2, rx2] = mpsc.channel<number>(10);
		rx2[Symbol.dispose]();
		mock(tx2.reserve()).fails(SendError);
		mock(tx2.reserveMany(10)).fails(SendError);
		expect(thrown(TrySendError, () => tx2.tryReserve()).kind).toBe("closed");
		expect(thrown(TrySendError, () => tx2.tryReserveMany(10)).kind).toBe("closed");
		permit.release();
	});

	it("may still send after the receiver has closed: it waits for them", () => {
		const [tx, rx] = mpsc.channel<number>(1);
		const permit = now(tx.reserve());
		rx.close();
		const recv = mock(rx.recv()).pending();
		expect(thrown(TryRecvError, () => rx.tryRecv()).kind).toBe("empty");
		permit.send(123);
		expect(recv.wokenReady()).toBe(123);
		expect(now(rx.recv())).toBeUndefined();
		expect(thrown(TryRecvError, () => rx.tryRecv()).kind).toBe("closed");
	});

	it("end the receiver's wait after a close when the last is given back", () => {
		const ends: ((tx: mpsc.Sender<number>) => () => void)[] = [
			(tx) => {
				const permit = tx.tryReserve();
				return () => permit.release();
			},
			(tx) => {
				const permits = tx.tryReserveMany(3);
				return () => permits.release();
			},
			(tx) => {
				const permits = tx.tryReserveMany(1);
				const [permit] = permits;
				return () => permit?.[Symbol.dispose]();
			},
		];
		for (const reserve of ends) {
			const [tx, rx] = mpsc.channel<number>(100);
			const release = reserve(tx);
			rx.close();
			const recv = mock(rx.recv()).pending();
			release();
			expect(recv.wokenReady()).toBeUndefined();
		}
	});

	it("give back what a failed or dropped reserveMany had collected, which ends the receiver's wait after a close", () => {
		for (const end of ["fail", "drop"] as const) {
			const [tx, rx] = mpsc.channel<number>(2);
			const permit = tx.tryReserve();
			const reserve = mock(tx.reserveMany(2)).pending();
			rx.close();
			const recv = mock(rx.recv()).pending();
			permit.release();
			expect(recv.isWoken).toBe(false);
			if (end === "fail") reserve.fails(SendError);
			else reserve.drop();
			expect(recv.wokenReady()).toBeUndefined();
		}
	});

	it("give back a slot that was granted to a reserve that fails or is dropped after the close", () => {
		for (const end of ["fail", "drop"] as const) {
			const [tx, rx] = mpsc.channel<number>(1);
			const permit = tx.tryReserve();
			const reserve = mock(tx.reserve()).pending();
			permit.release();
			expect(reserve.isWoken).toBe(true);
			rx.close();
			const recv = mock(rx.recv()).pending();
			if (end === "fail") reserve.fails(SendError);
			else reserve.drop();
			expect(recv.wokenReady()).toBeUndefined();
		}
	});

	it("keep the channel open for the receiver though all senders are gone", () => {
		const [tx, rx] = mpsc.channel<number>(10);
		const permit = now(tx.reserve());
		tx.close();
		expect(rx.isClosed).toBe(false);
		const recv = mock(rx.recv()).pending();
		permit.send(1);
		expect(rx.isClosed).toBe(true);
		expect(recv.wokenReady()).toBe(1);
		expect(now(rx.recv())).toBeUndefined();

		const [tx2, rx2] = mpsc.channel<number>(10);
		const other = tx2.tryReserve();
		tx2.close();
		const waits = mock(rx2.recv()).pending();
		other.release();
		expect(waits.wokenReady()).toBeUndefined();
	});

	it("drop what they send when the receiver is gone, and release what is in it", () => {
		const [tx, rx] = mpsc.channel<Disposable>(1);
		const mutex = new Mutex(0);
		const permit = tx.tryReserve();
		rx[Symbol.dispose]();
		permit.send(mutex.tryLock());
		expect(mutex.isLocked).toBe(false);
	});

	it("free their slot when they send to nobody", () => {
		const [tx, rx] = mpsc.channel<number>(3);
		const permits = [tx.tryReserve(), tx.tryReserve()];
		now(tx.send(1));
		rx[Symbol.dispose]();
		expect(tx.capacity).toBe(1);
		for (const permit of permits) permit.send(2);
		expect(tx.capacity).toBe(3);
	});
});

describe("mpsc reserveMany", () => {
	it("keeps the slots, of which those not used are given back", () => {
		for (const n of [1, 2, 5, 40]) {
			for (let k = 0; k < n; k++) {
				const [tx, rx] = mpsc.channel<number>(n);
				const permits = tx.tryReserveMany(n);
				expect([permits.len, tx.capacity]).toEqual([n, 0]);
				expect(thrown(TrySendError, () => tx.tryReserveMany(1)).kind).toBe("full");
				for (let i = 0; i < k; i++) permits.next().value?.send(i);
				permits.release();
				permits.release();
				expect(tx.capacity).toBe(n - k);
				tx.tryReserveMany(1).release();
				// Not more than are free.
				if (k > 0) expect(thrown(TrySendError, () => tx.tryReserveMany(n - k + 1)).kind).toBe("full");
				for (let i = 0; i < k; i++) expect(now(rx.recv())).toBe(i);
				expect(tx.capacity).toBe(n);
			}
		}
	});

	it("is iterated permit by permit", () => {
		const [tx, rx] = mpsc.channel<string>(100);
		for (let i = 0; i < 100; i++) {
			for (const permit of i % 2 === 0 ? now(tx.reserveMany(i)) : tx.tryReserveMany(i)) {
				permit.send("foo");
				expect(now(rx.recv())).toBe("foo");
			}
			expect(() => rx.tryRecv()).toThrow(TryRecvError);
		}
		expect(tx.capacity).toBe(100);
	});

	it("of none is there at once, full or not, unless it is closed", () => {
		const [tx, rx] = mpsc.channel<number>(1);
		expect([...tx.tryReserveMany(0)]).toEqual([]);
		tx.trySend(1);
		expect(tx.tryReserveMany(0).len).toBe(0);
		expect(now(tx.reserveMany(0)).len).toBe(0);
		rx[Symbol.dispose]();
		expect(thrown(TrySendError, () => tx.tryReserveMany(0)).kind).toBe("closed");
		mock(tx.reserveMany(0)).fails(SendError);
	});

	it("of more than there can be is refused at the call", () => {
		const [tx] = mpsc.channel<number>(1);
		for (const n of [2, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY, -1, 0.5]) {
			expect(() => tx.reserveMany(n)).toThrow(RangeError);
			expect(() => tx.tryReserveMany(n)).toThrow(RangeError);
		}
	});

	it("waits for all of them, and is not overtaken", () => {
		for (const n of [1, 2, 7]) {
			const [tx] = mpsc.channel<number>(n);
			const permits = now(tx.reserveMany(n));
			const waiting = mock(tx.reserveMany(n)).pending();
			const single = mock(tx.reserve()).pending();
			permits.release();
			expect(single.isWoken).toBe(false);
			waiting.wokenReady().release();
			single.wokenReady().release();
			expect(tx.capacity).toBe(n);
		}
	});
});

describe("mpsc permits on a runtime", () => {
	it("are released when nobody receives them", async () => {
		await onRuntime(function* () {
			const [tx] = mpsc.channel<number>(3);
			const one = spawn(tx.reserve());
			const many = spawn(tx.reserveMany(2));
			yield* yieldNow();
			expect(tx.capacity).toBe(0);
			one[Symbol.dispose]();
			many[Symbol.dispose]();
			expect(tx.capacity).toBe(3);
			const blocked = tx.tryReserveMany(3);
			const aborted = spawn(tx.reserve());
			yield* yieldNow();
			aborted.abort();
			yield* catching(aborted);
			blocked.release();
			expect(tx.capacity).toBe(3);
		});
	});
});
