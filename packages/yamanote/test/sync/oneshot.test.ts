import { describe, expect, it } from "vitest";
import { byRef, FutureConsumedError, join, pending, run, select, spawn, yieldNow } from "yamanote";
import { Mutex, oneshot, RecvError, SendError, TryRecvError } from "yamanote/sync";
import { catching, mock, now, onRuntime, seeds, thrown } from "./support.ts";

describe("oneshot", () => {
	it("wakes the receiver with the message", () => {
		const [tx, rx] = oneshot.channel<number>();
		const receiver = mock(rx).pending();
		tx.send(1);
		expect(receiver.wokenReady()).toBe(1);
	});

	it("keeps a message that was sent before anybody waited", () => {
		const [tx, rx] = oneshot.channel<string>();
		tx.send("early");
		expect(now(rx)).toBe("early");
	});

	it("carries null and false, and refuses undefined", () => {
		for (const value of [null, false, 0, ""]) {
			const [tx, rx] = oneshot.channel();
			tx.send(value);
			expect(now(rx)).toBe(value);
		}
		const [tx, rx] = oneshot.channel();
		expect(() => tx.send(undefined as never)).toThrow(TypeError);
		tx.send(1);
		expect(now(rx)).toBe(1);
	});

	it("fails the receiver when the sender gives up", () => {
		const [tx, rx] = oneshot.channel<number>();
		const receiver = mock(rx).pending();
		{
			using _sender = tx;
		}
		expect(receiver.isWoken).toBe(true);
		expect(receiver.fails(RecvError).code).toBe("YAMANOTE_RECV");
	});

	it("gives the message back when the receiver is gone", () => {
		const [tx, rx] = oneshot.channel<{ n: number }>();
		rx[Symbol.dispose]();
		const message = { n: 1 };
		expect(tx.isClosed).toBe(true);
		expect(thrown(SendError, () => tx.send(message)).value).toBe(message);
	});

	it("sends once: a second send gives its message back", () => {
		const [tx, rx] = oneshot.channel<number>();
		tx.send(1);
		expect(thrown(SendError, () => tx.send(2)).value).toBe(2);
		tx.close();
		expect(now(rx)).toBe(1);
	});

	it("tells the sender when the receiver is dropped", () => {
		const [tx, rx] = oneshot.channel<number>();
		const closed = mock(tx.closed()).pending();
		rx[Symbol.dispose]();
		closed.wokenReady();
		now(tx.closed());
	});

	it("tells all who wait for the receiver to go, and not who was dropped", () => {
		const [tx, rx] = oneshot.channel<number>();
		const [a, b, c] = [mock(tx.closed()).pending(), mock(tx.closed()).pending(), mock(tx.closed()).pending()];
		b.drop();
		rx.close();
		a.wokenReady();
		c.wokenReady();
		expect(b.wakes).toBe(0);
	});

	it("can be closed by the receiver: what was sent can be taken, by waiting and by tryRecv", () => {
		for (const take of [(rx: oneshot.Receiver<number>) => now(rx), (rx: oneshot.Receiver<number>) => rx.tryRecv()]) {
			const [tx, rx] = oneshot.channel<number>();
			tx.send(1);
			rx.close();
			expect(take(rx)).toBe(1);
		}
	});

	it("can be closed by the receiver: nothing is sent any more, and waiting fails", () => {
		const [tx, rx] = oneshot.channel<number>();
		const closed = mock(tx.closed()).pending();
		const receiver = mock(rx).pending();
		rx.close();
		rx.close();
		closed.wokenReady();
		expect(() => tx.send(1)).toThrow(SendError);
		expect(receiver.isWoken).toBe(true);
		receiver.fails(RecvError);
	});

	it("is looked at by tryRecv without waiting", () => {
		const [tx, rx] = oneshot.channel<number>();
		expect(thrown(TryRecvError, () => rx.tryRecv()).kind).toBe("empty");
		tx.send(17);
		expect(rx.tryRecv()).toBe(17);
		expect(thrown(TryRecvError, () => rx.tryRecv()).kind).toBe("closed");
		rx.close();
	});

	it("says by tryRecv that nothing will come: the sender is gone, or it was closed", () => {
		const [tx, rx] = oneshot.channel<number>();
		tx.close();
		expect(thrown(TryRecvError, () => rx.tryRecv()).kind).toBe("closed");
		const [, other] = oneshot.channel<number>();
		other.close();
		expect(thrown(TryRecvError, () => other.tryRecv()).kind).toBe("closed");
	});

	it("has nothing to take after it was waited for", () => {
		const [tx, rx] = oneshot.channel<number>();
		tx.send(17);
		now(rx);
		expect(thrown(TryRecvError, () => rx.tryRecv()).kind).toBe("closed");
		expect(() => now(rx)).toThrow(FutureConsumedError);
	});

	it("is terminated when its outcome was given out, and not before", () => {
		const cases: [(tx: oneshot.Sender<number>, rx: oneshot.Receiver<number>) => void, boolean][] = [
			[(tx) => tx.send(17), true],
			[(tx) => tx.close(), false],
			[(_tx, rx) => rx.close(), false],
		];
		for (const [end, ok] of cases) {
			for (const take of [now<number>, (rx: oneshot.Receiver<number>) => rx.tryRecv()]) {
				const [tx, rx] = oneshot.channel<number>();
				expect(rx.isTerminated).toBe(false);
				end(tx, rx);
				expect(rx.isTerminated).toBe(false);
				if (ok) take(rx);
				else expect(() => take(rx)).toThrow();
				expect(rx.isTerminated).toBe(true);
			}
		}
	});

	it("is empty unless a message waits", () => {
		const [tx, rx] = oneshot.channel<number>();
		expect(rx.isEmpty).toBe(true);
		tx.send(17);
		expect(rx.isEmpty).toBe(false);
		rx.tryRecv();
		expect(rx.isEmpty).toBe(true);
		const [, closed] = oneshot.channel<number>();
		closed.close();
		expect(closed.isEmpty).toBe(true);
		const [given, up] = oneshot.channel<number>();
		given.close();
		expect(up.isEmpty).toBe(true);
		mock(up).fails(RecvError);
		expect(up.isEmpty).toBe(true);
	});

	it("wakes the waker of the last poll, at either end", () => {
		const [tx, rx] = oneshot.channel<number>();
		const receiver = mock(rx);
		const closed = mock(tx.closed());
		let stale = 0;
		const old = { wake: () => void stale++ };
		receiver.poll(old);
		receiver.pending();
		closed.poll(old);
		closed.pending();
		rx.close();
		closed.wokenReady();
		expect(receiver.isWoken).toBe(true);
		const [sends, receives] = oneshot.channel<number>();
		receives.poll({ waker: old });
		const last = mock(receives).pending();
		sends.send(1);
		expect([last.wokenReady(), stale]).toEqual([1, 0]);
	});

	it("drops the message with the receiver, and releases a guard in it", () => {
		const mutex = new Mutex(0);
		const [tx, rx] = oneshot.channel<{ guard: Disposable }>();
		tx.send({ guard: mutex.tryLock() });
		expect(mutex.isLocked).toBe(true);
		rx[Symbol.dispose]();
		expect(mutex.isLocked).toBe(false);
	});

	it("does nothing when its ends are disposed twice", () => {
		const [tx, rx] = oneshot.channel<number>();
		tx.send(1);
		tx[Symbol.dispose]();
		tx[Symbol.dispose]();
		expect(now(rx)).toBe(1);
		rx[Symbol.dispose]();
		rx[Symbol.dispose]();
	});
});

