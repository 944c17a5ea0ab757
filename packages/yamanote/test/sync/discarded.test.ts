// Rule 4 for each primitive: what was granted and reaches nobody is given back.
import { describe, expect, it } from "vitest";
import {
	attempt,
	type Future,
	type JoinHandle,
	join,
	pending,
	pollFn,
	race,
	run,
	select,
	sleep,
	spawn,
	TaskTracker,
	timeout,
	tryJoin,
	yieldNow,
} from "yamanote";
import {
	broadcast,
	CancellationToken,
	Mutex,
	mpmc,
	mpsc,
	OnceCell,
	oneshot,
	RwLock,
	Semaphore,
	SyncMutex,
	watch,
} from "yamanote/sync";
import { mock, onRuntime } from "./support.ts";

interface Subject {
	/** Waits for it, or makes it, in a task. */
	take(): Future<unknown, unknown>;
	/** Whether everything is as before `take`. */
	isBack(): boolean;
}

const lazily = <T>(make: () => T): Future<T> => pollFn(() => make());

const subjects: Record<string, () => Subject> = {
	"a MutexGuard": () => {
		const mutex = new Mutex(0);
		return { take: () => mutex.lock(), isBack: () => !mutex.isLocked };
	},
	"a RwLockReadGuard": () => {
		const lock = new RwLock(0);
		return { take: () => lock.read(), isBack: () => succeeds(() => lock.tryWrite().release()) };
	},
	"a RwLockWriteGuard": () => {
		const lock = new RwLock(0);
		return { take: () => lock.write(), isBack: () => succeeds(() => lock.tryWrite().release()) };
	},
	"a SemaphorePermit of many": () => {
		const gate = new Semaphore(3);
		return { take: () => gate.acquireMany(2), isBack: () => gate.availablePermits === 3 };
	},
	"a SyncMutexGuard": () => {
		const mutex = new SyncMutex(0);
		return { take: () => lazily(() => mutex.lock()), isBack: () => !mutex.isLocked };
	},
	"a permit of mpsc": () => {
		const [tx] = mpsc.channel<number>(2);
		return { take: () => tx.reserve(), isBack: () => tx.capacity === 2 };
	},
	"permits of mpsc": () => {
		const [tx] = mpsc.channel<number>(2);
		return { take: () => tx.reserveMany(2), isBack: () => tx.capacity === 2 };
	},
	"a permit of mpmc": () => {
		const [tx] = mpmc.channel<number>(2);
		return { take: () => tx.reserve(), isBack: () => tx.capacity === 2 };
	},
	"a DropGuard": () => {
		const token = new CancellationToken();
		return { take: () => lazily(() => token.dropGuard()), isBack: () => token.isCancelled };
	},
	"a token of a TaskTracker": () => {
		const tracker = new TaskTracker();
		return { take: () => lazily(() => tracker.token()), isBack: () => tracker.isEmpty };
	},
	"a sender of mpsc": () => {
		const [tx, rx] = mpsc.channel<number>(2);
		return { take: () => lazily(() => tx.clone()), isBack: () => rx.senderCount === 1 };
	},
	"a receiver of mpmc": () => {
		const [tx, rx] = mpmc.channel<number>(2);
		return { take: () => lazily(() => rx.clone()), isBack: () => tx.receiverCount === 1 };
	},
	"a receiver of broadcast": () => {
		const [tx] = broadcast.channel<number>(2);
		return { take: () => lazily(() => tx.subscribe()), isBack: () => tx.receiverCount === 1 };
	},
	"a receiver of watch": () => {
		const [tx] = watch.channel(2);
		return { take: () => lazily(() => tx.subscribe()), isBack: () => tx.receiverCount === 1 };
	},
	"both ends of a oneshot": () => {
		let ends: ReturnType<typeof oneshot.channel<number>> | undefined;
		return {
			take: () =>
				lazily(() => {
					ends = oneshot.channel<number>();
					return ends;
				}),
			isBack: () => ends?.[0].isClosed === true,
		};
	},
};

function succeeds(f: () => void): boolean {
	try {
		f();
		return true;
	} catch {
		return false;
	}
}

