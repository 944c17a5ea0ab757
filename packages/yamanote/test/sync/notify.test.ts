import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FutureConsumedError, Pending, run, spawn, timeout, yieldNow } from "yamanote";
import { type Notified, Notify } from "yamanote/sync";
import { type Mock, mock, now, onRuntime, same, seeds } from "./support.ts";

describe("Notify.notifyOne", () => {
	it("is remembered for the next who comes", () => {
		const notify = new Notify();
		notify.notifyOne();
		now(notify.notified());
		mock(notify.notified()).pending();
	});

	it("is remembered for one only, however often it was called", () => {
		const notify = new Notify();
		for (let i = 0; i < 5; i++) notify.notifyOne();
		now(notify.notified());
		const second = mock(notify.notified()).pending();
		notify.notifyOne();
		second.wokenReady();
	});

	it("wakes the one who has waited longest, and nobody else", () => {
		const notify = new Notify();
		const [first, second] = [mock(notify.notified()).pending(), mock(notify.notified()).pending()];
		notify.notifyOne();
		expect(second.isWoken).toBe(false);
		first.wokenReady();
		second.pending();
		notify.notifyOne();
		second.wokenReady();
	});

	it("does not reach a future that was not polled yet, but is remembered for it", () => {
		const notify = new Notify();
		const future = notify.notified();
		notify.notifyOne();
		now(future);
	});

	it("passes over who has left", () => {
		const notify = new Notify();
		const [first, second] = [mock(notify.notified()).pending(), mock(notify.notified())];
		first.drop();
		second.pending();
		notify.notifyOne();
		second.wokenReady();
	});

	it("is passed on when the one it woke is dropped before it looked", () => {
		const notify = new Notify();
		const [a, b, c] = [
			mock(notify.notified()).pending(),
			mock(notify.notified()).pending(),
			mock(notify.notified()).pending(),
		];
		notify.notifyOne();
		a.drop();
		expect(c.isWoken).toBe(false);
		b.wokenReady();
		c.pending();
	});

	it("is remembered when the one it woke is dropped and nobody else waits", () => {
		const notify = new Notify();
		const only = mock(notify.notified()).pending();
		notify.notifyOne();
		only.drop();
		now(notify.notified());
	});

	it("is remembered after notifyWaiters has taken all who waited, dropped or not", () => {
		const notify = new Notify();
		const first = mock(notify.notified()).pending();
		notify.notifyWaiters();
		notify.notifyOne();
		first.drop();
		now(notify.notified());
		mock(notify.notified()).pending();
	});
});

describe("Notify.notifyLast", () => {
	it("wakes the one who came last", () => {
		const notify = new Notify();
		const [first, second] = [mock(notify.notified()).pending(), mock(notify.notified()).pending()];
		notify.notifyLast();
		first.pending();
		second.wokenReady();
	});

	it("is passed on to the one who came last before, when the one it woke is dropped", () => {
		const notify = new Notify();
		const [a, b, c] = [
			mock(notify.notified()).pending(),
			mock(notify.notified()).pending(),
			mock(notify.notified()).pending(),
		];
		notify.notifyLast();
		c.drop();
		b.wokenReady();
		a.pending();
	});

	it("is remembered when nobody waits", () => {
		const notify = new Notify();
		notify.notifyLast();
		now(notify.notified());
	});
});

