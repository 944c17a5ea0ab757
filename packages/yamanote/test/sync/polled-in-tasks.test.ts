// The waits of the primitives, as tasks poll them: the rules of all futures, which other tests show by futures polled by hand.
import { describe, expect, it } from "vitest";
import {
	attempt,
	type Future,
	FutureConsumedError,
	FutureInUseError,
	NotIterableError,
	run,
	spawn,
	yieldNow,
} from "yamanote";
import { broadcast, Mutex, mpmc, mpsc, oneshot, RwLock, Semaphore, watch } from "yamanote/sync";

/** A wait, whether it is ready at once, and what makes one that is not ready so. */
interface Case {
	make(ready: boolean): { wait: Future<unknown, unknown>; release: () => void };
}

const channelCase = (
	channel: (
		capacity: number,
	) => [{ send(n: number): Future<void, unknown> }, { recv(): Future<unknown>; tryRecv(): unknown }],
) => ({
	send: {
		make(ready: boolean) {
			const [tx, rx] = channel(1);
			if (!ready) tx.send(1).poll({ waker: { wake() {} } });
			return { wait: tx.send(2), release: () => void rx.tryRecv() };
		},
	},
	recv: {
		make(ready: boolean) {
			const [tx, rx] = channel(2);
			if (ready) tx.send(1).poll({ waker: { wake() {} } });
			return { wait: rx.recv(), release: () => void tx.send(2).poll({ waker: { wake() {} } }) };
		},
	},
});

const ofMpsc = channelCase((n) => mpsc.channel<number>(n));
const ofMpmc = channelCase((n) => mpmc.channel<number>(n));

const cases: Record<string, Case> = {
	"Mutex.lock": {
		make(ready) {
			const mutex = new Mutex(0);
			const guard = ready ? null : mutex.tryLock();
			return { wait: mutex.lock(), release: () => guard?.release() };
		},
	},
	"RwLock.write": {
		make(ready) {
			const lock = new RwLock(0);
			const guard = ready ? null : lock.tryRead();
			return { wait: lock.write(), release: () => guard?.release() };
		},
	},
	"Semaphore.acquireMany": {
		make(ready) {
			const semaphore = new Semaphore(ready ? 3 : 1);
			return { wait: semaphore.acquireMany(3), release: () => semaphore.addPermits(2) };
		},
	},
	"mpsc send": ofMpsc.send,
	"mpsc recv": ofMpsc.recv,
	"mpmc send": ofMpmc.send,
	"mpmc recv": ofMpmc.recv,
	"mpsc reserve": {
		make(ready) {
			const [tx] = mpsc.channel<number>(1);
			const permit = ready ? null : tx.tryReserve();
			return { wait: tx.reserve(), release: () => permit?.release() };
		},
	},
	"mpsc recvMany": {
		make(ready) {
			const [tx, rx] = mpsc.unboundedChannel<number>();
			if (ready) tx.send(1);
			return { wait: rx.recvMany([], 10), release: () => tx.send(2) };
		},
	},
	oneshot: {
		make(ready) {
			const [tx, rx] = oneshot.channel<number>();
			if (ready) tx.send(1);
			return { wait: rx, release: () => (tx.isClosed ? undefined : tx.send(1)) };
		},
	},
	"broadcast recv": {
		make(ready) {
			const [tx, rx] = broadcast.channel<number>(4);
			if (ready) tx.send(1);
			return { wait: rx.recv(), release: () => void tx.send(2) };
		},
	},
	"watch changed": {
		make(ready) {
			const [tx, rx] = watch.channel(0);
			if (ready) tx.send(1);
			return { wait: rx.changed(), release: () => tx.send(2) };
		},
	},
};

describe.each(Object.entries(cases))("%s, polled in a task", (_name, { make }) => {
	it.each([true, false])("is consumed when it was ready (at once: %s)", async (ready) => {
		await run(function* () {
			const { wait, release } = make(ready);
			spawn(function* () {
				release();
			});
			yield* wait;
			const again = yield* attempt(wait, FutureConsumedError);
			expect(again).toMatchObject({ ok: false });
		});
	});

	it("is in use while a task waits for it, also when it could be ready by now", async () => {
		await run(function* () {
			const { wait, release } = make(false);
			const owner = spawn(wait);
			yield* yieldNow();
			expect(yield* attempt(wait, FutureInUseError)).toMatchObject({ ok: false });
			release();
			expect(yield* attempt(wait, FutureInUseError)).toMatchObject({ ok: false });
			yield* owner;
		});
	});

	it("has no items, inside of a poll or outside", async () => {
		const outside = make(true).wait;
		expect(() => [...(outside as unknown as Iterable<unknown>)]).toThrow(NotIterableError);
		await run(function* () {
			yield* yieldNow();
			const { wait } = make(false);
			expect(() => [...(wait as unknown as Iterable<unknown>)]).toThrow(NotIterableError);
		});
	});

	it("spends the budget: after 128 that are ready the task gives way", async () => {
		const polls: number[] = [];
		const waits = Array.from({ length: 300 }, () => make(true).wait);
		await run(function* () {
			let n = 0;
			const other = spawn(function* () {
				while (n < 300) {
					polls.push(n);
					yield* yieldNow();
				}
			});
			for (const wait of waits) {
				yield* wait;
				n++;
			}
			yield* other;
		});
		expect(polls).toEqual([128, 256]);
	});

	it("is dropped with the task that waits for it, and leaves its place to others", async () => {
		await run(function* () {
			const { wait, release } = make(false);
			const task = spawn(wait);
			yield* yieldNow();
			task.abort();
			yield* yieldNow();
			expect(task.isFinished).toBe(true);
			release();
			expect(yield* attempt(wait, FutureConsumedError)).toMatchObject({ ok: false });
		});
	});
});
