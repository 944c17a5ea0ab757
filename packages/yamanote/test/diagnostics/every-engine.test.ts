// The detectors that every engine has, on their planted bugs: what is told, and of whom. Where it stands is tested on the other engines: bundlers put a
// page's code and the library's into the same files.
import { describe, expect, it } from "vitest";
import { asyncFn, attempt, Pending, pollFn, run, sleep, spawn, yieldNow } from "yamanote";
import { type Diagnosis, diagnose } from "yamanote/diagnostics";
import { broadcast, Mutex, mpsc, SyncMutex } from "yamanote/sync";
import { until } from "./collect.ts";

const limit = { timeout: 30_000 };

function found(
	options: Parameters<typeof diagnose>[0],
): { all: Diagnosis[]; of(code: string): Diagnosis[] } & Disposable {
	const all: Diagnosis[] = [];
	const on = diagnose({ onDiagnosis: (d) => void all.push(d), ...options });
	return { all, of: (code) => all.filter((d) => d.code === code), [Symbol.dispose]: () => on[Symbol.dispose]() };
}

function hold(ms: number): void {
	const end = performance.now() + ms;
	while (performance.now() < end);
}

describe("in any engine", () => {
	it("a poll that holds the loop is told", limit, async () => {
		using told = found({ longPoll: { thresholdMs: 20, sample: false } });
		await run(
			function* () {
				// On a busy machine some of it is not its own.
				hold(400);
				yield* sleep(1);
			},
			{ name: "busy" },
		);
		await until(() => told.of("YAMANOTE_LONG_POLL").length > 0);
		expect(told.of("YAMANOTE_LONG_POLL").map((d) => d.name)).toEqual(["busy"]);
	});

	it("a poll that takes so long that it may never end is told, when it has ended at the latest", limit, async () => {
		using told = found({ longPoll: { thresholdMs: 20, neverYieldsMs: 40, sample: false } });
		await run(
			function* () {
				hold(500);
				yield* sleep(1);
			},
			{ name: "busy" },
		);
		await until(() => told.of("YAMANOTE_NEVER_YIELDS").length > 0);
		expect(told.of("YAMANOTE_NEVER_YIELDS").map((d) => d.name)).toEqual(["busy"]);
	});

	it("a task that wakes itself is told", limit, async () => {
		using told = found({ wakeStorm: { polls: 2_000 }, longPoll: false, starvedLoop: false });
		let polls = 0;
		await run(
			pollFn((cx) => {
				if (++polls > 20_000) return 1;
				cx.waker.wake();
				return Pending;
			}),
			{ name: "storm" },
		);
		expect(told.of("YAMANOTE_WAKE_STORM").map((d) => d.name)).toEqual(["storm"]);
	});

	it("a guard that is held across a wait is told", limit, async () => {
		using told = found({ longPoll: false, starvedLoop: false });
		const lock = new SyncMutex(0);
		await run(
			attempt(function* () {
				using _guard = lock.lock();
				yield* yieldNow();
			}),
		);
		expect(told.of("YAMANOTE_GUARD_ACROSS_WAIT").length).toBe(1);
	});

	it("a receiver that lags is told", limit, async () => {
		using told = found({ longPoll: false, starvedLoop: false });
		const [tx, rx] = broadcast.channel<number>(2);
		for (let i = 0; i < 5; i++) tx.send(i);
		await run(attempt(rx.recv()));
		expect(told.of("YAMANOTE_LAGGED").length).toBe(1);
	});

	it("a lock that is held and waited for, and a circle of waits, are told", limit, async () => {
		using told = found({
			longWait: { waitMs: 30, holdMs: 30 },
			deadlock: { afterMs: 30 },
			longPoll: false,
			starvedLoop: false,
		});
		const both = asyncFn(function* transfer(first: Mutex<number>, second: Mutex<number>) {
			using _one = yield* first.lock();
			yield* yieldNow();
			using _two = yield* second.lock();
		});
		const [a, b] = [new Mutex(0), new Mutex(0)];
		const there = spawn(both(a, b), { name: "there" });
		const back = spawn(both(b, a), { name: "back" });
		const codes = ["YAMANOTE_LONG_WAIT", "YAMANOTE_LONG_HOLD", "YAMANOTE_DEADLOCK"];
		await until(() => codes.every((code) => told.of(code).length > 0));
		there.abort();
		back.abort();
		await Promise.allSettled([there, back]);
		for (const code of codes) expect(told.of(code)[0]?.message).toMatch(/task "(there|back)"/);
	});

	it("a channel that stays at its bound is told", limit, async () => {
		using told = found({ fullQueue: { afterMs: 30 }, longPoll: false, starvedLoop: false });
		const [tx, rx] = mpsc.channel<number>(1);
		const sender = spawn(
			function* () {
				for (let i = 0; i < 3; i++) yield* tx.send(i);
			},
			{ name: "sender" },
		);
		await until(() => told.of("YAMANOTE_FULL_QUEUE").length > 0);
		sender.abort();
		await Promise.allSettled([sender]);
		rx.release();
		tx.release();
		expect(told.of("YAMANOTE_FULL_QUEUE").map((d) => d.name)).toEqual(["sender"]);
	});
});
