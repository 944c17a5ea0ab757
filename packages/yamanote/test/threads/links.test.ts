import { beforeAll, describe, expect, it } from "vitest";
import { CancelledError, type Future, Runtime, race, run, sleep, spawn } from "yamanote";
import {
	CancellationToken,
	type Message,
	mpmc,
	mpsc,
	oneshot,
	RecvError,
	SendError,
	TryRecvError,
} from "yamanote/sync";
import { checkSend, NotSendError, parallel, sendClone, transfer, WorkerLost } from "yamanote/threads";
import { reporting } from "../support/failures.ts";
import { pools } from "./support/pools.ts";
import { type Each, flags, letGo, loadWork, type Talk, until } from "./support/work.ts";

let talk: Talk;
let each: Each;
beforeAll(async () => {
	({ talk, each } = await loadWork());
}, 60_000);
const poolOf = pools();
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const failure = (call: PromiseLike<unknown>): Promise<unknown> =>
	Promise.resolve(call).then(
		(value) => {
			throw new Error(`it did not fail: ${String(value)}`);
		},
		(error) => error,
	);

async function all<T>(rx: AsyncIterable<T>): Promise<T[]> {
	const seen: T[] = [];
	for await (const message of rx) seen.push(message);
	return seen;
}

describe("a sender that is sent to a thread", () => {
	it("sends from there, in order, and ends the channel when it is released", async () => {
		const [tx, rx] = mpsc.channel<number>(4);
		const sent = spawn(talk.produce(tx, 0, 500));
		expect(await all(rx)).toEqual(upTo(500));
		expect(await sent).toBe("sent");
	});

	it("is released here: it has moved", async () => {
		const [tx, rx] = mpsc.channel<number>(1);
		const call = talk.produce(tx, 0, 1);
		expect(tx.isClosed).toBe(true);
		await expect(tx.send(1).then()).rejects.toBeInstanceOf(SendError);
		tx.close();
		expect(await call).toBe("sent");
		expect(await all(rx)).toEqual([0]);
	});

	it("waits for room: no more than the slots of both sides are ahead of the receiver", async () => {
		const [tx, rx] = mpsc.channel<number>(3);
		const sent = flags();
		const done = spawn(talk.produceAsTask(tx, 100, sent));
		await until(() => Atomics.load(sent, 0) >= 6);
		await run(sleep(20));
		expect(Atomics.load(sent, 0)).toBe(6);
		expect(await rx.recv()).toBe(0);
		await until(() => Atomics.load(sent, 0) === 7);
		expect((await all(rx)).length).toBe(99);
		await done;
	});

	it("says at once when there is no room", async () => {
		const [tx, rx] = mpsc.channel<number>(5);
		expect(await talk.tryProduce(tx, 100)).toEqual([5, "full"]);
		expect(await all(rx)).toEqual(upTo(5));
	});

	it("is one of many", async () => {
		const [tx, rx] = mpsc.channel<number>(8);
		const both = [spawn(talk.produce(tx.clone(), 0, 100)), spawn(talk.produce(tx.clone(), 100, 200))];
		await tx.send(200);
		tx.close();
		expect((await all(rx)).sort((a, b) => a - b)).toEqual(upTo(201));
		for (const one of both) expect(await one).toBe("sent");
	});

	it("without a bound reaches the receiver while its function runs on", async () => {
		const [tx, rx] = mpsc.unboundedChannel<number>();
		const flag = flags();
		const done = spawn(talk.produceAtOnce(tx, 1_000, flag));
		for (let i = 0; i < 1_000; i++) expect(await rx.recv()).toBe(i);
		expect(done.isFinished).toBe(false);
		letGo(flag);
		expect(await rx.recv()).toBeUndefined();
		await done;
	});

	it("fails there when the receiver is gone", async () => {
		const [tx, rx] = mpsc.channel<number>(1);
		const call = spawn(talk.produce(tx, 0, 1e9));
		expect(await rx.recv()).toBe(0);
		rx.release();
		expect(await call).toBe("YAMANOTE_SEND");
		const [tx2, rx2] = mpsc.channel<number>(1);
		const closed = spawn(talk.closed(tx2));
		rx2.release();
		expect(await closed).toBe(true);
	});

	it("delivers what it has sent when the receiver closes the channel", async () => {
		const [tx, rx] = mpsc.channel<number>(2);
		const sent = flags();
		const done = spawn(talk.produceAsTask(tx, 100, sent)).then(undefined, (error) => error);
		await until(() => Atomics.load(sent, 0) === 4);
		rx.close();
		expect(await all(rx)).toEqual(upTo(4));
		expect(await done).toBeInstanceOf(SendError);
	});

	it("ends the channel when its thread dies", async () => {
		const [tx, rx] = mpsc.channel<number>(4);
		const h = poolOf().bind(talk);
		const lost = failure(h.exitWith(tx));
		expect(await rx.recv()).toBeUndefined();
		expect(await lost).toBeInstanceOf(WorkerLost);
	});

	it("refuses there what cannot cross", async () => {
		const [tx, rx] = mpsc.channel<string>(4);
		await talk.sendFunction(tx);
		expect(await all(rx)).toEqual(["the message is a function: send data, and call a function of defineWorker there"]);
	});

	it("is dropped with a call that never ran", async () => {
		const [tx, rx] = mpsc.channel<number>(4);
		await failure(run(talk.produce(tx, 0, 5), { signal: AbortSignal.abort() }));
		expect(await rx.recv()).toBeUndefined();
		const pool = poolOf();
		await pool.shutdown();
		const [tx2, rx2] = mpsc.channel<number>(4);
		await failure(pool.bind(talk).produce(tx2, 0, 5));
		expect(await rx2.recv()).toBeUndefined();
	});
});

