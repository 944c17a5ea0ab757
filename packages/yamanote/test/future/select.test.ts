import { describe, expect, it } from "vitest";
import {
	attempt,
	fail,
	lazy,
	NoBranchError,
	pending,
	Runtime,
	race,
	ready,
	run,
	select,
	spawn,
	yieldNow,
} from "yamanote";
import { byHand } from "../support/by-hand.ts";
import { gate } from "../support/gate.ts";
import { hostTurn, microtasks } from "../support/host.ts";

class Bad extends Error {
	readonly code = "BAD";
}

describe("select", () => {
	it("gives the name of the branch that came first, and its value", async () => {
		const a = gate<number>();
		const b = gate<string>();
		const first = run(select({ a, b }));
		await microtasks();
		b.open("text");
		expect(await first).toEqual({ key: "b", value: "text" });
		expect([a.drops, b.drops]).toEqual([1, 0]);
	});

	it("is discriminated by its key", async () => {
		const first = await run(select({ n: ready(5), never: pending() }));
		expect(first.key === "n" ? first.value.toFixed(1) : "never").toBe("5.0");
	});

	it("disables branches that are false, null or undefined", async () => {
		const off = false as boolean;
		const first = await run(select({ a: off && ready(1), b: null, c: undefined, d: ready("d") }));
		expect(first).toEqual({ key: "d", value: "d" });
	});

	it("throws NoBranchError at the call if none is enabled", () => {
		expect(() => select({})).toThrow(NoBranchError);
		expect(() => select({ a: false, b: undefined })).toThrow(NoBranchError);
		expect(() => race([])).toThrow(NoBranchError);
	});

	it("takes a record, and race an array", () => {
		expect(() => select([ready(1)] as never)).toThrow(/race takes an array/);
		expect(() => select(null as never)).toThrow(TypeError);
		expect(() => select(5 as never)).toThrow(TypeError);
		expect(() => select(ready(1) as never)).toThrow(TypeError);
		expect(() => race({ a: ready(1) } as never)).toThrow(/select takes a record/);
		expect(() => select({ a: 5 as never })).toThrow(/"a".*no future/);
		expect(() => race([ready(1), 5 as never])).toThrow(/\[1\].*no future/);
	});

	it("is won by a branch that throws (rule 6)", async () => {
		const error = new Bad();
		const door = gate();
		await expect(run(select({ door, bad: fail(error) }, { biased: true }))).rejects.toBe(error);
		expect(door.drops).toBe(1);
	});

	it("polls only what was woken (rule 6)", async () => {
		const doors = { a: gate(), b: gate(), c: gate() };
		const task = spawn(select(doors));
		await microtasks();
		doors.b.wakeAll();
		await microtasks();
		expect([doors.a.polls, doors.b.polls, doors.c.polls]).toEqual([1, 2, 1]);
		doors.b.open();
		await task;
		expect([doors.a.polls, doors.b.polls, doors.c.polls]).toEqual([1, 3, 1]);
	});

	it("starts at a random branch, so that each wins at times (rule 6)", async () => {
		const won = { a: 0, b: 0, c: 0 };
		for (let i = 0; i < 300; i++) won[(await run(select({ a: ready(1), b: ready(2), c: ready(3) }))).key]++;
		for (const n of Object.values(won)) expect(n).toBeGreaterThan(40);
	});

	it("biased, polls the branches in their order (rule 6)", async () => {
		for (let i = 0; i < 50; i++)
			expect((await run(select({ a: ready(1), b: ready(2) }, { biased: true }))).key).toBe("a");
		const doors = { a: gate(), b: gate() };
		const task = spawn(select(doors, { biased: true }));
		await microtasks();
		doors.b.open();
		doors.a.open();
		expect((await task).key).toBe("a");
	});

	it("not biased, is won by the branch that was woken first", async () => {
		const doors = { a: gate(), b: gate() };
		const task = spawn(select(doors));
		await microtasks();
		doors.b.open();
		doors.a.open();
		expect((await task).key).toBe("b");
	});

	it("is fair to branches in a loop of select", async () => {
		const seen = { a: 0, b: 0 };
		await run(function* () {
			for (let i = 0; i < 200; i++) seen[(yield* select({ a: ready(1), b: ready(2) })).key]++;
		});
		expect(Math.min(seen.a, seen.b)).toBeGreaterThan(50);
	});

	it("waits for the cleanup of the losers", async () => {
		const door = gate();
		const first = run(
			select({
				slow: function* () {
					try {
						yield* pending();
					} finally {
						yield* door;
					}
				},
				quick: yieldNow(),
			}),
		);
		let ended = false;
		void first.then(() => {
			ended = true;
		});
		await hostTurn();
		expect(ended).toBe(false);
		door.open();
		expect((await first).key).toBe("quick");
	});

	it("keeps what a loser's cleanup throws from the caller, and reports it", async () => {
		const reported: unknown[] = [];
		const runtime = new Runtime({
			onUnhandled: ({ error, when }) => void reported.push([when, (error as Error).message]),
		});
		const first = await runtime.blockOn(function* () {
			return yield* select({
				loser: function* () {
					try {
						yield* pending();
					} finally {
						// biome-ignore lint/correctness/noUnsafeFinally: the test is about it
						throw new Error("cleanup of a loser");
					}
				},
				winner: yieldNow(),
			});
		});
		expect(first.key).toBe("winner");
		expect(reported).toEqual([["cleanup", "cleanup of a loser"]]);
		await runtime.shutdown();
	});

	it("can be nested, and awaited natively", async () => {
		const inner = select({ x: ready(1) });
		expect(await select({ inner, never: pending() })).toEqual({ key: "inner", value: { key: "x", value: 1 } });
	});

	it("by hand, wakes its waker when a branch is woken", () => {
		const door = gate<number>();
		const hand = byHand(select({ door }));
		hand.pending();
		expect(hand.wakes).toBe(0);
		door.open(3);
		expect(hand.wakes).toBe(1);
		expect(hand.poll()).toEqual({ key: "door", value: 3 });
	});

	it("does not run a branch that comes after the winner", async () => {
		const never = lazy(() => expect.unreachable());
		expect((await run(select({ at: ready("once"), never }, { biased: true }))).value).toBe("once");
	});
});

describe("race", () => {
	it("gives the value that came first, and cancels the others", async () => {
		const a = gate<number>();
		const b = gate<string>();
		const first = run(race([a, b]));
		await microtasks();
		a.open(1);
		expect(await first).toBe(1);
		expect(b.drops).toBe(1);
	});

	it("is won by a failure as well", async () => {
		await expect(run(race([pending(), fail(new Bad())]))).rejects.toBeInstanceOf(Bad);
	});

	it("of a task and a failure lets the task run on (rule 8)", async () => {
		const door = gate<string>();
		const task = spawn(door);
		await run(attempt(race([task, fail(new Bad())])));
		door.open("on");
		expect(await task).toBe("on");
	});
});
