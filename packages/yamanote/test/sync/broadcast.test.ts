import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { each, Pending, run, select, spawn, yieldNow } from "yamanote";
import { broadcast, LaggedError, SendError, TryRecvError } from "yamanote/sync";
import { catching, type Mock, mock, now, onRuntime, same, seeds, thrown } from "./support.ts";

const empty = (rx: broadcast.Receiver<unknown>): void =>
	expect(thrown(TryRecvError, () => rx.tryRecv()).kind).toBe("empty");
const closed = (rx: broadcast.Receiver<unknown>): void =>
	expect(thrown(TryRecvError, () => rx.tryRecv()).kind).toBe("closed");
const lagged = (rx: broadcast.Receiver<unknown>, missed: number): void =>
	expect(thrown(LaggedError, () => rx.tryRecv()).missed).toBe(missed);

describe("broadcast", () => {
	it("gives each message to every receiver", () => {
		const [tx, rx1] = broadcast.channel<string>(16);
		const rx2 = tx.subscribe();
		empty(rx1);
		expect(tx.send("hello")).toBe(2);
		expect([rx1.tryRecv(), rx2.tryRecv()]).toEqual(["hello", "hello"]);
		empty(rx1);
		empty(rx2);
	});

	it("gives the same object to all", () => {
		const [tx, rx1] = broadcast.channel<object>(2);
		const rx2 = tx.subscribe();
		const message = {};
		tx.send(message);
		expect(rx1.tryRecv()).toBe(message);
		expect(rx2.tryRecv()).toBe(message);
	});

	it("wakes the receivers that wait", () => {
		const [tx, rx1] = broadcast.channel<string>(16);
		const rx2 = tx.subscribe();
		const [a, b] = [mock(rx1.recv()).pending(), mock(rx2.recv()).pending()];
		tx.send("hello");
		expect([a.wokenReady(), b.wokenReady()]).toEqual(["hello", "hello"]);
		const waits = mock(rx1.recv()).pending();
		tx.send("world");
		expect([waits.wokenReady(), now(rx2.recv())]).toEqual(["world", "world"]);
	});

	it("gives a receiver what was sent while it did not wait, in order", () => {
		const [tx, rx1] = broadcast.channel<string>(16);
		const rx2 = tx.subscribe();
		const slow = mock(rx2.recv()).pending();
		const fast = mock(rx1.recv()).pending();
		tx.send("one");
		tx.send("two");
		expect([fast.ready(), now(rx1.recv())]).toEqual(["one", "two"]);
		const third = mock(rx1.recv()).pending();
		tx.send("three");
		expect(third.wokenReady()).toBe("three");
		expect([slow.wokenReady(), rx2.tryRecv(), rx2.tryRecv()]).toEqual(["one", "two", "three"]);
	});

	it("gives the message back when there is no receiver, and sends again when there is one", () => {
		const [tx, rx] = broadcast.channel<string>(16);
		rx[Symbol.dispose]();
		expect(thrown(SendError, () => tx.send("hello")).value).toBe("hello");
		const later = tx.subscribe();
		tx.send("world");
		expect(later.tryRecv()).toBe("world");
		empty(later);
		const alone = new broadcast.Sender<number>(4);
		expect(() => alone.send(1)).toThrow(SendError);
		const first = alone.subscribe();
		alone.send(2);
		expect(first.tryRecv()).toBe(2);
	});

	it("takes a capacity from 1 on, and refuses undefined", () => {
		for (const n of [0, -1, 1.5, 2 ** 30 + 1, Number.POSITIVE_INFINITY])
			expect(() => broadcast.channel(n)).toThrow(RangeError);
		expect(() => new broadcast.Sender(0)).toThrow(RangeError);
		const [tx, rx] = broadcast.channel(2 ** 30);
		tx.send(null);
		expect(rx.tryRecv()).toBe(null);
		expect(() => tx.send(undefined as never)).toThrow(TypeError);
	});

	it("ends when all senders are gone and everything was received", () => {
		const [tx, rx1] = broadcast.channel<number>(16);
		const rx2 = tx.subscribe();
		const other = tx.clone();
		const [a, b] = [mock(rx1.recv()).pending(), mock(rx2.recv()).pending()];
		tx.close();
		tx.close();
		expect([a.isWoken, rx1.senderCount, rx1.isClosed]).toEqual([false, 1, false]);
		expect(() => tx.send(1)).toThrow(SendError);
		a.pending();
		other[Symbol.dispose]();
		expect([a.wokenReady(), b.wokenReady()]).toEqual([undefined, undefined]);
		closed(rx1);
		expect(rx1.isClosed).toBe(true);
	});

	it("keeps what was sent for those who receive after the senders are gone", () => {
		const [tx, rx] = broadcast.channel<number>(2);
		tx.send(1);
		tx.send(2);
		tx.close();
		expect([now(rx.recv()), rx.tryRecv()]).toEqual([1, 2]);
		closed(rx);
		expect(now(rx.recv())).toBeUndefined();
	});

	it("frees a message when everybody has received it, or gone", () => {
		const [tx, rx1] = broadcast.channel<object>(4);
		const rx2 = tx.subscribe();
		tx.send({});
		tx.send({});
		expect(tx.len).toBe(2);
		rx1.tryRecv();
		rx2.tryRecv();
		expect(tx.len).toBe(1);
		rx1[Symbol.dispose]();
		expect(tx.len).toBe(1);
		rx2[Symbol.dispose]();
		rx2[Symbol.dispose]();
		expect([tx.len, tx.isEmpty, tx.receiverCount]).toEqual([0, true, 0]);
	});

	it("receives nothing by an end that was released", () => {
		const [tx, rx] = broadcast.channel<number>(4);
		tx.send(1);
		rx[Symbol.dispose]();
		closed(rx);
		expect(now(rx.recv())).toBeUndefined();
		expect([rx.len, rx.isClosed]).toEqual([0, true]);
	});

	it("ends the waits of a receiver that is released; one that nobody waits at wakes nobody", () => {
		const [tx, rx] = broadcast.channel<number>(4);
		const other = tx.subscribe();
		const waits = [mock(rx.recv()).pending(), mock(rx.recv()).pending()];
		mock(rx.recv()).pending().drop();
		rx[Symbol.dispose]();
		expect(waits.map((wait) => wait.wokenReady())).toEqual([undefined, undefined]);
		const late = mock(other.recv()).pending();
		tx.subscribe().release();
		rx.release();
		expect(late.isWoken).toBe(false);
		tx.send(1);
		expect(late.wokenReady()).toBe(1);
	});

	it("tells a sender when there is no receiver, as often as it happens", () => {
		const [tx, rx] = broadcast.channel<number>(1);
		const rx2 = tx.subscribe();
		const task = mock(tx.closed()).pending();
		rx[Symbol.dispose]();
		expect(task.isWoken).toBe(false);
		rx2[Symbol.dispose]();
		expect(task.isWoken).toBe(true);
		const rx3 = tx.subscribe();
		task.pending();
		rx3[Symbol.dispose]();
		task.wokenReady();
		now(tx.closed());
		const alone = new broadcast.Sender<number>(1);
		now(alone.closed());
		alone.subscribe();
		mock(alone.closed()).pending();
	});

	it("has clones of a released sender released as well", () => {
		const [tx, rx] = broadcast.channel<number>(4);
		const other = tx.clone();
		tx.close();
		const late = tx.clone();
		expect(rx.senderCount).toBe(1);
		thrown(SendError, () => late.send(1));
		late.close();
		expect([rx.senderCount, rx.isClosed]).toEqual([1, false]);
		other.close();
		expect(rx.isClosed).toBe(true);
		tx.clone();
		expect(rx.isClosed).toBe(true);
	});

	it("counts its senders and receivers", () => {
		const alone = new broadcast.Sender<number>(2);
		expect([alone.receiverCount, alone.senderCount]).toEqual([0, 1]);
		alone.subscribe();
		expect(alone.receiverCount).toBe(1);
		const [tx, rx] = broadcast.channel<number>(2);
		expect([tx.receiverCount, rx.senderCount]).toEqual([1, 1]);
		const [a, b] = [tx.clone(), tx.clone()];
		expect([tx.senderCount, rx.senderCount]).toEqual([3, 3]);
		a.release();
		b.release();
		b.release();
		expect(rx.senderCount).toBe(1);
		rx.resubscribe();
		expect(tx.receiverCount).toBe(2);
	});

	it("tells how many messages somebody has still to receive", () => {
		const [tx, rx1] = broadcast.channel<number>(4);
		const rx2 = tx.subscribe();
		expect([tx.len, tx.isEmpty]).toEqual([0, true]);
		for (let i = 0; i < 3; i++) tx.send(i);
		rx1.tryRecv();
		rx1.tryRecv();
		expect([tx.len, tx.isEmpty]).toEqual([3, false]);
		rx2.tryRecv();
		expect(tx.len).toBe(2);
		for (let i = 0; i < 3; i++) tx.send(i);
		expect(tx.len).toBe(4);
		expect([rx1.len, rx2.len, rx1.isEmpty]).toEqual([4, 5, false]);
	});

	it("wakes the waker of the last poll, and not who left", () => {
		const [tx, rx] = broadcast.channel<number>(1);
		const gone = mock(rx.recv()).pending();
		gone.drop();
		const recv = mock(rx.recv());
		let stale = 0;
		recv.poll({ wake: () => void stale++ });
		recv.pending();
		tx.send(1);
		expect([stale, gone.wakes]).toEqual([0, 0]);
		expect(recv.wokenReady()).toBe(1);
	});

	it("says how many were sent the message, also if a waker releases one", () => {
		const [tx, rx] = broadcast.channel<number>(2);
		const other = tx.subscribe();
		rx.recv().poll({ waker: { wake: () => rx.release() } });
		expect([tx.send(1), tx.receiverCount, other.tryRecv(), tx.len]).toEqual([2, 1, 1, 0]);
	});

	it("survives a waker that sends", () => {
		const [tx, rx] = broadcast.channel<number>(16);
		let sent = 0;
		const recv = rx.recv();
		recv.poll({ waker: { wake: () => void (sent++ === 0 && tx.send(2)) } });
		tx.send(1);
		expect([now(recv), rx.tryRecv()]).toEqual([1, 2]);
	});
});