describe("a receiver that is sent to a thread", () => {
	it("receives there, in order, until the senders are gone", async () => {
		const [tx, rx] = mpsc.channel<number>(4);
		const received = spawn(talk.consume(rx));
		for (const n of upTo(500)) await tx.send(n);
		tx.close();
		expect(await received).toEqual(upTo(500));
	});

	it("brings what was in the channel", async () => {
		const [tx, rx] = mpsc.channel<number>(10);
		for (const n of upTo(10)) tx.trySend(n);
		tx.close();
		expect(await talk.consume(rx)).toEqual(upTo(10));
		const [utx, urx] = mpsc.unboundedChannel<number>();
		for (const n of upTo(2_000)) utx.send(n);
		utx.close();
		expect(await talk.consume(urx)).toEqual(upTo(2_000));
	});

	it("makes senders wait for it", async () => {
		const [tx, rx] = mpsc.channel<number>(2);
		const pool = poolOf();
		await pool.bind(talk).keep(rx);
		let sent = 0;
		for (; sent < 100; sent++) {
			const waiting = await run(race([run(sleep(200)).then(() => true), tx.send(sent)]));
			if (waiting === true) break;
		}
		// Two slots here, two there, and two on the way.
		expect(sent).toBeLessThanOrEqual(6);
		expect(sent).toBeGreaterThanOrEqual(2);
		await pool.bind(talk).letGo();
		await tx.closed();
	});

	it("fails the senders when it is released there", async () => {
		const [tx, rx] = mpsc.channel<number>(4);
		const taken = spawn(talk.take(rx, 3));
		for (const n of upTo(3)) await tx.send(n);
		expect(await taken).toEqual([0, 1, 2]);
		await tx.closed();
		await expect(tx.send(4).then()).rejects.toBeInstanceOf(SendError);
	});

	it("drains what was sent after it has closed the channel there", async () => {
		const [tx, rx] = mpsc.channel<number>(50);
		for (const n of upTo(50)) tx.trySend(n);
		expect(await talk.closeThenDrain(rx, 5)).toEqual(upTo(50));
		expect(tx.isClosed).toBe(true);
	});

	it("does not hold up calls when a message to it cannot be sent after all", async () => {
		const [tx, rx] = mpsc.channel<Message>(4);
		const h = poolOf().bind(talk);
		const { port1: gone } = new MessageChannel();
		const other = new MessageChannel();
		other.port1.postMessage(gone, [gone]);
		await reporting(async (reported) => {
			await h.keep(rx);
			await tx.send(transfer(gone));
			await until(() => reported.length > 0);
			await h.letGo();
			expect(reported.length).toBe(1);
		});
		other.port1.close();
	});

	it("closes the channel when its thread dies", async () => {
		const [tx, rx] = mpsc.channel<number>(4);
		const lost = failure(poolOf().bind(talk).exitWith(rx));
		await tx.closed();
		expect(await lost).toBeInstanceOf(WorkerLost);
	});

	it("may be one of several of an mpmc channel", async () => {
		const [tx, rx] = mpmc.channel<number>(4);
		const there = spawn(talk.consume(rx.clone()));
		const here = all(rx);
		for (const n of upTo(200)) await tx.send(n);
		tx.close();
		const [a, b] = [await here, (await there) as number[]];
		expect([...a, ...b].sort((x, y) => x - y)).toEqual(upTo(200));
	});

	it("reports a message that cannot cross, and goes on", async () => {
		const told: unknown[] = [];
		const runtime = new Runtime({ onUnhandled: ({ error }) => void told.push(error) });
		const [tx, rx] = mpsc.channel<Message>(4);
		const received = runtime.spawn(function* () {
			const consumer = spawn(talk.consume(rx));
			yield* tx.send(1);
			yield* tx.send(() => {});
			yield* tx.send(2);
			tx.close();
			return yield* consumer;
		});
		expect(await received).toEqual([1, 2]);
		expect(told).toHaveLength(1);
		expect(told[0]).toMatchObject({ name: "NotSendError", path: "the message" });
		await runtime.shutdown();
	});
});

