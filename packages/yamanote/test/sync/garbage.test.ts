// What locks and channels let go of, so that it can be collected.
// @engines node20 node22 node24 node26
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { type Future, join, Pending, run, sleep } from "yamanote";
import {
	Barrier,
	broadcast,
	CancellationToken,
	type ForgottenGuardError,
	Mutex,
	mpmc,
	mpsc,
	Notify,
	oneshot,
	RwLock,
	Semaphore,
	SyncMutex,
	trackHolders,
	watch,
} from "yamanote/sync";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** Collects until `done`, some hundred times at most. */
async function collected(done: () => boolean): Promise<boolean> {
	for (let i = 0; i < 200 && !done(); i++) {
		await run(sleep(1));
		gc();
	}
	return done();
}

class Big {
	readonly bytes = new Uint8Array(1_000);
}

/** Polls it, which must wait, with a waker that nothing else knows. */
function polled(future: Future<unknown, unknown>): WeakRef<object> {
	const waker = { wake() {} };
	expect(future.poll({ waker })).toBe(Pending);
	return new WeakRef(waker);
}

describe("a channel whose receiver is gone", () => {
	// Each gives what stays alive, and what must not.
	const channels: Record<string, () => [alive: object, dead: WeakRef<Big>]> = {
		"mpsc, bounded": () => {
			const [tx, rx] = mpsc.channel<Big>(4);
			const message = new Big();
			tx.trySend(message);
			tx.trySend(new Big());
			rx[Symbol.dispose]();
			return [tx, new WeakRef(message)];
		},
		"mpsc, unbounded": () => {
			const [tx, rx] = mpsc.unboundedChannel<Big>();
			const message = new Big();
			tx.send(message);
			rx[Symbol.dispose]();
			return [tx, new WeakRef(message)];
		},
		mpmc: () => {
			const [tx, rx] = mpmc.channel<Big>(4);
			const other = rx.clone();
			const message = new Big();
			tx.trySend(message);
			rx[Symbol.dispose]();
			other[Symbol.dispose]();
			return [tx, new WeakRef(message)];
		},
		"a send that waits, of mpsc": () => {
			const [tx, rx] = mpsc.channel<Big>(1);
			tx.trySend(new Big());
			const message = new Big();
			const send = tx.send(message);
			polled(send);
			rx[Symbol.dispose]();
			send[Symbol.dispose]();
			return [tx, new WeakRef(message)];
		},
		oneshot: () => {
			const [tx, rx] = oneshot.channel<Big>();
			const message = new Big();
			tx.send(message);
			rx[Symbol.dispose]();
			return [tx, new WeakRef(message)];
		},
		broadcast: () => {
			const [tx, rx] = broadcast.channel<Big>(4);
			const message = new Big();
			tx.send(message);
			rx[Symbol.dispose]();
			return [tx, new WeakRef(message)];
		},
		"broadcast, the slower of two receivers": () => {
			const [tx, rx] = broadcast.channel<Big>(4);
			const quick = tx.subscribe();
			const message = new Big();
			tx.send(message);
			quick.tryRecv();
			rx[Symbol.dispose]();
			return [[tx, quick], new WeakRef(message)];
		},
	};
	for (const [what, make] of Object.entries(channels)) {
		it(`frees what was buffered: ${what}`, async () => {
			const [alive, dead] = make();
			expect(await collected(() => dead.deref() === undefined)).toBe(true);
			expect(alive).toBeDefined();
		});
	}

	it("frees what was received and overwritten as well", async () => {
		const [tx, rx] = mpsc.channel<Big>(8);
		const [loud, ear] = broadcast.channel<Big>(2);
		const [set, seen] = watch.channel<Big>(new Big());
		const [once, taken] = oneshot.channel<Big>();
		const dead: WeakRef<Big>[] = [];
		const fresh = (): Big => {
			const big = new Big();
			dead.push(new WeakRef(big));
			return big;
		};
		(() => {
			tx.trySend(fresh());
			rx.tryRecv();
			loud.send(fresh());
			ear.tryRecv();
			loud.send(fresh());
			loud.send(new Big());
			loud.send(new Big());
			set.send(fresh());
			set.send(new Big());
			once.send(fresh());
			taken.tryRecv();
		})();
		expect(await collected(() => dead.every((ref) => ref.deref() === undefined))).toBe(true);
		expect([tx, rx, loud, ear, set, seen, once, taken].length).toBe(8);
	});
});

describe("rule 8: a channel whose sender was forgotten", () => {
	it("is not closed by the collection of the sender: its receiver waits on", async () => {
		let sender: WeakRef<object> | undefined;
		const forgotten = (): mpsc.Receiver<string> => {
			const [tx, rx] = mpsc.channel<string>(1);
			sender = new WeakRef(tx);
			return rx;
		};
		const rx = forgotten();
		const receiving = rx.recv();
		expect(receiving.poll({ waker: { wake: () => expect.unreachable("it was woken") } })).toBe(Pending);
		expect(await collected(() => sender?.deref() === undefined)).toBe(true);
		await run(sleep(1));
		expect(rx.isClosed).toBe(false);
		receiving[Symbol.dispose]();
		rx[Symbol.dispose]();
	});
});

