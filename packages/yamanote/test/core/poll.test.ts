import { describe, expect, it } from "vitest";
import {
	type Context,
	Future,
	Handle,
	join,
	Pending,
	type Poll,
	pollFn,
	race,
	ready,
	run,
	spawn,
	type Waker,
	yieldNow,
} from "yamanote";
import { byHand } from "../support/by-hand.ts";
import { gate } from "../support/gate.ts";
import { hostTurn, microtasks } from "../support/host.ts";

describe("rule 2: poll returns a value, throws, or returns Pending having stored the waker", () => {
	it("gives the value that poll returns", async () => {
		expect(await run(pollFn(() => 7))).toBe(7);
	});

	it("fails with what poll throws", async () => {
		const error = new Error("no");
		await expect(
			run(
				pollFn(() => {
					throw error;
				}),
			),
		).rejects.toBe(error);
	});

	it("polls no more until the stored waker is woken", async () => {
		const door = gate<string>();
		const task = spawn(door);
		await hostTurn();
		expect(door.polls).toBe(1);
		await hostTurn();
		expect(door.polls).toBe(1);
		door.open("in");
		expect(await task).toBe("in");
		expect(door.polls).toBe(2);
	});

	it("takes every value but Pending as ready: undefined, null, a promise, another symbol", async () => {
		const promise = Promise.reject(new Error("not looked at"));
		promise.catch(() => {});
		for (const value of [undefined, null, 0, Symbol("other")]) expect(await run(pollFn(() => value))).toBe(value);
		const got = await run(function* () {
			return { value: yield* pollFn(() => promise) };
		});
		expect(got.value).toBe(promise);
	});

	it("has one Pending for every copy of the library", () => {
		expect(Pending).toBe(Symbol.for("yamanote.pending.v1"));
	});
});

describe("rule 2: wake() only enqueues", () => {
	it("does not poll inside wake()", async () => {
		const door = gate();
		const task = spawn(door);
		await microtasks();
		door.open();
		expect(door.polls).toBe(1);
		expect(task.isFinished).toBe(false);
		await task;
		expect(door.polls).toBe(2);
	});

	it("does not poll inside wake() when a task wakes another", async () => {
		const door = gate();
		const log: string[] = [];
		await run(
			join([
				function* () {
					yield* door;
					log.push("woken runs");
				},
				function* () {
					yield* yieldNow();
					door.open();
					log.push("after wake");
				},
			]),
		);
		expect(log).toEqual(["after wake", "woken runs"]);
	});

	it("polls once, however often a task is woken before that poll", async () => {
		const wakers: Waker[] = [];
		let polls = 0;
		const task = spawn(
			pollFn((cx) => {
				polls++;
				wakers.push(cx.waker);
				return polls < 3 ? Pending : "done";
			}),
		);
		await microtasks();
		for (let i = 0; i < 5; i++) wakers[0]?.wake();
		await microtasks();
		expect(polls).toBe(2);
		for (const w of wakers) w.wake();
		expect(await task).toBe("done");
		expect(polls).toBe(3);
	});

	it("polls once a task that has woken itself and is then woken by others", async () => {
		const wakers: Waker[] = [];
		let polls = 0;
		const task = spawn(
			pollFn((cx) => {
				polls++;
				wakers.push(cx.waker);
				if (polls === 1) cx.waker.wake();
				return polls < 3 ? Pending : "done";
			}),
		);
		const other = spawn(function* () {
			for (const w of wakers) w.wake();
		});
		await microtasks();
		expect([polls, other.isFinished, Handle.current().metrics.queueDepth]).toEqual([2, true, 0]);
		wakers[0]?.wake();
		expect(await task).toBe("done");
		expect(polls).toBe(3);
	});

	it("does nothing after the task has ended", async () => {
		let waker: Waker | undefined;
		let polls = 0;
		const task = spawn(
			pollFn((cx) => {
				polls++;
				waker = cx.waker;
				return "at once";
			}),
		);
		await task;
		waker?.wake();
		await hostTurn();
		expect(polls).toBe(1);
	});
});

describe("rule 2: spurious polls are legal", () => {
	it("asks a future again that was woken for nothing", async () => {
		const door = gate<number>();
		const task = spawn(door);
		await microtasks();
		for (let i = 0; i < 3; i++) {
			door.wakeAll();
			await microtasks();
		}
		expect(door.polls).toBe(4);
		expect(task.isFinished).toBe(false);
		door.open(1);
		expect(await task).toBe(1);
	});

	it("answers a poll by hand that nothing has woken", () => {
		const door = gate<number>();
		const hand = byHand(race([door]));
		hand.pending();
		hand.pending();
		hand.pending();
		expect(hand.wakes).toBe(0);
		door.open(5);
		expect(hand.wakes).toBe(1);
		expect(hand.poll()).toBe(5);
	});
});

describe("rule 2: a wake during a poll causes exactly one more", () => {
	it("polls once more, not twice, and not for ever", async () => {
		let polls = 0;
		const task = spawn(
			pollFn((cx) => {
				polls++;
				if (polls === 1) for (let i = 0; i < 4; i++) cx.waker.wake();
				return Pending as Poll<never>;
			}),
		);
		await hostTurn();
		expect(polls).toBe(2);
		await hostTurn();
		expect(polls).toBe(2);
		task.abort();
		await hostTurn();
	});

	it("holds in a branch of a combinator as well", async () => {
		let polls = 0;
		const wakeful = pollFn((cx) => {
			polls++;
			if (polls === 1) for (let i = 0; i < 4; i++) cx.waker.wake();
			return Pending as Poll<never>;
		});
		const task = spawn(race([wakeful]));
		await hostTurn();
		expect(polls).toBe(2);
		task.abort();
		await hostTurn();
	});

	it("keeps a wake that comes between the poll and its return", async () => {
		class Eager extends Future<string> {
			polls = 0;
			poll(cx: Context): Poll<string> {
				if (this.polls++ > 0) return "ready";
				cx.waker.wake();
				return Pending;
			}
		}
		expect(await run(new Eager())).toBe("ready");
	});
});

describe("a future by hand", () => {
	it("is polled with any context that has a waker", () => {
		const door = gate<string>();
		const hand = byHand(door);
		expect(hand.poll()).toBe(Pending);
		door.open("by hand");
		expect(hand.wakes).toBe(1);
		expect(hand.poll()).toBe("by hand");
	});

	it("may be a ready one, an asyncFn call, a combinator", () => {
		expect(byHand(ready(1)).poll()).toBe(1);
		expect(byHand(join([ready(1), ready(2)])).poll()).toEqual([1, 2]);
	});
});