describe("an end that is sent with a call that never ran", () => {
	const neverRun = (call: Future<unknown, unknown>): Promise<unknown> =>
		failure(run(call, { signal: AbortSignal.abort() }));

	it("a receiver: its senders fail", async () => {
		const [tx, rx] = mpsc.channel<number>(4);
		tx.trySend(1);
		const call = talk.take(rx, 1);
		expect(tx.isClosed).toBe(false);
		await neverRun(call);
		expect(tx.isClosed).toBe(true);
		expect(await failure(tx.send(2))).toBeInstanceOf(SendError);
	});

	it("the sender of a oneshot channel: its receiver fails", async () => {
		const [tx, rx] = oneshot.channel<Message>();
		const call = talk.answer(tx, 1);
		expect(rx.isTerminated).toBe(false);
		await neverRun(call);
		expect(await failure(rx)).toBeInstanceOf(RecvError);
	});

	it("the receiver of a oneshot channel: its sender is told", async () => {
		const [tx, rx] = oneshot.channel<Message>();
		const call = talk.received(rx);
		expect(tx.isClosed).toBe(false);
		await neverRun(call);
		await tx.closed();
		expect(() => tx.send(1)).toThrow(SendError);
	});
});

describe("ends that come from a thread", () => {
	it("work here, both at once", async () => {
		const pool = poolOf();
		const [tx, rx] = await pool.bind(talk).pair(2);
		const received = all(rx);
		for (const n of upTo(50)) await tx.send(n);
		tx.close();
		expect(await received).toEqual(upTo(50));
	});

	it("keep their thread alive, though it is idle", async () => {
		const pool = poolOf({ threadKeepAlive: 1 });
		const [tx, rx] = await pool.bind(talk).pair(2);
		await run(sleep(50));
		expect(pool.metrics().threads).toBe(1);
		await tx.send(7);
		expect(await rx.recv()).toBe(7);
		tx.close();
		rx.release();
		await until(() => pool.metrics().threads === 0);
	});

	it("keep their thread alive from when they are sent", async () => {
		const pool = poolOf({ threadKeepAlive: 10 });
		const h = pool.bind(talk);
		await h.letGo();
		// After this, timers are next.
		await new Promise(setImmediate);
		const sent = spawn(h.pair(2));
		await null;
		// The result comes while this thread is busy, and so does the time to end an idle thread, which is looked at first.
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
		const [tx, rx] = await sent;
		await tx.send(7);
		expect(await rx.recv()).toBe(7);
		tx.close();
		rx.release();
	});

	it("are closed when their thread dies", async () => {
		const h = poolOf({ callsPerThread: 2 }).bind(talk);
		const [tx, rx] = await h.pair(2);
		const [otx, orx] = await h.ends();
		const [waiting, answer] = [spawn(rx.recv()), failure(orx)];
		await failure(h.exitWith(mpsc.channel<number>(1)[0]));
		expect(await waiting).toBeUndefined();
		expect(await answer).toBeInstanceOf(RecvError);
		await tx.closed();
		expect(otx.isClosed).toBe(true);
	});

	it("may be items of a stream", async () => {
		const seen: number[] = [];
		for await (const rx of talk.streamOfEnds(40)) seen.push(await rx);
		expect(seen).toEqual(upTo(40));
	});

	it("join two threads", async () => {
		const pool = poolOf({ maxBlockingThreads: 2 });
		const h = pool.bind(talk);
		const [atx, arx] = mpsc.channel<number>(4);
		const [btx, brx] = mpsc.channel<number>(4);
		const calls = [spawn(h.produce(atx, 0, 100)), spawn(h.relay(arx as never, btx as never))];
		expect(await all(brx)).toEqual(upTo(100));
		for (const one of calls) await one;
	});
});