describe("a waker", () => {
	it("an mpsc receiver that is gone keeps no waker", async () => {
		const [tx, rx] = mpsc.channel<number>(1);
		const dead = (() => {
			const recv = rx.recv();
			const ref = polled(recv);
			rx[Symbol.dispose]();
			return ref;
		})();
		expect(await collected(() => dead.deref() === undefined)).toBe(true);
		expect(tx.isClosed).toBe(true);
	});

	it("the ends of a oneshot that are gone keep no wakers", async () => {
		const [tx, rx] = oneshot.channel<number>();
		const dead = (() => {
			const closed = tx.closed();
			const refs = [polled(closed), polled(rx)];
			tx[Symbol.dispose]();
			closed[Symbol.dispose]();
			rx[Symbol.dispose]();
			return refs;
		})();
		expect(await collected(() => dead.every((ref) => ref.deref() === undefined))).toBe(true);
		expect([tx, rx].length).toBe(2);
	});

	const held = <T>(value: T): T => value;
	// Each gives what is waited for for ever, and the wait.
	const waits: Record<string, () => [alive: object, wait: Future<unknown, unknown>]> = {
		"Mutex.lock": () => {
			const mutex = new Mutex(0);
			return [[mutex, mutex.tryLock()], mutex.lock()];
		},
		"RwLock.read": () => {
			const lock = new RwLock(0);
			return [[lock, lock.tryWrite()], lock.read()];
		},
		"RwLock.write": () => {
			const lock = new RwLock(0);
			return [[lock, lock.tryRead()], lock.write()];
		},
		"Semaphore.acquireMany": () => {
			const gate = new Semaphore(1);
			return [gate, gate.acquireMany(2)];
		},
		"Barrier.wait": () => {
			const barrier = new Barrier(5);
			return [barrier, barrier.wait()];
		},
		"Notify.notified": () => {
			const notify = new Notify();
			return [notify, notify.notified()];
		},
		"CancellationToken.cancelled": () => {
			const token = new CancellationToken();
			return [token, token.cancelled()];
		},
		"mpsc recv": () => {
			const ends = mpsc.channel<number>(1);
			return [ends, ends[1].recv()];
		},
		"mpsc reserve": () => {
			const ends = mpsc.channel<number>(1);
			ends[0].trySend(1);
			return [ends, ends[0].reserve()];
		},
		"mpsc closed": () => {
			const ends = mpsc.channel<number>(1);
			return [ends, ends[0].closed()];
		},
		"mpmc send without a receive": () => {
			const ends = mpmc.channel<number>(0);
			return [ends, ends[0].send(1)];
		},
		"broadcast recv": () => {
			const ends = broadcast.channel<number>(1);
			return [ends, ends[1].recv()];
		},
		"watch changed": () => {
			const ends = watch.channel(1);
			return [ends, ends[1].changed()];
		},
		"watch closed": () => {
			const ends = watch.channel(1);
			return [ends, ends[0].closed()];
		},
	};
	for (const [what, make] of Object.entries(waits)) {
		it(`of a wait that was dropped is not kept: ${what}`, async () => {
			const [alive, dead] = (() => {
				const [still, wait] = make();
				const ref = polled(wait);
				wait[Symbol.dispose]();
				return [still, ref] as const;
			})();
			expect(await collected(() => dead.deref() === undefined)).toBe(true);
			expect(held(alive)).toBeDefined();
		});
	}
});

describe("a child of a token", () => {
	it("is not kept by its parent when nobody holds it", async () => {
		const parent = new CancellationToken();
		const dead = (() => new WeakRef(parent.childToken()))();
		expect(await collected(() => dead.deref() === undefined)).toBe(true);
		parent.cancel();
	});
});

describe("a oneshot that has given its message", () => {
	it("does not keep who waited for it", async () => {
		const [tx, rx] = oneshot.channel<number>();
		const waker = polled(rx);
		tx.send(1);
		expect(rx.poll({ waker: { wake() {} } })).toBe(1);
		expect(await collected(() => waker.deref() === undefined)).toBe(true);
		expect([tx.isClosed, rx.isTerminated]).toEqual([true, true]);
	});
});

describe("a guard that was forgotten", () => {
	const takers: Record<string, () => unknown> = {
		RwLockReadGuard: () => new RwLock(0).tryRead(),
		RwLockWriteGuard: () => new RwLock(0).tryWrite(),
		SemaphorePermit: () => new Semaphore(2).tryAcquireMany(2),
		SyncMutexGuard: () => new SyncMutex(0).lock(),
	};
	for (const [name, take] of Object.entries(takers)) {
		it(`is reported when it is collected: ${name}`, async () => {
			const forgotten: ForgottenGuardError[] = [];
			using _tracking = trackHolders({ onForgotten: (error) => void forgotten.push(error) });
			(() => void take())();
			expect(await collected(() => forgotten.length > 0)).toBe(true);
			expect(forgotten.map((error) => error.code)).toEqual(["YAMANOTE_FORGOTTEN_GUARD"]);
			expect(forgotten[0]?.message).toContain(name);
			expect(forgotten[0]?.takenAt).toContain("garbage.test");
		});
	}

	it("is reported to each who tracks holders and wants to know, as long as he does", async () => {
		const told: string[] = [];
		using _first = trackHolders({ onForgotten: () => void told.push("first") });
		const second = trackHolders({ onForgotten: () => void told.push("second") });
		using _third = trackHolders();
		(() => void new Mutex(0).tryLock())();
		expect(await collected(() => told.length === 2)).toBe(true);
		expect(told.splice(0)).toEqual(["first", "second"]);
		second[Symbol.dispose]();
		(() => void new Mutex(0).tryLock())();
		expect(await collected(() => told.length === 1)).toBe(true);
		expect(told).toEqual(["first"]);
	});

	it("is reported also if the task that took it has ended with it, and no wait looks at it any more", async () => {
		const forgotten: ForgottenGuardError[] = [];
		using _tracking = trackHolders({ onForgotten: (error) => void forgotten.push(error) });
		await run(function* () {
			new SyncMutex(0).lock();
		});
		await run(join([() => run(sleep(0)), take, take]));
		expect(await collected(() => forgotten.length === 3)).toBe(true);

		function* take() {
			new SyncMutex(0).lock();
		}
	});
});