describe("oneshot on a runtime", () => {
	it("is waited for from a task and by await", async () => {
		const [tx, rx] = oneshot.channel<number>();
		tx.send(1);
		expect(await rx).toBe(1);
		await onRuntime(function* () {
			const [tx, rx] = oneshot.channel<string>();
			spawn(function* () {
				yield* yieldNow();
				tx.send("hello");
			});
			expect(yield* rx).toBe("hello");
		});
	});

	it("gives at most one message by for await", async () => {
		const [tx, rx] = oneshot.channel<number>();
		tx.send(1);
		const seen: number[] = [];
		for await (const n of rx) seen.push(n);
		const [none, nothing] = oneshot.channel<number>();
		none.close();
		for await (const n of nothing) seen.push(n);
		expect(seen).toEqual([1]);
	});

	it("is closed when it loses a select, polled or not, and lives on when it was lent", async () => {
		await onRuntime(function* () {
			const [tx, rx] = oneshot.channel<number>();
			const [unpolled, never] = oneshot.channel<number>();
			yield* select({ first: yieldNow(), rx }, { biased: true });
			expect(tx.isClosed).toBe(true);
			const done = oneshot.channel<number>();
			done[0].send(1);
			yield* select({ done: done[1], never }, { biased: true });
			expect(unpolled.isClosed).toBe(true);

			const [sender, receiver] = oneshot.channel<number>();
			const lent = byRef(receiver);
			yield* select({ tick: yieldNow(), lent });
			expect(sender.isClosed).toBe(false);
			sender.send(5);
			expect(yield* lent).toBe(5);
		});
	});

	it("fails the task that waits for it when somebody else disposes it", async () => {
		await onRuntime(function* () {
			const [tx, rx] = oneshot.channel<number>();
			const waiter = spawn(function* () {
				return yield* rx;
			});
			yield* yieldNow();
			rx[Symbol.dispose]();
			expect(yield* catching(waiter)).toBeInstanceOf(FutureConsumedError);
			expect(tx.isClosed).toBe(true);
		});
	});

	it("closes an end that is the result of a task whose handle is dropped", async () => {
		await onRuntime(function* () {
			const [tx, rx] = oneshot.channel<number>();
			const handle = spawn(function* () {
				yield* yieldNow();
				return tx;
			});
			handle[Symbol.dispose]();
			expect(yield* catching(rx)).toBeInstanceOf(RecvError);
		});
	});

	it("tells a sender that its asker was cancelled", async () => {
		await onRuntime(function* () {
			const [tx, rx] = oneshot.channel<number>();
			const asker = spawn(join([rx, pending()]));
			const worker = spawn(function* () {
				yield* tx.closed();
				return "no one is interested";
			});
			yield* yieldNow();
			asker.abort();
			expect(yield* worker).toBe("no one is interested");
			yield* catching(asker);
		});
	});

	it("shares its outcome among native awaits", async () => {
		const [tx, rx] = oneshot.channel<number>();
		const both = Promise.all([rx.then((n) => n + 1), rx.then((n) => n + 2)]);
		tx.send(1);
		expect(await both).toEqual([2, 3]);
		await run(yieldNow());
	});
});