describe("broadcast, a receiver that is too slow", () => {
	it("misses nothing within the capacity", () => {
		const [tx, slow] = broadcast.channel<number>(2);
		const fast = tx.subscribe();
		tx.send(1);
		tx.send(2);
		for (const rx of [fast, slow]) {
			expect([rx.tryRecv(), rx.tryRecv()]).toEqual([1, 2]);
			empty(rx);
		}
	});

	it("is told once how many it has missed, then goes on with the oldest that is left", () => {
		const [tx, rx] = broadcast.channel<number>(2);
		for (const n of [10, 20, 30]) tx.send(n);
		const error = mock(rx.recv()).fails(LaggedError);
		expect([error.missed, error.code]).toEqual([1, "YAMANOTE_LAGGED"]);
		expect([now(rx.recv()), rx.tryRecv()]).toEqual([20, 30]);
		empty(rx);
	});

	it("is told the number since its last receive, again and again", () => {
		const [tx, rx] = broadcast.channel<number>(4);
		for (let i = 1; i <= 4; i++) tx.send(i);
		expect(rx.tryRecv()).toBe(1);
		for (let i = 5; i <= 8; i++) tx.send(i);
		lagged(rx, 3);
		for (let i = 5; i <= 8; i++) expect(rx.tryRecv()).toBe(i);
		for (let i = 9; i <= 13; i++) tx.send(i);
		lagged(rx, 1);
		expect(rx.tryRecv()).toBe(10);
	});

	it("is told again when it misses more before it goes on", () => {
		const [tx, rx] = broadcast.channel<number>(2);
		for (const n of [1, 2, 3]) tx.send(n);
		lagged(rx, 1);
		for (const n of [4, 5, 6]) tx.send(n);
		lagged(rx, 3);
		expect([rx.tryRecv(), rx.tryRecv()]).toEqual([5, 6]);
		empty(rx);
	});

	it("does not touch the others", () => {
		const [tx, slow] = broadcast.channel<number>(2);
		const fast = tx.subscribe();
		for (let i = 1; i <= 4; i++) {
			tx.send(i);
			expect(fast.tryRecv()).toBe(i);
		}
		lagged(slow, 2);
		expect([slow.tryRecv(), slow.tryRecv()]).toEqual([3, 4]);
		empty(fast);
	});

	it("is so by the capacity rounded up to a power of two", () => {
		const [tx, rx] = broadcast.channel<number>(3);
		for (let i = 1; i <= 4; i++) tx.send(i);
		expect(rx.len).toBe(4);
		expect(rx.tryRecv()).toBe(1);
		tx.send(5);
		tx.send(6);
		expect(rx.len).toBe(5);
		lagged(rx, 1);
		expect(rx.len).toBe(4);
		for (const n of [3, 4, 5, 6]) expect(rx.tryRecv()).toBe(n);
		empty(rx);
	});

	it("with a capacity of one misses all but the last", () => {
		const [tx, rx] = broadcast.channel<number>(1);
		tx.send(1);
		expect(rx.tryRecv()).toBe(1);
		tx.send(2);
		tx.send(3);
		lagged(rx, 1);
		expect(rx.tryRecv()).toBe(3);
		tx.close();
		closed(rx);
	});

	it("is told before the end, when the senders are gone", () => {
		for (const [capacity, sent, missed] of [
			[1, 2, 1],
			[2, 3, 1],
			[2, 4, 2],
		] as const) {
			const [tx, rx] = broadcast.channel<number>(capacity);
			for (let i = 1; i <= sent; i++) tx.send(i);
			tx.close();
			lagged(rx, missed);
			for (let i = missed + 1; i <= sent; i++) expect(rx.tryRecv()).toBe(i);
			closed(rx);
		}
	});

	it("counts what it has missed in len until it was told", () => {
		const [tx, rx] = broadcast.channel<number>(2);
		for (let i = 1; i <= 4; i++) tx.send(i);
		expect(rx.len).toBe(4);
		lagged(rx, 2);
		expect(rx.len).toBe(2);
		rx.tryRecv();
		rx.tryRecv();
		expect([rx.len, rx.isEmpty]).toEqual([0, true]);
	});

	it("can subscribe anew, and skip what it has not received", () => {
		const [tx, rx] = broadcast.channel<number>(1);
		tx.send(1);
		tx.send(2);
		const fresh = rx.resubscribe();
		lagged(rx, 1);
		empty(fresh);
		expect(rx.tryRecv()).toBe(2);
		tx.send(3);
		expect([rx.tryRecv(), fresh.tryRecv()]).toEqual([3, 3]);
		tx.close();
		closed(rx.resubscribe());
	});
});

