import { describe, expect, it } from "vitest";
import { select, spawn, yieldNow } from "yamanote";
import { mpsc, SendError, TryRecvError, TrySendError } from "yamanote/sync";
import { catching, mock, now, onRuntime, thrown } from "./support.ts";

describe("a channel of capacity 0", () => {
	it("makes a send wait until a receiver waits, and gives it the message", () => {
		const [tx, rx] = mpsc.channel<number>(0);
		const send = mock(tx.send(1)).pending();
		const recv = mock(rx.recv()).pending();
		send.wokenReady();
		expect(recv.wokenReady()).toBe(1);
		expect([tx.capacity, tx.maxCapacity, rx.len]).toEqual([0, 0, 0]);
	});

	it("lets a send through at once when a receiver waits already", () => {
		const [tx, rx] = mpsc.channel<number>(0);
		const recv = mock(rx.recv()).pending();
		expect(tx.capacity).toBe(1);
		now(tx.send(1));
		mock(tx.send(2)).pending();
		expect(recv.wokenReady()).toBe(1);
	});

	it("sends by trySend only when a receiver waits", () => {
		const [tx, rx] = mpsc.channel<number>(0);
		expect(thrown(TrySendError, () => tx.trySend(1)).kind).toBe("full");
		const recv = mock(rx.recv()).pending();
		tx.trySend(1);
		expect(thrown(TrySendError, () => tx.trySend(2)).kind).toBe("full");
		expect(recv.wokenReady()).toBe(1);
	});

	it("asks a sender that waits by tryRecv: who looks again finds its message", () => {
		const [tx, rx] = mpsc.channel<number>(0);
		expect(thrown(TryRecvError, () => rx.tryRecv()).kind).toBe("empty");
		const [a, b] = [mock(tx.send(1)).pending(), mock(tx.send(2)).pending()];
		expect(() => rx.tryRecv()).toThrow(TryRecvError);
		expect(() => rx.tryRecv()).toThrow(TryRecvError);
		expect(b.isWoken).toBe(false);
		a.wokenReady();
		expect(rx.tryRecv()).toBe(1);
		expect(() => rx.tryRecv()).toThrow(TryRecvError);
		b.wokenReady();
		expect(rx.tryRecv()).toBe(2);
	});

	it("serves both sides in their order", () => {
		const [tx, rx] = mpsc.channel<number>(0);
		const sends = [1, 2, 3].map((n) => mock(tx.send(n)).pending());
		const recvs = [1, 2, 3].map(() => mock(rx.recv()).pending());
		for (const s of sends) s.wokenReady();
		expect(recvs.map((r) => r.wokenReady())).toEqual([1, 2, 3]);
	});

	it("takes its demand back when a receiver goes", () => {
		const [tx, rx] = mpsc.channel<number>(0);
		const recv = mock(rx.recv()).pending();
		recv.drop();
		expect(tx.capacity).toBe(0);
		expect(() => tx.trySend(1)).toThrow(TrySendError);
		mock(tx.send(1)).pending();
	});

	it("loses no message when the receiver goes after the sender was asked, or after it has sent", () => {
		for (const when of ["asked", "sent"]) {
			const [tx, rx] = mpsc.channel<number>(0);
			const send = mock(tx.send(1)).pending();
			const recv = mock(rx.recv()).pending();
			if (when === "sent") send.wokenReady();
			recv.drop();
			if (when === "asked") send.wokenReady();
			// The next send waits for a receiver of its own.
			const next = mock(tx.send(2)).pending();
			expect(now(rx.recv())).toBe(1);
			const other = mock(rx.recv()).pending();
			next.wokenReady();
			expect(other.wokenReady()).toBe(2);
		}
	});

	it("gives the message to the next receiver that waits, when the one it was for goes", () => {
		const [tx, rx] = mpsc.channel<number>(0);
		const [a, b] = [mock(rx.recv()).pending(), mock(rx.recv()).pending()];
		now(tx.send(1));
		a.drop();
		expect(b.wokenReady()).toBe(1);
		expect(tx.capacity).toBe(0);
		mock(tx.send(2)).pending();
	});

	it("takes nothing from a send that is dropped, and asks the next", () => {
		const [tx, rx] = mpsc.channel<number>(0);
		const [a, b] = [mock(tx.send(1)).pending(), mock(tx.send(2)).pending()];
		const recv = mock(rx.recv()).pending();
		expect(a.isWoken).toBe(true);
		a.drop();
		b.wokenReady();
		expect(recv.wokenReady()).toBe(2);
	});

	it("gives a permit when a receiver waits, and waits on when it is released", () => {
		const [tx, rx] = mpsc.channel<number>(0);
		const reserve = mock(tx.reserve()).pending();
		const recv = mock(rx.recv()).pending();
		reserve.wokenReady().release();
		expect(tx.capacity).toBe(1);
		tx.tryReserve().send(5);
		expect(recv.wokenReady()).toBe(5);
		expect(() => tx.reserveMany(1)).toThrow(RangeError);
	});

	it("ends when the senders are gone, or it is closed, though permits are out they may be used", () => {
		const [tx, rx] = mpsc.channel<number>(0);
		const recv = mock(rx.recv()).pending();
		tx.close();
		expect(recv.wokenReady()).toBeUndefined();

		const [tx2, rx2] = mpsc.channel<number>(0);
		const waits = mock(rx2.recv()).pending();
		const permit = tx2.tryReserve();
		const send = mock(tx2.send(9)).pending();
		rx2.close();
		expect(waits.isWoken).toBe(false);
		send.fails(SendError);
		permit.send(1);
		expect(waits.wokenReady()).toBe(1);
		expect(now(rx2.recv())).toBeUndefined();

		const [tx3, rx3] = mpsc.channel<number>(0);
		const last = mock(rx3.recv()).pending();
		const unused = tx3.tryReserve();
		tx3.close();
		expect(last.isWoken).toBe(false);
		unused.release();
		expect(last.wokenReady()).toBeUndefined();
	});

	it("takes the messages of many by recvMany one by one", () => {
		const [tx, rx] = mpsc.channel<number>(0);
		const buffer: number[] = [];
		const [a] = [mock(tx.send(1)).pending(), mock(tx.send(2)).pending()];
		const many = mock(rx.recvMany(buffer, 10)).pending();
		a.wokenReady();
		expect(many.wokenReady()).toBe(1);
		expect(buffer).toEqual([1]);
	});

	it("hands every message over between tasks, though both sides often lose a select", async () => {
		await onRuntime(function* () {
			const [tx, rx] = mpsc.channel<number>(0);
			const producer = spawn(function* () {
				using _end = tx;
				for (let i = 0; i < 30; ) {
					const first = yield* select({ tick: yieldNow(), sent: tx.send(i) });
					if (first.key === "sent") i++;
				}
			});
			const seen: number[] = [];
			for (;;) {
				const first = yield* select({ tick: yieldNow(), message: rx.recv() });
				if (first.key === "tick") continue;
				if (first.value === undefined) break;
				seen.push(first.value);
			}
			yield* producer;
			expect(seen).toEqual(Array.from({ length: 30 }, (_, i) => i));
		});
	});

	it("ends a task that waits to send when the receiver is disposed", async () => {
		await onRuntime(function* () {
			const [tx, rx] = mpsc.channel<number>(0);
			const sender = spawn(tx.send(1));
			yield* yieldNow();
			rx[Symbol.dispose]();
			expect(yield* catching(sender)).toBeInstanceOf(SendError);
		});
	});
});
