import { describe, expect, it } from "vitest";
import { each, FutureConsumedError, run, select, spawn, timeout, yieldNow } from "yamanote";
import { Mutex, mpsc, oneshot, RecvError, SendError, TryRecvError, TrySendError } from "yamanote/sync";
import { catching, mock, now, onRuntime, thrown } from "./support.ts";

/** What is the same in each kind of channel. `send` sends at once: there is room. */
const kinds = {
	bounded: () => {
		const [tx, rx] = mpsc.channel<number>(300);
		return { tx, rx, send: (n: number) => tx.trySend(n) };
	},
	unbounded: () => {
		const [tx, rx] = mpsc.unboundedChannel<number>();
		return { tx, rx, send: (n: number) => tx.send(n) };
	},
};

for (const [kind, make] of Object.entries(kinds)) {
	describe(`mpsc, ${kind}`, () => {
		it("gives the messages in the order in which they were sent", () => {
			const { rx, send } = make();
			for (let i = 0; i < 257; i++) send(i);
			for (let i = 0; i < 257; i++) expect(now(rx.recv())).toBe(i);
			mock(rx.recv()).pending();
		});

		it("wakes the receiver that waits", () => {
			const { rx, send } = make();
			const recv = mock(rx.recv()).pending();
			send(1);
			expect(recv.wokenReady()).toBe(1);
		});

		it("ends when all senders are gone and everything was received", () => {
			const { tx, rx, send } = make();
			const other = tx.clone();
			send(1);
			tx.close();
			expect(now(rx.recv())).toBe(1);
			const recv = mock(rx.recv()).pending();
			other[Symbol.dispose]();
			expect(recv.wokenReady()).toBeUndefined();
			expect(now(rx.recv())).toBeUndefined();
		});

		it("does not end since an end was disposed twice", () => {
			const { tx, rx } = make();
			const other = tx.clone();
			other.close();
			other.close();
			other[Symbol.dispose]();
			mock(rx.recv()).pending();
			expect(rx.senderCount).toBe(1);
		});

		it("loses no message to a receive that was woken and dropped", () => {
			const { rx, send } = make();
			const recv = mock(rx.recv()).pending();
			send(1);
			send(2);
			expect(recv.isWoken).toBe(true);
			recv.drop();
			expect([now(rx.recv()), now(rx.recv())]).toEqual([1, 2]);
		});

		it("serves several receives in their order, also when one of them goes", () => {
			const { rx, send } = make();
			const [a, b, c] = [mock(rx.recv()).pending(), mock(rx.recv()).pending(), mock(rx.recv()).pending()];
			send(1);
			expect([a.isWoken, b.isWoken]).toEqual([true, false]);
			a.drop();
			expect([b.isWoken, c.isWoken]).toEqual([true, false]);
			send(2);
			expect(b.wokenReady()).toBe(1);
			expect(c.wokenReady()).toBe(2);
		});

		it("takes by tryRecv what is there, and says what is not", () => {
			const { tx, rx, send } = make();
			expect(thrown(TryRecvError, () => rx.tryRecv()).kind).toBe("empty");
			for (let i = 0; i < 100; i++) send(i);
			for (let i = 0; i < 100; i++) expect(rx.tryRecv()).toBe(i);
			expect(thrown(TryRecvError, () => rx.tryRecv()).kind).toBe("empty");
			send(1);
			tx.close();
			expect(rx.tryRecv()).toBe(1);
			const error = thrown(TryRecvError, () => rx.tryRecv());
			expect([error.kind, error.code]).toEqual(["closed", "YAMANOTE_TRY_RECV"]);
		});

		it("does not give by tryRecv what is promised to a receive that was woken", () => {
			const { rx, send } = make();
			const recv = mock(rx.recv()).pending();
			send(1);
			expect(thrown(TryRecvError, () => rx.tryRecv()).kind).toBe("empty");
			send(2);
			expect(rx.tryRecv()).toBe(1);
			expect(recv.wokenReady()).toBe(2);
		});

		it("says closed by tryRecv after close, unless something is there", () => {
			const { rx, send } = make();
			send(1);
			rx.close();
			expect(rx.tryRecv()).toBe(1);
			expect(thrown(TryRecvError, () => rx.tryRecv()).kind).toBe("closed");
		});

		it("gives many at once, at most as many as asked for, at least one", () => {
			const { rx, send } = make();
			const buffer: number[] = [-1];
			for (let i = 0; i < 10; i++) send(i);
			expect(now(rx.recvMany(buffer, 4))).toBe(4);
			expect(now(rx.recvMany(buffer, 100))).toBe(6);
			expect(buffer).toEqual([-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
			const many = mock(rx.recvMany(buffer, 5)).pending();
			send(10);
			send(11);
			expect(many.wokenReady()).toBe(2);
			expect(buffer.slice(-2)).toEqual([10, 11]);
		});

		it("gives no messages at once when asked for none, and none when it has ended", () => {
			const { tx, rx, send } = make();
			const buffer = [7];
			expect(now(rx.recvMany(buffer, 0))).toBe(0);
			send(1);
			tx.close();
			expect(now(rx.recvMany(buffer, 10))).toBe(1);
			expect(now(rx.recvMany(buffer, 10))).toBe(0);
			expect(buffer).toEqual([7, 1]);
			expect(() => rx.recvMany(buffer, -1)).toThrow(RangeError);
		});

		it("leaves to others what was promised to them, when it gives many", () => {
			const { rx, send } = make();
			const single = mock(rx.recv()).pending();
			for (let i = 0; i < 4; i++) send(i);
			const buffer: number[] = [];
			expect(now(rx.recvMany(buffer, 10))).toBe(3);
			expect(buffer).toEqual([0, 1, 2]);
			expect(single.wokenReady()).toBe(3);
		});

		it("loses nothing to a recvMany that was woken and dropped", () => {
			const { rx, send } = make();
			const buffer: number[] = [];
			const many = mock(rx.recvMany(buffer, 3)).pending();
			send(1);
			many.drop();
			expect(buffer).toEqual([]);
			expect(now(rx.recv())).toBe(1);
		});

		it("refuses sends when the receiver closes it, and gives what was sent", () => {
			const { tx, rx, send } = make();
			send(1);
			const closed = mock(tx.closed()).pending();
			rx.close();
			rx.close();
			closed.wokenReady();
			now(tx.closed());
			expect(tx.isClosed && rx.isClosed).toBe(true);
			expect(() => send(2)).toThrow();
			expect(now(rx.recv())).toBe(1);
			expect(now(rx.recv())).toBeUndefined();
		});

		it("ends a receive that waits when somebody closes it", () => {
			const { rx } = make();
			const [a, b] = [mock(rx.recv()).pending(), mock(rx.recv()).pending()];
			rx.close();
			expect([a.wokenReady(), b.wokenReady()]).toEqual([undefined, undefined]);
		});

		it("ends the second receive that waits when the first takes the last message after the close", () => {
			const { rx, send } = make();
			const [a, b] = [mock(rx.recv()).pending(), mock(rx.recv()).pending()];
			send(1);
			rx.close();
			expect(b.isWoken).toBe(false);
			expect(a.wokenReady()).toBe(1);
			expect(b.wokenReady()).toBeUndefined();
		});

		it("refuses sends when the receiver is disposed, and frees what is in it", () => {
			const { tx, rx, send } = make();
			send(1);
			const closed = mock(tx.closed()).pending();
			rx[Symbol.dispose]();
			rx[Symbol.dispose]();
			closed.wokenReady();
			expect(() => send(2)).toThrow();
			expect(tx.isClosed).toBe(true);
			expect(now(rx.recv())).toBeUndefined();
			expect([rx.len, rx.isEmpty, rx.isClosed]).toEqual([0, true, true]);
		});

		it("ends a receive that waits when the receiver is disposed", () => {
			const { rx, send } = make();
			const [a, b] = [mock(rx.recv()).pending(), mock(rx.recv()).pending()];
			send(1);
			rx[Symbol.dispose]();
			expect([a.wokenReady(), b.wokenReady()]).toEqual([undefined, undefined]);
			mock(rx.recv()).ready();
		});

		it("does not wake who left: a dropped receive, a dropped wait for the close", () => {
			const { tx, rx, send } = make();
			const recv = mock(rx.recv()).pending();
			const closed = mock(tx.closed()).pending();
			recv.drop();
			closed.drop();
			send(1);
			rx.close();
			expect([recv.wakes, closed.wakes]).toEqual([0, 0]);
		});

		it("wakes the waker of the last poll", () => {
			const { rx, send } = make();
			const recv = mock(rx.recv());
			let stale = 0;
			recv.poll({ wake: () => void stale++ });
			recv.pending();
			send(1);
			expect(stale).toBe(0);
			recv.wokenReady();
		});

		it("refuses undefined, and carries everything else", () => {
			const [tx, rx] = kind === "bounded" ? mpsc.channel(4) : mpsc.unboundedChannel();
			expect(() => tx.send(undefined as never)).toThrow(TypeError);
			if (tx instanceof mpsc.Sender) expect(() => tx.trySend(undefined as never)).toThrow(TypeError);
			for (const value of [null, false, 0, ""]) {
				const sent = tx.send(value);
				if (sent !== undefined) now(sent);
				expect(now(rx.recv())).toBe(value);
			}
		});

		it("counts its senders", () => {
			const { tx, rx } = make();
			const [a, b] = [tx.clone(), tx.clone()];
			expect([tx.senderCount, rx.senderCount]).toEqual([3, 3]);
			a.close();
			expect(tx.senderCount).toBe(2);
			const c = b.clone();
			expect(c.senderCount).toBe(3);
			b.close();
			c.close();
			expect(rx.senderCount).toBe(1);
			tx.close();
			expect([rx.senderCount, tx.senderCount, rx.isClosed]).toEqual([0, 0, true]);
		});

		it("is closed for the receiver without senders, or when it was closed, whatever is in it", () => {
			const { tx, rx, send } = make();
			expect(rx.isClosed).toBe(false);
			for (let i = 0; i < 10; i++) send(i);
			expect(rx.isClosed).toBe(false);
			const other = tx.clone();
			tx.close();
			expect(rx.isClosed).toBe(false);
			other.close();
			expect(rx.isClosed).toBe(true);
			const second = make();
			second.send(1);
			second.rx.close();
			expect(second.rx.isClosed).toBe(true);
		});

		it("tells how many messages are in it, open or closed", () => {
			const { tx, rx, send } = make();
			expect([rx.len, rx.isEmpty]).toEqual([0, true]);
			for (let i = 0; i < 100; i++) {
				send(i);
				expect([rx.len, rx.isEmpty]).toEqual([i + 1, false]);
			}
			tx.close();
			expect(rx.len).toBe(100);
			rx.close();
			for (let i = 99; i >= 0; i--) {
				now(rx.recv());
				expect([rx.len, rx.isEmpty]).toEqual([i, i === 0]);
			}
		});

		it("is empty after each of many rounds of one message", () => {
			const { rx, send } = make();
			for (let i = 1; i < 257; i++) {
				send(i);
				expect(now(rx.recv())).toBe(i);
				expect(rx.isEmpty).toBe(true);
			}
		});

		it("fails the sends of an end that was released, with the message", () => {
			const { tx, rx } = make();
			const other = tx.clone();
			tx.close();
			expect(tx.isClosed).toBe(true);
			const failed =
				tx instanceof mpsc.Sender ? mock(tx.send(5)).fails(SendError) : thrown(SendError, () => tx.send(5));
			expect(failed.value).toBe(5);
			expect(rx.isClosed).toBe(false);
			other.close();
		});

		it("releases what is in the messages that are dropped with the receiver", () => {
			const mutex = new Mutex(0);
			const [reply, answer] = oneshot.channel<number>();
			const [tx, rx] = kind === "bounded" ? mpsc.channel(4) : mpsc.unboundedChannel();
			for (const message of [mutex.tryLock(), { question: "?", reply }]) {
				const sent = tx.send(message);
				if (sent !== undefined) now(sent);
			}
			rx[Symbol.dispose]();
			expect(mutex.isLocked).toBe(false);
			mock(answer).fails(RecvError);
		});
	});

	describe(`mpsc, ${kind}, on a runtime`, () => {
		it("carries messages of several tasks", async () => {
			await onRuntime(function* () {
				const { tx, rx } = make();
				for (let p = 0; p < 5; p++) {
					spawn(function* () {
						using end = tx.clone();
						for (let i = 0; i < 50; i++) {
							if (end instanceof mpsc.Sender) yield* end.send(p);
							else end.send(p);
							yield* yieldNow();
						}
					});
				}
				yield* yieldNow();
				tx.close();
				const counts = [0, 0, 0, 0, 0];
				for (let p = yield* rx.recv(); p !== undefined; p = yield* rx.recv()) counts[p] = (counts[p] ?? 0) + 1;
				expect(counts).toEqual([50, 50, 50, 50, 50]);
			});
		});

		it("is received from by for await, and by each; leaving the loop closes nothing", async () => {
			const { tx, rx, send } = make();
			for (let i = 0; i < 6; i++) send(i);
			const seen: number[] = [];
			for await (const n of rx) {
				seen.push(n);
				if (n === 2) break;
			}
			expect(tx.isClosed).toBe(false);
			tx.close();
			await run(
				each(rx, function* (n) {
					yield* yieldNow();
					seen.push(n);
				}),
			);
			for await (const n of rx) seen.push(n);
			expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
		});

		it("is waited for by for await across waits", async () => {
			const { tx, rx, send } = make();
			const seen: number[] = [];
			const reader = (async () => {
				for await (const n of rx) seen.push(n);
			})();
			for (let i = 0; i < 3; i++) {
				await run(yieldNow());
				send(i);
			}
			tx.close();
			await reader;
			expect(seen).toEqual([0, 1, 2]);
		});

		it("loses nothing to receives that lose a select", async () => {
			await onRuntime(function* () {
				const { tx, rx, send } = make();
				spawn(function* () {
					using _end = tx;
					for (let i = 0; i < 40; i++) {
						send(i);
						if (i % 3 === 0) yield* yieldNow();
					}
				});
				const seen: number[] = [];
				for (;;) {
					const first = yield* select({ tick: yieldNow(), message: rx.recv() });
					if (first.key === "tick") continue;
					if (first.value === undefined) break;
					seen.push(first.value);
				}
				expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => i));
			});
		});

		it("gives way to other tasks though there is always a message: the budget is spent", async () => {
			await onRuntime(function* () {
				const { rx, send } = make();
				for (let i = 0; i < 300; i++) send(i);
				let others = 0;
				const other = spawn(function* () {
					for (;;) {
						others++;
						yield* yieldNow();
					}
				});
				for (let i = 0; i < 300; i++) yield* rx.recv();
				expect(others).toBeGreaterThanOrEqual(2);
				other.abort();
				yield* catching(other);
			});
		});

		it("releases an end that is the result of a task whose handle is dropped", async () => {
			await onRuntime(function* () {
				const { tx, rx } = make();
				const handle = spawn(function* () {
					yield* yieldNow();
					return tx;
				});
				handle[Symbol.dispose]();
				expect(yield* rx.recv()).toBeUndefined();
			});
		});
	});
}