describe("broadcast on a runtime", () => {
	it("reaches tasks, for await, and each", async () => {
		const [tx, rx] = broadcast.channel<number>(16);
		const others = [tx.subscribe(), tx.subscribe()] as const;
		const seen: [string, number][] = [];
		const all = Promise.all([
			(async () => {
				for await (const n of rx) seen.push(["for await", n]);
			})(),
			run(
				each(others[0], (n) => {
					seen.push(["each", n]);
					return yieldNow();
				}),
			),
			run(function* () {
				for (let n = yield* others[1].recv(); n !== undefined; n = yield* others[1].recv()) seen.push(["recv", n]);
			}),
		]);
		await run(yieldNow());
		tx.send(1);
		tx.send(2);
		tx.close();
		await all;
		for (const kind of ["for await", "each", "recv"])
			expect(seen.filter(([k]) => k === kind).map(([, n]) => n)).toEqual([1, 2]);
	});

	it("can be iterated on after a receiver was told that it was too slow", async () => {
		const [tx, rx] = broadcast.channel<number>(2);
		for (let i = 0; i < 5; i++) tx.send(i);
		tx.close();
		const loop = async (): Promise<number[]> => {
			const seen: number[] = [];
			for await (const n of rx) seen.push(n);
			return seen;
		};
		await expect(loop()).rejects.toBeInstanceOf(LaggedError);
		expect(await loop()).toEqual([3, 4]);
	});

	it("loses nothing to a recv that loses a select, and gives way", async () => {
		await onRuntime(function* () {
			const [tx, rx] = broadcast.channel<number>(512);
			for (let i = 0; i < 300; i++) tx.send(i);
			tx.close();
			let others = 0;
			const other = spawn(function* () {
				for (;;) {
					others++;
					yield* yieldNow();
				}
			});
			const seen: number[] = [];
			for (;;) {
				const first = yield* select({ tick: yieldNow(), message: rx.recv() });
				if (first.key === "tick") continue;
				if (first.value === undefined) break;
				seen.push(first.value);
			}
			expect(seen).toEqual(Array.from({ length: 300 }, (_, i) => i));
			expect(others).toBeGreaterThanOrEqual(2);
			other.abort();
			yield* catching(other);
		});
	});
});