/** Takes it, after a turn: it is there when the others look. */
const ways: Record<string, (subject: Subject) => Promise<void>> = {
	"in a join that is cancelled": async ({ take }) => {
		const task = spawn(join([take(), pending()]));
		await run(yieldNow());
		task.abort();
		await task.catch(() => {});
	},
	"in a tryJoin whose other member fails": async ({ take }) => {
		const fails = function* () {
			yield* yieldNow();
			throw new Error("other");
		};
		await run(attempt(tryJoin([take(), fails()])));
	},
	"as the result of a task whose handle was dropped before": async ({ take }) => {
		const task: JoinHandle<unknown, unknown> = spawn(take());
		task[Symbol.dispose]();
		await run(yieldNow());
		await run(yieldNow());
	},
	"as the result of a task whose handle is dropped after": async ({ take }) => {
		const task: JoinHandle<unknown, unknown> = spawn(take());
		await run(yieldNow());
		expect(task.isFinished).toBe(true);
		task[Symbol.dispose]();
	},
	"as the result of a task that is aborted in its last poll": async ({ take }) => {
		const task: JoinHandle<unknown, unknown> = spawn(function* () {
			const got = yield* take();
			task.abort();
			return got;
		});
		await task.catch(() => {});
	},
	"in a select whose winner is dropped with it": async ({ take }) => {
		const task = spawn(join([select({ got: take() }), pending()]));
		await run(yieldNow());
		task.abort();
		await task.catch(() => {});
	},
};

describe("what was granted and reaches nobody", () => {
	for (const [what, make] of Object.entries(subjects)) {
		for (const [how, lose] of Object.entries(ways)) {
			it(`is given back: ${what}, ${how}`, async () => {
				const subject = make();
				await lose(subject);
				expect(subject.isBack()).toBe(true);
			});
		}
	}
});

describe("what a OnceCell keeps", () => {
	for (const [how, lose] of Object.entries(ways)) {
		it(`is not given back by whoever drops its result, ${how}`, async () => {
			const [tx] = mpsc.channel<number>(1);
			const cell = new OnceCell<Disposable>();
			await lose({ take: () => cell.getOrInit(lazily(() => tx.tryReserve())), isBack: () => true });
			await lose({ take: () => cell.getOrInit(pending()), isBack: () => true });
			expect([cell.initialized, tx.capacity]).toEqual([true, 0]);
			// Taken out of the cell, it belongs to whoever has it.
			const taken = cell.take();
			await lose({ take: () => lazily(() => taken), isBack: () => true });
			expect(tx.capacity).toBe(1);
		});
	}

	it("is the constructor's and that of set as well", async () => {
		const [tx] = mpsc.channel<number>(2);
		const made = new OnceCell<Disposable>(tx.tryReserve());
		const set = new OnceCell<Disposable>();
		set.set(tx.tryReserve());
		for (const cell of [made, set]) spawn(cell.getOrInit(pending()))[Symbol.dispose]();
		await run(yieldNow());
		await run(yieldNow());
		expect(tx.capacity).toBe(0);
		for (const cell of [made, set]) cell.take()?.[Symbol.dispose]();
		expect(tx.capacity).toBe(2);
	});
});

describe("what was granted and not yet looked at", () => {
	const holders: Record<
		string,
		() => [hold: () => Disposable, wait: () => Future<unknown, unknown>, isBack: () => boolean]
	> = {
		Mutex: () => {
			const mutex = new Mutex(0);
			return [() => mutex.tryLock(), () => mutex.lock(), () => !mutex.isLocked];
		},
		RwLock: () => {
			const lock = new RwLock(0);
			return [() => lock.tryRead(), () => lock.write(), () => succeeds(() => lock.tryWrite().release())];
		},
		Semaphore: () => {
			const gate = new Semaphore(2);
			return [() => gate.tryAcquireMany(2), () => gate.acquireMany(2), () => gate.availablePermits === 2];
		},
		"mpsc, a slot": () => {
			const [tx] = mpsc.channel<number>(1);
			return [() => tx.tryReserve(), () => tx.reserve(), () => tx.capacity === 1];
		},
	};
	for (const [what, make] of Object.entries(holders)) {
		it(`goes on to the next when its wait is dropped: ${what}`, () => {
			const [hold, wait, isBack] = make();
			const guard = hold();
			const [first, second] = [mock(wait()).pending(), mock(wait()).pending()];
			guard[Symbol.dispose]();
			expect([first.isWoken, second.isWoken]).toEqual([true, false]);
			first.drop();
			(second.wokenReady() as Disposable)[Symbol.dispose]();
			expect(isBack()).toBe(true);
		});

		it(`is given back by a select or timeout that was lost in the same turn: ${what}`, () =>
			onRuntime(function* () {
				const [hold, wait, isBack] = make();
				const guard = hold();
				const loser = spawn(select({ wait: wait(), tick: sleep(5) }, { biased: false }));
				const late = spawn(attempt(timeout(5, wait())));
				const racer = spawn(race([wait(), sleep(5)]));
				spawn(function* () {
					yield* sleep(5);
					guard[Symbol.dispose]();
				});
				for (const task of [loser, late, racer]) {
					const got: unknown = yield* task;
					const held = (got as { value?: Disposable } | undefined)?.value ?? (got as Disposable | undefined);
					held?.[Symbol.dispose]?.();
				}
				expect(isBack()).toBe(true);
			}));
	}
});
