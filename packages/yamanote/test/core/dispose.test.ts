// Rule 3: dispose sets a flag and wakes, whoever holds the future: nobody, a poll by hand, a task, a branch.
import { describe, expect, it } from "vitest";
import {
	acquire,
	asyncFn,
	attempt,
	FutureConsumedError,
	fromPromise,
	join,
	joinSettled,
	lazy,
	NotIterableError,
	Pending,
	pending,
	Runtime,
	ready,
	run,
	scope,
	spawn,
	yieldNow,
} from "yamanote";
import { dump } from "yamanote/diagnostics";
import { byHand } from "../support/by-hand.ts";
import { deferred, gate, SlowDrop } from "../support/gate.ts";
import { Guard } from "../support/guard.ts";
import { hostTurn, microtasks } from "../support/host.ts";

const dispose = (future: unknown): void => (future as Disposable)[Symbol.dispose]();

/** A call that waits for the gate, and whose cleanup waits as well. */
const careful = asyncFn(function* (log: string[], wait: ReturnType<typeof gate>) {
	try {
		yield* wait;
		log.push("done");
	} finally {
		log.push("cleanup begins");
		yield* yieldNow();
		log.push("cleanup ends");
	}
});

describe("rule 3: dispose of a call", () => {
	it("that nobody has polled: nothing of it runs, and it is consumed", async () => {
		const log: string[] = [];
		const call = careful(log, gate());
		dispose(call);
		await expect(run(call)).rejects.toBeInstanceOf(FutureConsumedError);
		expect(log).toEqual([]);
	});

	it("that is polled by hand: cleanup that waits goes on as a task", async () => {
		const log: string[] = [];
		const door = gate();
		const call = careful(log, door);
		const hand = byHand(call);
		hand.pending();
		dispose(call);
		expect(log).toEqual(["cleanup begins"]);
		expect(door.waitedFor).toBe(false);
		await hostTurn();
		expect(log).toEqual(["cleanup begins", "cleanup ends"]);
		expect(() => hand.poll()).toThrow(FutureConsumedError);
	});

	it("that is polled by hand, through something that is held: released when the cleanup has ended", async () => {
		const log: string[] = [];
		const call = asyncFn(function* () {
			yield* acquire({ [Symbol.asyncDispose]: async () => void log.push("released") });
			yield* careful(log, gate());
		})();
		byHand(call).pending();
		dispose(call);
		for (let i = 0; i < 5; i++) await hostTurn();
		expect(log).toEqual(["cleanup begins", "cleanup ends", "released"]);
	});

	it("that is polled by hand: its cleanup is not cut short by a shutdown", async () => {
		const log: string[] = [];
		const reported: unknown[] = [];
		const runtime = new Runtime({ name: "disposing", onUnhandled: ({ error }) => void reported.push(error) });
		runtime.enter(() => {
			const call = careful(log, gate());
			byHand(call).pending();
			dispose(call);
		});
		await runtime.shutdown();
		expect(log).toEqual(["cleanup begins", "cleanup ends"]);
		expect(reported).toEqual([]);
	});

	it("that is polled by hand: a dump lets its cleanup go on as if nothing had happened", async () => {
		const log: string[] = [];
		const slow = gate();
		const call = asyncFn(function* () {
			try {
				yield* pending();
			} finally {
				yield* slow;
				log.push("cleanup ends");
			}
		})();
		byHand(call).pending();
		dispose(call);
		await microtasks();
		const { polls } = slow;
		expect(dump().tasks.length).toBe(1);
		expect(slow.polls).toBe(polls);
		slow.open();
		await microtasks();
		expect(log).toEqual(["cleanup ends"]);
	});

	it("that a task waits for: cancelled, with its cleanup, and the wait fails", async () => {
		const log: string[] = [];
		const call = careful(log, gate());
		const task = spawn(call);
		await microtasks();
		dispose(call);
		expect(log).toEqual([]);
		await expect(task).rejects.toThrow();
		expect(log).toEqual(["cleanup begins", "cleanup ends"]);
	});

	it("that is a branch: its cleanup is waited for, and the others go on", async () => {
		const log: string[] = [];
		const door = gate<string>();
		const call = careful(log, gate());
		const task = spawn(joinSettled([call, door]));
		await microtasks();
		dispose(call);
		expect(log).toEqual([]);
		await hostTurn();
		expect(log).toEqual(["cleanup begins", "cleanup ends"]);
		expect(task.isFinished).toBe(false);
		door.open("other");
		const [first, second] = await task;
		expect(first?.status).toBe("rejected");
		expect((first as PromiseRejectedResult).reason).toBeInstanceOf(FutureConsumedError);
		expect(second).toEqual({ status: "fulfilled", value: "other" });
	});
});

