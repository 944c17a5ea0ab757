// @engines node20 node22 node24 node26
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { run, sleep, spawn, yieldNow } from "yamanote";
import {
	broadcast,
	type ForgottenGuardError,
	holdersOf,
	Mutex,
	mpmc,
	mpsc,
	oneshot,
	RwLock,
	Semaphore,
	SyncMutex,
	trackHolders,
	watch,
} from "yamanote/sync";
import { catching, now, onRuntime } from "./support.ts";

describe("holdersOf", () => {
	it("says which task holds a lock, since when, and where it took it", async () => {
		using _tracking = trackHolders();
		const mutex = new Mutex(0);
		expect(holdersOf(mutex)).toEqual([]);
		await onRuntime(function* () {
			const holder = spawn(function* () {
				using _guard = yield* mutex.lock();
				yield* sleep(10);
			});
			const waiter = spawn(mutex.lock(), { name: "waiter" });
			yield* yieldNow();
			const [first, ...others] = holdersOf(mutex);
			expect(others).toEqual([]);
			expect(first?.what).toBe("MutexGuard");
			expect(first?.task).toMatch(/#\d+/);
			expect(first?.at).toContain("holders.test");
			expect(first?.forMs).toBeGreaterThanOrEqual(0);
			const guard = yield* waiter;
			expect(holdersOf(mutex)[0]?.task).toContain("waiter");
			guard.release();
			yield* holder;
		});
		expect(holdersOf(mutex)).toEqual([]);
	});

	it.each([
		["oneshot", () => oneshot.channel<number>()],
		["broadcast", () => broadcast.channel<number>(2)],
		["watch", () => watch.channel<number>(0)],
	] as const)("says of a %s channel which ends are live on the other side", (_kind, make) => {
		using _tracking = trackHolders();
		const [tx, rx] = make();
		expect(holdersOf(rx).map(({ what }) => what)).toEqual(["Sender"]);
		expect(holdersOf(tx).map(({ what }) => what)).toEqual(["Receiver"]);
		expect(holdersOf(rx)[0]?.at).toContain("holders.test");
		tx.close();
		expect(holdersOf(rx)).toEqual([]);
		rx[Symbol.dispose]();
		expect(holdersOf(tx)).toEqual([]);
	});

	it("says of a oneshot channel that has its message that nobody can end a wait", () => {
		using _tracking = trackHolders();
		const [tx, rx] = oneshot.channel<number>();
		tx.send(1);
		expect(holdersOf(rx)).toEqual([]);
		expect(now(rx)).toBe(1);
	});

	it("lists all who hold shares, and nobody twice", () => {
		using _tracking = trackHolders();
		const lock = new RwLock(0);
		const readers = [lock.tryRead(), now(lock.read())];
		expect(holdersOf(lock).map((h) => [h.what, h.task])).toEqual([
			["RwLockReadGuard", undefined],
			["RwLockReadGuard", undefined],
		]);
		for (const r of readers) r.release();
		const writer = lock.tryWrite();
		const reader = writer.downgrade();
		expect(holdersOf(lock).map((h) => h.what)).toEqual(["RwLockReadGuard"]);
		reader.release();
		const semaphore = new Semaphore(5);
		const permit = semaphore.tryAcquireMany(3);
		const split = permit.split(1);
		expect(holdersOf(semaphore).length).toBe(2);
		permit.release();
		permit.release();
		split?.forget();
		expect(holdersOf(semaphore)).toEqual([]);
		const plain = new SyncMutex(0);
		plain.withLock(() => expect(holdersOf(plain)[0]?.what).toBe("SyncMutexGuard"));
		expect(holdersOf(plain)).toEqual([]);
	});

	it("lists a permit that was empty and has got those of another", () => {
		using _tracking = trackHolders();
		const semaphore = new Semaphore(2);
		const [one, two] = [semaphore.tryAcquire(), semaphore.tryAcquire()];
		one.release();
		one.merge(two);
		expect(holdersOf(semaphore).map((holder) => holder.what)).toEqual(["SemaphorePermit"]);
		one.release();
		expect(holdersOf(semaphore)).toEqual([]);
	});

	it("says of a channel who can end a wait there: the other ends, and the permits", async () => {
		using _tracking = trackHolders();
		await onRuntime(function* () {
			const [tx, rx] = mpsc.channel<number>(1);
			const worker = spawn(
				function* () {
					using own = tx.clone();
					using _permit = yield* own.reserve();
					yield* sleep(10);
				},
				{ name: "worker" },
			);
			yield* yieldNow();
			// The receiver waits for the senders, and for the slot that one of them keeps.
			const senders = holdersOf(rx);
			expect(senders.map(({ what }) => what)).toEqual(["Sender", "Sender", "Permit"]);
			expect(senders.slice(1).every(({ task }) => /"worker"/.test(task ?? ""))).toBe(true);
			expect(senders.every(({ at, forMs }) => at.includes("holders.test") && forMs >= 0)).toBe(true);
			// The sender waits for the receiver.
			expect(holdersOf(tx).map(({ what }) => what)).toEqual(["Receiver", "Permit"]);
			yield* worker;
			expect(holdersOf(rx).map(({ what }) => what)).toEqual(["Sender"]);
			tx.close();
			tx.close();
			expect(holdersOf(rx)).toEqual([]);
			rx[Symbol.dispose]();
			expect(holdersOf(tx)).toEqual([]);
		});
	});

	it("says of a channel which permits are out, and not those that were used or given back", () => {
		using _tracking = trackHolders();
		const [tx, rx] = mpmc.channel<number>(4);
		const other = rx.clone();
		const permits = tx.tryReserveMany(3);
		const kinds = (end: object): string[] => holdersOf(end).map(({ what }) => what);
		expect(kinds(rx)).toEqual(["Sender", "Permits"]);
		const [one, two] = [permits.next().value, permits.next().value];
		expect(kinds(rx)).toEqual(["Sender", "Permits", "Permit", "Permit"]);
		permits.next().value?.send(1);
		expect(kinds(rx)).toEqual(["Sender", "Permit", "Permit"]);
		one?.release();
		one?.release();
		two?.send(2);
		permits.release();
		expect(kinds(rx)).toEqual(["Sender"]);
		expect(kinds(tx)).toEqual(["Receiver", "Receiver"]);
		other.release();
		other.release();
		expect(kinds(tx)).toEqual(["Receiver"]);
		const [send, receive] = mpsc.unboundedChannel<number>();
		expect([kinds(send), kinds(receive)]).toEqual([["UnboundedReceiver"], ["UnboundedSender"]]);
		for (const end of [tx, rx, send, receive]) end[Symbol.dispose]();
	});

	it("knows nothing of what was taken while nobody tracked", () => {
		const mutex = new Mutex(0);
		const guard = mutex.tryLock();
		{
			using _tracking = trackHolders();
			expect(holdersOf(mutex)).toEqual([]);
			guard.release();
			mutex.tryLock();
			expect(holdersOf(mutex).length).toBe(1);
		}
		const other = new Mutex(0);
		other.tryLock();
		expect(holdersOf(other)).toEqual([]);
	});

	it("tracks until the last tracker is disposed", () => {
		const first = trackHolders();
		{
			using _second = trackHolders();
		}
		const mutex = new Mutex(0);
		const guard = mutex.tryLock();
		expect(holdersOf(mutex).length).toBe(1);
		first[Symbol.dispose]();
		first[Symbol.dispose]();
		expect(holdersOf(mutex)).toEqual([]);
		guard.release();
	});
});

describe("a guard that was forgotten", () => {
	setFlagsFromString("--expose-gc");
	const gc = runInNewContext("gc") as () => void;
	const collected = async (done: () => boolean): Promise<void> => {
		for (let i = 0; i < 200 && !done(); i++) {
			gc();
			await run(sleep(1));
		}
	};

	it("is reported when it is collected, with the place where it was taken", async () => {
		const forgotten: ForgottenGuardError[] = [];
		using _tracking = trackHolders({ onForgotten: (error) => void forgotten.push(error) });
		const mutex = new Mutex(0);
		const kept = new Semaphore(1).tryAcquire();
		await run(function* () {
			yield* mutex.lock();
			(yield* new Mutex(0).lock()).release();
		});
		await collected(() => forgotten.length > 0);
		expect(forgotten.length).toBe(1);
		expect(forgotten[0]?.code).toBe("YAMANOTE_FORGOTTEN_GUARD");
		expect(forgotten[0]?.message).toContain("MutexGuard");
		expect(forgotten[0]?.takenAt).toContain("holders.test");
		expect(mutex.isLocked).toBe(true);
		kept.release();
	}, 30_000);

	it("is reported to the runtime unless it is told elsewhere", async () => {
		using _tracking = trackHolders();
		let seen = 0;
		const log = console.error;
		console.error = () => void seen++;
		try {
			await run(function* () {
				yield* new Mutex(0).lock();
			});
			await collected(() => seen > 0);
		} finally {
			console.error = log;
		}
		expect(seen).toBeGreaterThan(0);
	}, 30_000);
});

it("costs nothing when it is off: no stack is taken", async () => {
	const before = Error.stackTraceLimit;
	const mutex = new Mutex(0);
	await onRuntime(function* () {
		using _guard = yield* mutex.lock();
		expect(
			yield* catching(
				spawn(function* () {
					throw new Error("with a stack");
				}),
			),
		).toBeInstanceOf(Error);
	});
	expect(Error.stackTraceLimit).toBe(before);
	expect(holdersOf(mutex)).toEqual([]);
});