describe("Notify.notifyWaiters", () => {
	it("wakes all who wait, and is not remembered", () => {
		const notify = new Notify();
		const waiting = Array.from({ length: 5 }, () => mock(notify.notified()).pending());
		notify.notifyWaiters();
		for (const w of waiting) w.wokenReady();
		mock(notify.notified()).pending();
	});

	it("reaches each future that was made before, polled or not, once", () => {
		const notify = new Notify();
		const early = notify.notified();
		notify.notifyWaiters();
		const late = mock(notify.notified()).pending();
		now(early);
		expect(late.isWoken).toBe(false);
	});

	it("leaves what notifyOne left for the next, when it has completed a future that was not polled", () => {
		const notify = new Notify();
		const early = notify.notified();
		notify.notifyWaiters();
		notify.notifyOne();
		now(early);
		now(notify.notified());
	});

	it("is seen as one step: a waker that is called by it finds all others notified", () => {
		const notify = new Notify();
		const [first, second, third] = [notify.notified(), mock(notify.notified()), mock(notify.notified())];
		const log: unknown[] = [];
		first.poll({
			waker: {
				wake() {
					second.ready();
					log.push(notify.notified().poll({ waker: { wake() {} } }) === Pending);
				},
			},
		});
		second.pending();
		third.pending();
		notify.notifyWaiters();
		expect(log).toEqual([true]);
		third.wokenReady();
	});

	it("may be called by a waker that it calls", () => {
		const notify = new Notify();
		let calls = 0;
		notify.notified().poll({
			waker: {
				wake() {
					calls++;
					notify.notifyWaiters();
				},
			},
		});
		const other = mock(notify.notified()).pending();
		notify.notifyWaiters();
		expect(calls).toBe(1);
		other.wokenReady();
	});

	it("wakes all though a waker throws, and throws that error then", () => {
		const notify = new Notify();
		notify.notified().poll({
			waker: {
				wake() {
					throw new Error("bad waker");
				},
			},
		});
		const waiting = Array.from({ length: 40 }, () => mock(notify.notified()).pending());
		expect(() => notify.notifyWaiters()).toThrow("bad waker");
		for (const w of waiting) w.wokenReady();
	});

	it("passes over those whom a waker drops meanwhile, and keeps those who come meanwhile", () => {
		const notify = new Notify();
		const first = notify.notified();
		const [second, third] = [mock(notify.notified()), mock(notify.notified())];
		let late: Mock<void> | undefined;
		first.poll({
			waker: {
				wake() {
					second.drop();
					late = mock(notify.notified()).pending();
				},
			},
		});
		second.pending();
		third.pending();
		notify.notifyWaiters();
		third.wokenReady();
		expect(late?.isWoken).toBe(false);
		notify.notifyOne();
		late?.wokenReady();
	});
});

describe("Notified", () => {
	it("waits from enable on: the next notifyOne is for it", () => {
		const notify = new Notify();
		const enabled = notify.notified();
		expect(enabled.enable()).toBe(false);
		const other = mock(notify.notified()).pending();
		notify.notifyOne();
		expect(other.isWoken).toBe(false);
		expect(enabled.enable()).toBe(true);
		now(enabled);
		expect(enabled.enable()).toBe(true);
	});

	it("is still pending when it is polled after enable, and enabled when it was polled", () => {
		const notify = new Notify();
		const a = notify.notified();
		expect(a.enable()).toBe(false);
		mock(a).pending();
		const b = notify.notified();
		mock(b).pending();
		expect(b.enable()).toBe(false);
	});

	it("takes the remembered notification by enable", () => {
		const notify = new Notify();
		notify.notifyOne();
		expect(notify.notified().enable()).toBe(true);
		expect(notify.notified().enable()).toBe(false);
	});

	it("leaves its place when it is dropped after enable, without ever being polled", () => {
		const notify = new Notify();
		const enabled = notify.notified();
		enabled.enable();
		const other = mock(notify.notified()).pending();
		enabled[Symbol.dispose]();
		notify.notifyOne();
		other.wokenReady();
	});

	it("passes its notification on when it is dropped after enable", () => {
		const notify = new Notify();
		const enabled = notify.notified();
		enabled.enable();
		notify.notifyOne();
		enabled[Symbol.dispose]();
		now(notify.notified());
	});

	it("takes no place by enable after it was dropped", () => {
		const notify = new Notify();
		for (const enabled of [false, true]) {
			const wait = notify.notified();
			if (enabled) wait.enable();
			wait[Symbol.dispose]();
			expect(() => wait.enable()).toThrow(FutureConsumedError);
		}
		notify.notifyOne();
		expect(notify.notified().enable()).toBe(true);
	});

	it("stays ready once it is ready", () => {
		const notify = new Notify();
		const notified = mock(notify.notified()).pending();
		notify.notifyOne();
		notified.ready();
		notified.ready();
		notified.drop();
		mock(notify.notified()).pending();
	});

	it("wakes the waker of its last poll", () => {
		const notify = new Notify();
		const notified = mock(notify.notified());
		let stale = 0;
		notified.poll({ wake: () => void stale++ });
		notified.pending();
		notify.notifyOne();
		expect(stale).toBe(0);
		notified.wokenReady();
	});
});

