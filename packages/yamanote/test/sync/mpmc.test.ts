import { describe, expect, it } from "vitest";
import { each, join, spawn, yieldNow } from "yamanote";
import { mpmc, SendError, TryRecvError, TrySendError } from "yamanote/sync";
import { mock, now, onRuntime, thrown } from "./support.ts";

describe("mpmc", () => {
	it("has clones of released ends released as well", () => {
		const [tx, rx] = mpmc.channel<number>(1);
		const [unbounded] = mpmc.unboundedChannel<number>();
		for (const end of [tx, unbounded]) {
			end[Symbol.dispose]();
			const late = end.clone();
			expect([end.senderCount, late.senderCount, late.receiverCount, late.isClosed]).toEqual([0, 0, 0, true]);
			late[Symbol.dispose]();
			expect(late.senderCount).toBe(0);
		}
		rx[Symbol.dispose]();
		const late = rx.clone();
		expect([rx.receiverCount, late.receiverCount, late.isClosed]).toEqual([0, 0, true]);
		expect(now(late.recv())).toBeUndefined();
	});

	it("gives each message to one receiver: to the one that has waited longest", () => {
		const [tx, rx] = mpmc.channel<number>(4);
		const other = rx.clone();
		const [a, b, c] = [mock(other.recv()).pending(), mock(rx.recv()).pending(), mock(other.recv()).pending()];
		now(tx.send(1));
		now(tx.send(2));
		expect([a.wokenReady(), b.wokenReady(), c.isWoken]).toEqual([1, 2, false]);
	});

	it("passes a message on when the receiver that it was for is dropped", () => {
		const [tx, rx] = mpmc.channel<number>(4);
		const other = rx.clone();
		const [a, b] = [mock(rx.recv()).pending(), mock(other.recv()).pending()];
		tx.trySend(1);
		a.drop();
		expect(b.wokenReady()).toBe(1);
	});

	it("lives as long as there is a receiver, and frees what is in it with the last", () => {
		const [tx, rx] = mpmc.channel<number>(4);
		const other = rx.clone();
		expect([tx.receiverCount, rx.receiverCount, rx.senderCount]).toEqual([2, 2, 1]);
		tx.trySend(1);
		const closed = mock(tx.closed()).pending();
		rx[Symbol.dispose]();
		rx[Symbol.dispose]();
		expect([tx.isClosed, closed.isWoken, tx.receiverCount]).toEqual([false, false, 1]);
		expect(now(rx.recv())).toBeUndefined();
		expect(rx.clone().isClosed).toBe(true);
		tx.trySend(2);
		expect(other.len).toBe(2);
		other[Symbol.dispose]();
		closed.wokenReady();
		expect(thrown(TrySendError<number>, () => tx.trySend(3))).toMatchObject({ kind: "closed", value: 3 });
		mock(tx.send(3)).fails(SendError);
	});

	it("is closed for all by either side; what was sent can be received", () => {
		for (const side of ["tx", "rx"] as const) {
			const [tx, rx] = mpmc.channel<number>(4);
			const [otherTx, otherRx] = [tx.clone(), rx.clone()];
			tx.trySend(1);
			const full = [2, 3, 4].map((n) => now(tx.send(n)));
			const waiting = mock(otherTx.send(5)).pending();
			(side === "tx" ? tx : rx).close();
			expect(full.length).toBe(3);
			waiting.fails(SendError);
			expect([tx.isClosed, otherTx.isClosed, otherRx.isClosed]).toEqual([true, true, true]);
			expect([1, 2, 3, 4].map(() => now(otherRx.recv()))).toEqual([1, 2, 3, 4]);
			expect([now(rx.recv()), now(otherRx.recv())]).toEqual([undefined, undefined]);
			expect(thrown(TryRecvError, () => rx.tryRecv()).kind).toBe("closed");
		}
	});

	it("ends all receivers that wait when it is closed, or the senders are gone", () => {
		for (const end of [(tx: mpmc.Sender<number>) => tx.close(), (tx: mpmc.Sender<number>) => tx[Symbol.dispose]()]) {
			const [tx, rx] = mpmc.channel<number>(4);
			const waits = [rx, rx.clone(), rx.clone()].map((r) => mock(r.recv()).pending());
			end(tx);
			for (const w of waits) expect(w.wokenReady()).toBeUndefined();
		}
	});

	it("goes on while one sender is live", () => {
		const [tx, rx] = mpmc.channel<number>(4);
		const other = tx.clone();
		{
			using _end = tx;
		}
		expect(rx.isClosed).toBe(false);
		other.trySend(1);
		expect(rx.tryRecv()).toBe(1);
		other[Symbol.dispose]();
		expect(rx.isClosed).toBe(true);
	});

	it("has no bound, or no slot, if it is made so", () => {
		const [tx, rx] = mpmc.unboundedChannel<number>();
		for (let i = 0; i < 1_000; i++) tx.send(i);
		expect([rx.len, rx.capacity, rx.maxCapacity, tx.receiverCount]).toEqual([1_000, Infinity, Infinity, 1]);
		const copy = tx.clone();
		tx.close();
		expect(thrown(SendError, () => copy.send(1)).value).toBe(1);
		expect(rx.clone().tryRecv()).toBe(0);

		const [to, from] = mpmc.channel<number>(0);
		const send = mock(to.send(1)).pending();
		const [a, b] = [mock(from.recv()).pending(), mock(from.clone().recv()).pending()];
		send.wokenReady();
		expect(a.wokenReady()).toBe(1);
		now(to.send(2));
		expect(b.wokenReady()).toBe(2);
		expect(() => to.trySend(3)).toThrow(TrySendError);
		for (const n of [-1, 0.5]) expect(() => mpmc.channel(n)).toThrow(RangeError);
	});

	it("spreads work over tasks", async () => {
		await onRuntime(function* () {
			const [tx, rx] = mpmc.channel<number>(3);
			const done: number[] = [];
			const worker = (end: mpmc.Receiver<number>) =>
				spawn(
					each(end, function* (job) {
						yield* yieldNow();
						done.push(job);
					}),
				);
			const workers = [worker(rx), worker(rx.clone()), worker(rx.clone())];
			for (let job = 0; job < 50; job++) yield* tx.send(job);
			tx.close();
			yield* join(workers);
			expect(done.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
		});
	});
});