describe("broadcast against a naive model", () => {
	it("does the same, whatever is asked of it", () => {
		const words = "send send send recv recv recv try try new drop gone resub close clone".split(" ");
		const operation = fc.record({ op: fc.constantFrom(...words), n: fc.nat(9) });
		interface Rx {
			readonly real: broadcast.Receiver<number>;
			queue: number[];
			missed: number;
			wait: Mock<number | undefined> | null;
		}
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 5 }),
				fc.array(operation, { maxLength: 80, size: "max" }),
				(capacity, operations) => {
					const [tx, first] = broadcast.channel<number>(capacity);
					const size = 2 ** Math.ceil(Math.log2(capacity));
					const senders = [tx];
					let receivers: Rx[] = [{ real: first, queue: [], missed: 0, wait: null }];
					let sent = 0;
					for (const { op, n } of operations) {
						const rx = receivers[n % Math.max(1, receivers.length)];
						if (op === "send") {
							const sender = senders[0];
							if (sender === undefined || receivers.length === 0) continue;
							expect(sender.send(sent)).toBe(receivers.length);
							for (const r of receivers) {
								r.queue.push(sent);
								if (r.queue.length > size) {
									r.queue.shift();
									r.missed++;
								}
								if (r.wait !== null) same(r.wait.isWoken, true);
							}
							sent++;
						} else if (op === "new" && senders[0] !== undefined) {
							receivers.push({ real: senders[0].subscribe(), queue: [], missed: 0, wait: null });
						} else if (op === "clone" && senders[0] !== undefined) senders.push(senders[0].clone());
						else if (op === "close" && n < 3) senders.pop()?.close();
						else if (rx !== undefined) {
							const expected =
								rx.missed > 0
									? "lagged"
									: rx.queue.length > 0
										? rx.queue[0]
										: senders.length === 0
											? "closed"
											: "empty";
							if (op === "try") {
								if (expected === "lagged") {
									lagged(rx.real, rx.missed);
									rx.missed = 0;
								} else if (expected === "closed") closed(rx.real);
								else if (expected === "empty") empty(rx.real);
								else expect(rx.real.tryRecv()).toBe(rx.queue.shift());
							} else if (op === "recv") {
								const wait = rx.wait ?? mock(rx.real.recv());
								rx.wait = null;
								if (expected === "lagged") {
									expect(wait.fails(LaggedError).missed).toBe(rx.missed);
									rx.missed = 0;
								} else if (expected === "closed") expect(wait.ready()).toBeUndefined();
								else if (expected === "empty") {
									expect(wait.poll()).toBe(Pending);
									rx.wait = wait;
								} else expect(wait.ready()).toBe(rx.queue.shift());
							} else if (op === "drop") {
								rx.wait?.drop();
								rx.wait = null;
							} else if (op === "resub") {
								receivers.push({ real: rx.real.resubscribe(), queue: [], missed: 0, wait: null });
							} else if (op === "gone" && n < 4) {
								rx.wait?.drop();
								rx.real[Symbol.dispose]();
								receivers = receivers.filter((r) => r !== rx);
							}
						}
						for (const r of receivers) same(r.real.len, r.queue.length + r.missed);
						same(tx.len, Math.max(0, ...receivers.map((r) => r.queue.length)));
					}
				},
			),
			{ numRuns: 2_000, seed: 20 },
		);
	});

	it("delivers everything to all, or says what was missed, in 1,000 schedules with cancellation", () => {
		seeds(1_000, (random) => {
			const capacity = 1 + random.below(6);
			const [tx, first] = broadcast.channel<number>(capacity);
			const receivers = [first, tx.subscribe(), tx.subscribe()].map((rx) => ({ rx, next: 0, wait: mock(rx.recv()) }));
			const total = 20;
			let sent = 0;
			for (let step = 0; step < 600 && receivers.some((r) => r.next < total); step++) {
				if (sent < total && random.chance(0.4)) {
					tx.send(sent++);
					continue;
				}
				const r = random.pick(receivers);
				if (random.chance(0.15)) {
					r.wait.drop();
					r.wait = mock(r.rx.recv());
				}
				try {
					const value = r.wait.poll();
					if (value === Pending) {
						expect(r.next).toBe(sent);
						continue;
					}
					expect(value).toBe(r.next++);
				} catch (error) {
					expect(error).toBeInstanceOf(LaggedError);
					r.next += (error as LaggedError).missed;
				}
				r.wait = mock(r.rx.recv());
			}
			tx.close();
			for (const r of receivers) {
				while (r.next < sent) {
					try {
						expect(r.rx.tryRecv()).toBe(r.next++);
					} catch (error) {
						expect(error).toBeInstanceOf(LaggedError);
						r.next += (error as LaggedError).missed - 1;
					}
				}
				closed(r.rx);
			}
		});
	});
});