describe("Notify on a runtime", () => {
	it("wakes a task that waits, and reaches `await`", async () => {
		await onRuntime(function* () {
			const notify = new Notify();
			const waiter = spawn(notify.notified());
			yield* yieldNow();
			notify.notifyOne();
			yield* waiter;
			try {
				yield* timeout(5, notify.notified());
				expect.unreachable();
			} catch (error) {
				expect((error as Error).name).toBe("TimeoutError");
			}
			notify.notifyOne();
			yield* notify.notified();
		});
		const notify = new Notify();
		const promise = run(notify.notified());
		await Promise.resolve();
		notify.notifyWaiters();
		await promise;
	});
});

describe("Notify against a naive model", () => {
	const operation = fc.record({
		op: fc.constantFrom("new", "new", "poll", "poll", "poll", "drop", "one", "one", "last", "all", "enable"),
		n: fc.nat(12),
	});
	interface Entry {
		readonly real: Notified & { mock?: Mock<void> };
		readonly mock: Mock<void>;
		made: number;
		state: "new" | "waiting" | "one" | "last" | "done";
	}

	it("does the same, whatever is asked of it", () => {
		fc.assert(
			fc.property(fc.array(operation, { maxLength: 60, size: "max" }), (operations) => {
				const notify = new Notify();
				let permit = false;
				let rounds = 0;
				let live: Entry[] = [];
				let queue: Entry[] = [];
				const one = (last: boolean): void => {
					const entry = last ? queue.pop() : queue.shift();
					if (entry === undefined) permit = true;
					else entry.state = last ? "last" : "one";
				};
				const look = (entry: Entry): boolean => {
					if (entry.state === "new") {
						if (entry.made === rounds && !permit) {
							entry.state = "waiting";
							queue.push(entry);
							return false;
						}
						if (entry.made === rounds) permit = false;
					} else if (entry.state === "waiting") return false;
					entry.state = "done";
					return true;
				};
				for (const { op, n } of operations) {
					const entry = live[n % Math.max(1, live.length)];
					if (op === "new") {
						const real = notify.notified();
						live.push({ real, mock: mock(real), made: rounds, state: "new" });
					} else if (op === "one" || op === "last") {
						one(op === "last");
						if (op === "last") notify.notifyLast();
						else notify.notifyOne();
					} else if (op === "all") {
						rounds++;
						for (const e of queue) e.state = "done";
						queue = [];
						notify.notifyWaiters();
					} else if (entry !== undefined) {
						if (op === "drop") {
							live = live.filter((e) => e !== entry);
							queue = queue.filter((e) => e !== entry);
							if (entry.state === "one" || entry.state === "last") one(entry.state === "last");
							entry.mock.drop();
						} else if (op === "enable") expect(entry.real.enable()).toBe(look(entry));
						else same(entry.mock.poll() !== Pending, look(entry));
					}
				}
				for (const entry of live) expect(entry.mock.poll() !== Pending).toBe(look(entry));
			}),
			{ numRuns: 2_000, seed: 20 },
		);
	});

	it("loses no notification in 1,000 random schedules with cancellation", () => {
		seeds(1_000, (random) => {
			const notify = new Notify();
			let waiting = Array.from({ length: 1 + random.below(6) }, () => mock(notify.notified()).pending());
			let sent = 0;
			let got = 0;
			while (waiting.length > 0) {
				const woken = waiting.filter((w) => w.isWoken);
				// As many are woken as notifications are under way.
				expect(woken.length).toBe(sent - got);
				if (woken.length > 0 && random.chance(0.6)) {
					const w = random.pick(woken);
					if (random.chance(0.4)) w.drop();
					else {
						w.ready();
						got++;
					}
					waiting = waiting.filter((x) => x !== w);
					if (waiting.length === woken.length - 1 && sent - got > waiting.length) break;
				} else if (waiting.length > woken.length) {
					if (random.chance(0.5)) notify.notifyOne();
					else notify.notifyLast();
					sent++;
				}
			}
			// Whatever was passed on and found nobody is remembered.
			if (sent > got && waiting.length === 0) now(notify.notified());
		});
	});
});