describe("a oneshot channel between threads", () => {
	it("brings an answer", async () => {
		const [tx, rx] = oneshot.channel<Message>();
		await talk.answer(tx, { ok: true });
		expect(await rx).toEqual({ ok: true });
		expect(tx.isClosed).toBe(true);
	});

	it("takes one there, also if it was sent before", async () => {
		const [tx, rx] = oneshot.channel<Message>();
		const received = spawn(talk.received(rx));
		tx.send("late");
		expect(await received).toBe("late");
		const [tx2, rx2] = oneshot.channel<Message>();
		tx2.send("early");
		expect(await talk.received(rx2)).toBe("early");
	});

	it("fails the receiver when the sender is dropped, here or there", async () => {
		const [tx, rx] = oneshot.channel<Message>();
		const there = failure(talk.received(rx));
		tx.close();
		expect(await there).toBeInstanceOf(RecvError);
		const pool = poolOf();
		const [tx2, rx2] = oneshot.channel<Message>();
		await pool.bind(talk).keep(tx2);
		await pool.bind(talk).letGo();
		expect(await failure(rx2)).toBeInstanceOf(RecvError);
	});

	it("tells the sender when the receiver is dropped, here or there", async () => {
		const [tx, rx] = oneshot.channel<Message>();
		const closed = spawn(talk.closed(tx));
		rx[Symbol.dispose]();
		expect(await closed).toBe(true);
		const pool = poolOf();
		const [tx2, rx2] = oneshot.channel<Message>();
		await pool.bind(talk).keep(rx2);
		expect(tx2.isClosed).toBe(false);
		await pool.bind(talk).letGo();
		await tx2.closed();
	});

	it("is closed when the thread dies", async () => {
		const pool = poolOf();
		const [tx, rx] = oneshot.channel<Message>();
		void failure(pool.bind(talk).exitWith(tx));
		expect(await failure(rx)).toBeInstanceOf(RecvError);
		const [tx2, rx2] = oneshot.channel<Message>();
		void failure(pool.bind(talk).exitWith(rx2));
		await tx2.closed();
	});

	it("has moved: what stays here does nothing, and disposing of it harms nobody", async () => {
		const [tx, rx] = oneshot.channel<Message>();
		const received = spawn(talk.received(rx));
		expect(() => rx.tryRecv()).toThrow(TryRecvError);
		rx.close();
		rx[Symbol.dispose]();
		expect(tx.isClosed).toBe(false);
		tx.send(1);
		expect(await received).toBe(1);
	});

	it("may be sent in a message: a question with where its answer goes", async () => {
		const [tx, rx] = mpsc.channel<{ question: string; answer: oneshot.Sender<string> }>(4);
		const done = spawn(talk.reply(rx));
		const answers = await Promise.all(
			["a", "b", "c"].map(async (question) => {
				const [answer, reply] = oneshot.channel<string>();
				await tx.send({ question, answer });
				return await reply;
			}),
		);
		tx.close();
		expect(answers).toEqual(["A", "B", "C"]);
		await done;
	});
});

describe("a token that is sent to a thread", () => {
	it("is cancelled there when it is cancelled here, with its reason", async () => {
		const token = new CancellationToken();
		const flag = flags();
		const waiting = spawn(talk.untilCancelled(token, flag));
		await until(() => Atomics.load(flag, 0) === 1);
		token.cancel(new RangeError("enough"));
		expect(await waiting).toEqual([true, "enough"]);
	});

	it("is cancelled there when a parent is", async () => {
		const parent = new CancellationToken();
		const flag = flags();
		const waiting = spawn(talk.signalled(parent.childToken(), flag));
		await until(() => Atomics.load(flag, 0) === 1);
		parent.cancel();
		expect(await waiting).toBe("AbortError");
	});

	it("is cancelled here when it is cancelled there", async () => {
		const token = new CancellationToken();
		const cancelled = spawn(token.childToken().cancelled());
		await talk.cancel(token, new RangeError("from there"));
		await cancelled;
		expect(token.reason).toEqual(new RangeError("from there"));
		const plain = new CancellationToken();
		await talk.cancel(plain);
		await plain.cancelled();
		expect(plain.reason).toBeInstanceOf(CancelledError);
	});

	it("is cancelled here before the call that has cancelled it there has its result", async () => {
		for (let i = 0; i < 20; i++) {
			const token = new CancellationToken();
			await talk.cancel(token);
			expect(token.isCancelled).toBe(true);
		}
	});

	it("may be cancelled before", async () => {
		const token = new CancellationToken();
		token.cancel();
		const flag = flags();
		expect((await talk.untilCancelled(token, flag))[0]).toBe(true);
	});

	it("is the same token each time", async () => {
		const pool = poolOf();
		const h = pool.bind(talk);
		const token = new CancellationToken();
		await h.keepToken(token);
		expect(await h.isKept(token)).toBe(true);
	});

	it("is no affair of the thread's life: nothing is cancelled when it dies", async () => {
		const token = new CancellationToken();
		await failure(poolOf().bind(talk).exitWith(token));
		expect(token.isCancelled).toBe(false);
	});

	it("may come from there", async () => {
		const pool = poolOf();
		const h = pool.bind(talk);
		const token = await h.newToken();
		expect(token.isCancelled).toBe(false);
		await h.cancelKept();
		await token.cancelled();
		const other = await h.newToken();
		other.cancel();
		expect(await h.keptIsCancelled()).toBe(true);
	});

	it("keeps the thread that it comes from alive while somebody waits for it, and no longer", async () => {
		const pool = poolOf({ threadKeepAlive: 1 });
		const token = await pool.bind(talk).newToken();
		const waits = [0, 1].map(() => spawn(token.cancelled()));
		await run(sleep(50));
		expect(pool.metrics().threads).toBe(1);
		waits[0]?.abort();
		await failure(waits[0] as never);
		await run(sleep(50));
		expect(pool.metrics().threads).toBe(1);
		waits[1]?.abort();
		await failure(waits[1] as never);
		await until(() => pool.metrics().threads === 0);
	});

	it("may go there and back", async () => {
		const token = new CancellationToken();
		const back = await talk.tokens(token);
		token.cancel();
		await back.cancelled();
		const again = new CancellationToken();
		(await talk.tokens(again)).cancel();
		await again.cancelled();
	});
});