describe("oneshot under random schedules", () => {
	it("delivers exactly once, or fails at exactly one end, in 1,000 schedules", () => {
		seeds(1_000, (random) => {
			const [tx, rx] = oneshot.channel<number>();
			const receiver = mock(rx);
			const closed = mock(tx.closed());
			let sent = false;
			let refused = false;
			let got: number | "failed" | undefined;
			let dropped = false;
			let waits = false;
			for (let step = 0; step < 12 && got === undefined && !dropped; step++) {
				switch (random.below(6)) {
					case 0:
						try {
							tx.send(7);
							sent = true;
						} catch (error) {
							refused = true;
							expect(sent || error instanceof SendError).toBe(true);
						}
						break;
					case 1:
						if (waits && !receiver.isWoken && random.chance(0.5)) break;
						try {
							const value = receiver.poll();
							if (typeof value === "number") got = value;
							else waits = true;
						} catch (error) {
							expect(error).toBeInstanceOf(RecvError);
							got = "failed";
						}
						break;
					case 2:
						if (random.chance(0.3)) rx.close();
						break;
					case 3:
						if (random.chance(0.2)) tx.close();
						break;
					case 4:
						if (random.chance(0.2)) {
							receiver.drop();
							dropped = true;
						}
						break;
					default:
						if (random.chance(0.3)) closed.poll();
				}
				if (waits && sent && got === undefined && !dropped) expect(receiver.isWoken).toBe(true);
			}
			if (got === 7) expect(sent).toBe(true);
			if (got === "failed") expect(sent).toBe(false);
			if (dropped) expect(() => tx.send(1)).toThrow(SendError);
			expect(refused && !sent && !tx.isClosed).toBe(false);
		});
	});
});
