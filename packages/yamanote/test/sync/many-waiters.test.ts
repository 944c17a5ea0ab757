// A million waiters for each primitive (of a semaphore: semaphore-model): nothing takes time that grows with the square of their number, nor a deep stack.
import { describe, expect, it } from "vitest";
import { type Future, Pending, pollFn } from "yamanote";
import {
	Barrier,
	broadcast,
	CancellationToken,
	Mutex,
	mpmc,
	mpsc,
	Notify,
	OnceCell,
	oneshot,
	RwLock,
	watch,
} from "yamanote/sync";

const MANY = 1_000_000;
const cx = { waker: { wake() {} } };

/** Makes and polls so many waits, each of which has to wait. */
function waiters<T>(wait: () => Future<T, unknown>): Future<T, unknown>[] {
	return Array.from({ length: MANY }, () => {
		const future = wait();
		if (future.poll(cx) !== Pending) throw new Error("ready");
		return future;
	});
}

/** Drops every second one. */
function half<T>(futures: Future<T, unknown>[]): Future<T, unknown>[] {
	return futures.filter((future, i) => {
		if (i % 2 === 0) future[Symbol.dispose]();
		return i % 2 !== 0;
	});
}

function ready<T>(future: Future<T, unknown>): T {
	const value = future.poll(cx);
	if (value === Pending) throw new Error("pending");
	return value as T;
}

const cases: Record<string, () => void> = {
	"Mutex: each locks in its turn": () => {
		const mutex = new Mutex(0);
		let guard = mutex.tryLock();
		for (const wait of half(waiters(() => mutex.lock()))) {
			guard.release();
			guard = ready(wait);
			guard.value++;
		}
		expect(guard.value).toBe(MANY / 2);
		guard.release();
		expect(mutex.isLocked).toBe(false);
	},
	"RwLock: readers at once, then writers in their turn": () => {
		const lock = new RwLock(0);
		const writing = lock.tryWrite();
		const readers = half(waiters(() => lock.read()));
		writing.release();
		const guards = readers.map(ready);
		const writers = waiters(() => lock.write());
		for (const guard of guards) guard.release();
		for (const wait of writers) ready(wait).release();
		lock.tryWrite().release();
	},
	"Barrier: all go on": () => {
		const barrier = new Barrier(MANY + 1);
		const waits = waiters(() => barrier.wait());
		expect(ready(barrier.wait()).isLeader).toBe(true);
		for (const wait of waits) ready(wait);
	},
	"Notify: one by one from both ends, then all": () => {
		const notify = new Notify();
		const waits = half(waiters(() => notify.notified()));
		for (let i = 0; i < 1_000; i++) {
			notify.notifyOne();
			notify.notifyLast();
			ready(waits[i] as Future<void>);
			ready(waits[waits.length - 1 - i] as Future<void>);
		}
		notify.notifyWaiters();
		for (const wait of waits.slice(1_000, -1_000)) ready(wait);
	},
	"Notify: one by one": () => {
		const notify = new Notify();
		for (const wait of waiters(() => notify.notified())) {
			notify.notifyOne();
			ready(wait);
		}
	},
	"OnceCell: all get the value": () => {
		const cell = new OnceCell<number>();
		let made = false;
		const maker = cell.getOrInit(pollFn<number>(() => (made ? 1 : Pending)));
		expect(maker.poll(cx)).toBe(Pending);
		const waits = half(waiters(() => cell.getOrInit(neverMade)));
		made = true;
		expect(ready(maker)).toBe(1);
		for (const wait of waits) if (ready(wait) !== 1) throw new Error("another value");
	},
	"CancellationToken: all are told": () => {
		const token = new CancellationToken();
		const waits = half(waiters(() => token.cancelled()));
		token.cancel();
		for (const wait of waits) ready(wait);
	},
	"CancellationToken: very many children are cancelled": () => {
		const token = new CancellationToken();
		const children = Array.from({ length: MANY }, () => token.childToken());
		token.cancel();
		expect(children.every((child) => child.isCancelled)).toBe(true);
	},
	"mpsc: very many receives wait": () => {
		const [tx, rx] = mpsc.unboundedChannel<number>();
		const waits = half(waiters(() => rx.recv()));
		for (let i = 0; i < waits.length; i++) tx.send(i);
		for (const [i, wait] of waits.entries()) if (ready(wait) !== i) throw new Error(`not ${i}`);
	},
	"mpmc without slots: very many sends wait": () => {
		const [tx, rx] = mpmc.channel<number>(0);
		let n = 0;
		const sends = half(waiters(() => tx.send(n++)));
		for (const [i, send] of sends.entries()) {
			const recv = rx.recv();
			if (recv.poll(cx) !== Pending) throw new Error("a message before its send went on");
			ready(send);
			if (ready(recv) !== 2 * i + 1) throw new Error(`not ${2 * i + 1}`);
		}
	},
	"oneshot: very many wait for the receiver to go": () => {
		const [tx, rx] = oneshot.channel<number>();
		const waits = half(waiters(() => tx.closed()));
		rx[Symbol.dispose]();
		for (const wait of waits) ready(wait);
	},
	"broadcast: very many receives wait, and a million messages go": () => {
		const [tx, rx] = broadcast.channel<number>(16);
		const waits = half(waiters(() => rx.recv()));
		tx.send(1);
		expect(ready(waits[0] as Future<number | undefined>)).toBe(1);
		for (const wait of waits.slice(1)) wait[Symbol.dispose]();
		for (let i = 0; i < MANY; i++) {
			tx.send(i);
			if (ready(rx.recv()) !== i) throw new Error(`not ${i}`);
		}
	},
	"watch: very many wait for a change": () => {
		const [tx, rx] = watch.channel(0);
		const waits = half(waiters(() => rx.changed()));
		tx.send(1);
		ready(waits[0] as Future<void>);
		for (const wait of waits.slice(1)) wait[Symbol.dispose]();
	},
};

function* neverMade(): Generator<never, number> {
	throw new Error("made twice");
}

describe("a million waiters", () => {
	for (const [what, body] of Object.entries(cases)) it(what, body, 120_000);
});