describe("ends that cannot be sent", () => {
	it("are refused with what to do, and stay as they are", async () => {
		const [tx, rx] = mpsc.channel<Message>(0);
		expect(() => talk.consume(rx)).toThrow(
			"args[0] is the end of a channel of capacity 0, whose ends must meet: give it a capacity",
		);
		tx.close();
		const [tx2, rx2] = mpsc.channel<Message>(1);
		expect(() => talk.keep(tx2, (() => {}) as never)).toThrow(NotSendError);
		expect(tx2.isClosed).toBe(false);
		rx2.release();
		tx2.close();
		expect(() => talk.keep(tx2)).toThrow("was released, or sent before");
		const [tx3, rx3] = oneshot.channel<Message>();
		tx3.send(1);
		expect(() => talk.answer(tx3, 1)).toThrow("closed, or was sent before");
		await rx3;
		expect(() => talk.received(rx3)).toThrow(NotSendError);
	});

	it("are no arguments of parallel operations", async () => {
		const [tx, rx] = mpsc.channel<number>(1);
		const error = await failure(parallel([1]).map(each.double as never, tx));
		expect(error).toBeInstanceOf(NotSendError);
		expect(tx.isClosed).toBe(false);
		rx.release();
	});

	it("are checked, but not moved, by checkSend; sendClone has no thread for them", () => {
		const [tx, rx] = mpsc.channel<number>(1);
		checkSend({ tx, rx, token: new CancellationToken() });
		expect([tx.isClosed, rx.isClosed]).toEqual([false, false]);
		expect(() => sendClone(tx)).toThrow(NotSendError);
	});
});

describe("what one side has said of channels and tokens", () => {
	// The board is quicker than messages, most of all while both sides look at it.
	const times = async (f: (i: number) => Promise<void>): Promise<void> => {
		for (let i = 1; i <= 30; i++) await f(i);
	};

	it("is here before the result of the call that has said it", async () => {
		const h = poolOf().bind(talk);
		await times(async (i) => {
			const [tx, rx] = mpsc.channel<number>(4);
			await h.keep(tx);
			await h.sendKept(i);
			expect(rx.tryRecv()).toBe(i);
			await h.letGo();
			expect(() => rx.tryRecv()).toThrow(TryRecvError);
			expect(rx.isClosed).toBe(true);
			const [answer, question] = oneshot.channel<number>();
			await h.keep(answer as never);
			await h.sendKept(i);
			expect(question.tryRecv()).toBe(i);
		});
	});

	it("is there before the next call", async () => {
		const h = poolOf().bind(talk);
		await times(async (i) => {
			const [tx, rx] = mpsc.channel<Message>(4);
			await h.keep(rx);
			tx.trySend(i);
			expect(await h.tryRecvKept()).toBe(i);
			await h.letGo();
		});
		await times(async () => {
			const token = await h.newToken();
			token.cancel();
			expect(await h.keptIsCancelled()).toBe(true);
		});
	});
});