describe("mpsc.channel", () => {
	it("takes a capacity from 0 on", () => {
		for (const capacity of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
			expect(() => mpsc.channel(capacity)).toThrow(RangeError);
		expect(() => mpsc.channel("5" as never)).toThrow(TypeError);
		const [tx] = mpsc.channel(Number.MAX_SAFE_INTEGER);
		expect(tx.capacity).toBe(Number.MAX_SAFE_INTEGER);
	});

	it("makes senders wait while it is full, and serves them in their order", () => {
		const [tx, rx] = mpsc.channel<number>(1);
		now(tx.send(1));
		const [second, third] = [mock(tx.send(2)).pending(), mock(tx.send(3)).pending()];
		expect(now(rx.recv())).toBe(1);
		expect([second.isWoken, third.isWoken]).toEqual([true, false]);
		// The slot is promised: nobody overtakes.
		expect(thrown(TrySendError, () => tx.trySend(9)).kind).toBe("full");
		const recv = mock(rx.recv()).pending();
		second.ready();
		third.pending();
		expect(recv.wokenReady()).toBe(2);
		third.wokenReady();
	});

	it("has sent nothing when a send is dropped, woken or not, and passes its slot on", () => {
		const [tx, rx] = mpsc.channel<number>(1);
		now(tx.send(1));
		const [a, b, c] = [mock(tx.send(2)).pending(), mock(tx.send(3)).pending(), mock(tx.send(4)).pending()];
		b.drop();
		expect(now(rx.recv())).toBe(1);
		expect(a.isWoken).toBe(true);
		a.drop();
		c.wokenReady();
		expect(now(rx.recv())).toBe(4);
		expect(tx.capacity).toBe(1);
	});

	it("fails the sends that wait when it is closed, with their messages", () => {
		const [tx, rx] = mpsc.channel<{ n: number }>(1);
		now(tx.send({ n: 1 }));
		const message = { n: 2 };
		const waiting = mock(tx.send(message)).pending();
		rx.close();
		expect(waiting.isWoken).toBe(true);
		const error = waiting.fails(SendError);
		expect([error.value, error.code]).toEqual([message, "YAMANOTE_SEND"]);
		expect(mock(tx.send(message)).fails(SendError).value).toBe(message);
	});

	it("sends by trySend what has room, and gives back the rest", () => {
		const [tx, rx] = mpsc.channel<string>(1);
		tx.trySend("hello");
		const full = thrown(TrySendError<string>, () => tx.trySend("fail"));
		expect([full.kind, full.value, full.code]).toEqual(["full", "fail", "YAMANOTE_TRY_SEND"]);
		expect(now(rx.recv())).toBe("hello");
		tx.trySend("goodbye");
		rx.close();
		expect(thrown(TrySendError<string>, () => tx.trySend("late"))).toMatchObject({ kind: "closed", value: "late" });
		expect([now(rx.recv()), now(rx.recv())]).toEqual(["goodbye", undefined]);
	});

	it("tells its capacity, free and in all", () => {
		const [tx, rx] = mpsc.channel<number>(10);
		const permit = tx.tryReserve();
		now(tx.send(1));
		expect([tx.capacity, rx.capacity, tx.maxCapacity, rx.maxCapacity]).toEqual([8, 8, 10, 10]);
		permit.release();
		now(rx.recv());
		expect(tx.capacity).toBe(10);
	});

	it("goes on with a send that waits when its end is released meanwhile", () => {
		const [tx, rx] = mpsc.channel<number>(1);
		now(tx.send(1));
		const waiting = mock(tx.send(2)).pending();
		tx.close();
		expect(now(rx.recv())).toBe(1);
		const recv = mock(rx.recv()).pending();
		waiting.wokenReady();
		expect(recv.wokenReady()).toBe(2);
		expect(now(rx.recv())).toBeUndefined();
	});

	it("ends when the last send that waited is dropped after its end was released", () => {
		const [tx, rx] = mpsc.channel<number>(1);
		now(tx.send(1));
		const waiting = mock(tx.send(2)).pending();
		tx.close();
		expect(now(rx.recv())).toBe(1);
		const recv = mock(rx.recv()).pending();
		waiting.drop();
		expect(recv.wokenReady()).toBeUndefined();
	});

	it("fails a send that is first polled when the channel has ended, with its message", () => {
		const [tx, rx] = mpsc.channel<number>(1);
		const late = tx.send(7);
		const recv = mock(rx.recv()).pending();
		tx.release();
		expect(recv.wokenReady()).toBeUndefined();
		expect(mock(late).fails(SendError).value).toBe(7);
	});

	it("can be given up after a time: the caller still has the message", async () => {
		await onRuntime(function* () {
			const [tx, rx] = mpsc.channel<number>(5);
			for (let i = 0; i < 5; i++) yield* timeout(1_000, tx.send(i));
			expect(((yield* catching(timeout(1_000, tx.send(60)))) as Error).name).toBe("TimeoutError");
			expect(rx.len).toBe(5);
			rx[Symbol.dispose]();
			expect(yield* catching(timeout(1_000, tx.send(70)))).toMatchObject({ code: "YAMANOTE_SEND", value: 70 });
		});
	});

	it("cannot be asked twice by one future", async () => {
		const [tx] = mpsc.channel<number>(5);
		await onRuntime(function* () {
			const send = tx.send(1);
			yield* send;
			expect(
				yield* catching({
					*[Symbol.iterator]() {
						return yield* send;
					},
				}),
			).toBeInstanceOf(FutureConsumedError);
		});
	});

	it("survives wakers that use it themselves", () => {
		const [tx, rx] = mpsc.channel<number>(1);
		const log: unknown[] = [];
		rx.recv().poll({
			waker: {
				wake() {
					log.push(thrown(TrySendError, () => tx.trySend(2)).kind);
					log.push(thrown(TryRecvError, () => rx.tryRecv()).kind);
				},
			},
		});
		tx.trySend(1);
		expect(log).toEqual(["full", "empty"]);

		const [tx2, rx2] = mpsc.channel<number>(1);
		tx2.trySend(1);
		const other = mock(tx2.send(3));
		tx2.send(2).poll({
			waker: {
				wake() {
					other.drop();
					rx2.close();
				},
			},
		});
		other.pending();
		expect(rx2.tryRecv()).toBe(1);
		expect(other.wakes).toBe(0);
	});

	it("carries a million messages, and has a million senders wait, in time that grows with their number", () => {
		const [tx, rx] = mpsc.unboundedChannel<number>();
		for (let i = 0; i < 1_000_000; i++) tx.send(i);
		let sum = 0;
		for (let i = 0; i < 1_000_000; i++) sum += rx.tryRecv();
		expect(sum).toBe(499_999_500_000);

		const [bounded, from] = mpsc.channel<number>(1);
		const cx = { waker: { wake() {} } };
		const sends = Array.from({ length: 500_001 }, (_, i) => bounded.send(i));
		for (const send of sends) send.poll(cx);
		for (let i = 1; i < sends.length; i += 2) sends[i]?.[Symbol.dispose]();
		let wrong = 0;
		for (let i = 0; i < sends.length; i += 2) {
			if (i > 0) sends[i]?.poll(cx);
			if (from.tryRecv() !== i) wrong++;
		}
		expect(wrong).toBe(0);
	}, 60_000);
});