describe("rule 3: dispose of a leaf", () => {
	it("that a task waits for: dropped in its next poll, and the wait fails", async () => {
		const door = gate();
		const task = spawn(function* () {
			return yield* attempt(door, FutureConsumedError);
		});
		await microtasks();
		dispose(door);
		expect(door.drops).toBe(0);
		expect(await task).toMatchObject({ ok: false });
		expect(door.drops).toBe(1);
		dispose(door);
		expect(door.drops).toBe(1);
	});

	it("whose drop takes time: the task waits for it", async () => {
		const slow = new SlowDrop();
		const task = spawn(slow);
		await microtasks();
		dispose(slow);
		await hostTurn();
		expect([slow.dropping, slow.dropped, task.isFinished]).toEqual([1, false, false]);
		slow.finish();
		await expect(task).rejects.toBeInstanceOf(FutureConsumedError);
		expect([slow.dropping, slow.dropped]).toEqual([2, true]);
	});

	it("that was polled by hand, and whose drop takes time: it is dropped to its end by a task", async () => {
		const slow = new SlowDrop();
		byHand(slow).pending();
		dispose(slow);
		await hostTurn();
		expect([slow.dropping > 0, slow.dropped]).toEqual([true, false]);
		slow.finish();
		await hostTurn();
		expect(slow.dropped).toBe(true);
	});
});

describe("by hand", () => {
	it("a handle is pending until its task has ended, and then gives the outcome", async () => {
		const door = gate<string>();
		const handle = spawn(door);
		const hand = byHand(handle as never);
		hand.pending();
		hand.pending();
		await microtasks();
		door.open("value");
		await microtasks();
		expect(hand.wakes).toBe(1);
		expect(hand.poll()).toBe("value");
		expect(hand.poll()).toBe("value");
	});

	it("a promise is pending until it has settled, and wakes the last who asked", async () => {
		const promise = deferred<number>();
		const future = fromPromise(promise.promise);
		const first = byHand(future);
		first.pending();
		const second = byHand(future);
		second.pending();
		promise.resolve(7);
		await microtasks();
		expect([first.wakes, second.wakes]).toEqual([0, 1]);
		expect(second.poll()).toBe(7);
	});

	it("a handle that is spread inside of a task says what to do, and the task goes on", async () => {
		const door = gate();
		const handle = spawn(door);
		const value = await run(function* () {
			expect(() => [...(handle as never as Iterable<unknown>)]).toThrow(NotIterableError);
			expect(() => {
				const [a, b] = [handle, handle] as never as Iterable<unknown>[];
				return [...(a as Iterable<unknown>), ...(b as Iterable<unknown>)];
			}).toThrow(NotIterableError);
			return yield* ready("goes on");
		});
		expect(value).toBe("goes on");
		door.open();
		await handle;
	});
});

describe("rule 8: a scope of many children", () => {
	it("forgets those that have ended and whose values hold nothing", async () => {
		const done = await run(
			scope(function* (s) {
				let ended = 0;
				for (let round = 0; round < 50; round++) {
					const batch = Array.from({ length: 10 }, () => s.spawn(lazy(() => ended++)));
					yield* join(batch);
				}
				expect(s.size).toBe(0);
				return ended;
			}),
		);
		expect(done).toBe(500);
	});

	it("releases guards in the values that nobody took: alone, in arrays and in records", async () => {
		const guards = Array.from({ length: 6 }, (_, i) => new Guard(`${i}`));
		const [alone, listed, named, deep, taken, other] = guards as [Guard, Guard, Guard, Guard, Guard, Guard];
		const kept = await run(
			scope(function* (s) {
				s.spawn(ready(alone));
				s.spawn(ready([1, listed]));
				s.spawn(ready({ a: 1, named }));
				s.spawn(ready({ a: [{ deep }] }));
				s.spawn(ready(new Map([["other", other]])));
				return yield* s.spawn(ready(taken));
			}),
		);
		await hostTurn();
		expect(kept).toBe(taken);
		// What stands in objects of other kinds is not looked for.
		expect(guards.map((guard) => guard.released)).toEqual([1, 1, 1, 1, 0, 0]);
	});

	it("tells its body what a task is told", async () => {
		const told = await spawn(
			scope(function* (s) {
				yield* yieldNow();
				s.throwIfCancelled();
				return { name: s.name, id: typeof s.id, aborted: s.signal.aborted };
			}),
			{ name: "scoped" },
		);
		expect(told).toEqual({ name: "scoped", id: "number", aborted: false });
		expect(pending().poll({ waker: { wake() {} } })).toBe(Pending);
	});
});
