// @engines node20 node22 node24 node26 bun deno
import { describe, expect, it } from "vitest";
import {
	asyncFn,
	attempt,
	each,
	type Future,
	type JoinHandle,
	join,
	mapConcurrent,
	pending,
	run,
	select,
	sleep,
	spawn,
	timeout,
	yieldNow,
} from "yamanote";
import { Mutex, mpsc, Notify, RwLock, Semaphore } from "yamanote/sync";
import { collect, expectWellFormed, here, placeOf, severalBeats, until } from "./collect.ts";

const limit = { timeout: 30_000 };

describe("a lock that is waited for very long", () => {
	it("is told with the one who waits, and the one who holds it", limit, async () => {
		using found = collect({ longWait: { waitMs: 30 } });
		const mutex = new Mutex(0);
		const notify = new Notify();
		let taken = "";
		let waited = "";
		const holder = spawn(
			function* () {
				taken = here(1);
				using _guard = yield* mutex.lock();
				yield* notify.notified();
			},
			{ name: "holder" },
		);
		const waiter = spawn(
			timeout(60_000, function* () {
				waited = here(1);
				using _guard = yield* mutex.lock();
			}),
			{ name: "waiter" },
		);
		await until(() => found.all.length > 0);
		notify.notifyOne();
		await run(join([holder, waiter]));
		const [first, ...others] = found.all;
		expect(others).toEqual([]);
		expectWellFormed(first);
		expect(first?.code).toBe("YAMANOTE_LONG_WAIT");
		expect(first?.name).toBe("waiter");
		expect(placeOf(first?.place)).toBe(waited);
		expect(first?.message).toMatch(/task "waiter" \(#\d+\) has waited \d+ ms for a Mutex, held by task "holder"/);
		const [by] = (first?.details["holders"] ?? []) as { place: never; forMs: number }[];
		expect(placeOf(by?.place)).toBe(taken);
		expect(by?.forMs).toBeGreaterThanOrEqual(30);
	});

	it("is not told of short waits, nor of those who wait for a message or a Notify", limit, async () => {
		using found = collect({ longWait: { waitMs: 250 } });
		const semaphore = new Semaphore(1);
		const [tx, rx] = mpsc.channel<number>(1);
		const notify = new Notify();
		const waiting = [spawn(rx.recv()), spawn(notify.notified())];
		for (let i = 0; i < 20; i++) {
			await run(
				join([
					semaphore.withPermit(function* () {
						yield* sleep(10);
					}),
					semaphore.withPermit(() => yieldNow()),
				]),
			);
		}
		expect(found.all).toEqual([]);
		await run(tx.send(1));
		notify.notifyOne();
		await run(join(waiting));
	});
});

describe("a lock that is held very long", () => {
	it("is told with the place where it was taken", limit, async () => {
		using found = collect({ longWait: { holdMs: 30 } });
		const lock = new RwLock(0);
		const notify = new Notify();
		let taken = "";
		const holder = spawn(
			function* () {
				taken = here(1);
				using _guard = yield* lock.write();
				yield* notify.notified();
			},
			{ name: "holder" },
		);
		await until(() => found.all.length > 0);
		notify.notifyOne();
		await holder;
		expect(found.all.map((d) => `${d.code} ${d.name} ${placeOf(d.place)}`)).toEqual([
			`YAMANOTE_LONG_HOLD holder ${taken}`,
		]);
		expectWellFormed(found.all[0]);
	});

	it("is not told of permits and read guards, nor of those who let go", limit, async () => {
		using found = collect({ longWait: { holdMs: 100 } });
		const lock = new RwLock(0);
		const mutex = new Mutex(0);
		using _read = lock.tryRead();
		using _permit = new Semaphore(1).tryAcquire();
		for (let i = 0; i < 40; i++) {
			using _guard = mutex.tryLock();
			await run(sleep(10));
		}
		expect(found.all).toEqual([]);
	});
});

describe("a channel that stays full", () => {
	it("is told with the sender who waits", limit, async () => {
		using found = collect({ fullQueue: { afterMs: 50 } });
		const [tx, rx] = mpsc.channel<number>(2);
		let sent = "";
		const sender = spawn(
			function* () {
				for (let i = 0; i < 3; i++) {
					sent = here(1);
					yield* tx.send(i);
				}
			},
			{ name: "sender" },
		);
		await until(() => found.all.length > 0);
		for (let i = 0; i < 3; i++) expect(await run(rx.recv())).toBe(i);
		await sender;
		expect(found.all.map((d) => [d.code, d.name, placeOf(d.place)])).toEqual([["YAMANOTE_FULL_QUEUE", "sender", sent]]);
		expect(found.all[0]?.message).toContain("a capacity of 2");
		expectWellFormed(found.all[0]);
	});

	it("is not told while messages flow, nor of receivers who wait", limit, async () => {
		using found = collect({ fullQueue: { afterMs: 5_000 }, longWait: { waitMs: 50 } });
		const [tx, rx] = mpsc.channel<number>(1);
		const receiver = spawn(rx.recv());
		await severalBeats();
		await run(tx.send(1));
		await receiver;
		const stuck = spawn(join([tx.send(1), tx.send(2)]));
		await severalBeats();
		await run(rx.recv());
		await run(rx.recv());
		await stuck;
		expect(found.all).toEqual([]);
	});
});

// Bundlers rename what has the same name.
const both = asyncFn(function* transfer(first: Mutex<number>, second: Mutex<number>) {
	using _one = yield* first.lock();
	yield* yieldNow();
	using _two = yield* second.lock();
});

describe("a deadlock", () => {
	it("is told with its circle while the rest of the program runs", limit, async () => {
		using found = collect({ deadlock: { afterMs: 30 } });
		const [a, b] = [new Mutex(0), new Mutex(0)];
		const there = spawn(both(a, b), { name: "there" });
		const back = spawn(both(b, a), { name: "back" });
		await until(() => found.all.length > 0);
		there.abort();
		back.abort();
		await Promise.allSettled([there, back]);
		const [first, ...others] = found.all;
		expect(others).toEqual([]);
		expectWellFormed(first);
		expect(first?.code).toBe("YAMANOTE_DEADLOCK");
		expect(first?.place?.name).toBe("transfer");
		const [one, two] = (first?.details["cycle"] ?? []) as string[];
		expect(one).toMatch(
			/^task "there" \(#\d+\) waits for a Mutex at transfer \(.*waits\.test\.\w+:\d+:\d+\), held by task "back" \(#\d+\), which took it at transfer/,
		);
		expect(two).toMatch(/^task "back" \(#\d+\) waits for a Mutex at transfer .*, held by task "there"/);
	});

	const all: Record<string, (lock: RwLock<number>) => Future<unknown, unknown>> = {
		join: (lock) => join([sleep(60_000), lock.write()]),
		mapConcurrent: (lock) => mapConcurrent([sleep(60_000), lock.write()], 2, (f) => f),
		each: (lock) => each([sleep(60_000), lock.write()], (f) => f, { concurrency: 2 }),
	};
	it.each(Object.keys(all))(
		"is told of a task that waits for itself, through %s and a task that it waits for",
		limit,
		async (how) => {
			using found = collect({ deadlock: { afterMs: 30 } });
			const lock = new RwLock(0);
			let inner: JoinHandle<void, unknown> | undefined;
			const outer = spawn(
				function* () {
					using _guard = yield* lock.read();
					inner = spawn(
						function* () {
							yield* (all[how] as (lock: RwLock<number>) => Future<unknown, unknown>)(lock);
						},
						{ name: "inner" },
					);
					yield* inner;
				},
				{ name: "outer" },
			);
			await until(() => found.all.length > 0);
			outer.abort();
			inner?.abort();
			await run(attempt(outer));
			if (inner !== undefined) await run(attempt(inner));
			await severalBeats();
			const cycle = (found.all[0]?.details["cycle"] ?? []) as string[];
			expect(cycle.length).toBe(2);
			expect(cycle.join()).toMatch(/task "outer" \(#\d+\) waits for task "inner"/);
			expect(cycle.join()).toMatch(/task "inner" \(#\d+\) waits for a RwLock/);
		},
	);

	it(
		"is not told where something can still end it: a deadline, another branch, a holder who goes on",
		limit,
		async () => {
			using found = collect({ deadlock: { afterMs: 10 } });
			const [a, b] = [new Mutex(0), new Mutex(0)];
			const patient = asyncFn(function* (first: Mutex<number>, second: Mutex<number>) {
				using _one = yield* first.lock();
				yield* yieldNow();
				yield* attempt(timeout(700, second.lock()));
			});
			const choosy = asyncFn(function* (lock: Mutex<number>, end: Notify) {
				using _one = yield* lock.lock();
				yield* select({ again: lock.lock(), end: end.notified() });
			});
			const slow = new Mutex(0);
			const end = new Notify();
			const tasks = [
				spawn(patient(a, b)),
				spawn(patient(b, a)),
				spawn(choosy(new Mutex(0), end)),
				spawn(
					slow.withLock(function* () {
						yield* sleep(600);
					}),
				),
				spawn(slow.lock()),
			];
			await severalBeats();
			end.notifyOne();
			await run(join(tasks));
			expect(found.all).toEqual([]);
		},
	);

	it("is not told of tasks that wait, and hold nothing", limit, async () => {
		using found = collect({ deadlock: { afterMs: 10 } });
		const task = spawn(pending());
		const joiner = spawn(task);
		await severalBeats();
		task.abort();
		joiner.abort();
		await Promise.allSettled([task, joiner]);
		expect(found.all).toEqual([]);
	});
});

describe("limits", () => {
	it("must be above 0", () => {
		expect(() => collect({ longWait: { waitMs: 0 } })).toThrow(/longWait.waitMs must be above 0/);
		expect(() => collect({ deadlock: { afterMs: Number.NaN } })).toThrow(RangeError);
		expect(() => collect({ fullQueue: { afterMs: -1 } })).toThrow(RangeError);
		expect(() => collect({ longPoll: { thresholdMs: 0 } })).toThrow(RangeError);
	});
});
