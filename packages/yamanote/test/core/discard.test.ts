import { describe, expect, it } from "vitest";
import {
	asyncFn,
	attempt,
	byRef,
	CancelledError,
	FuturesUnordered,
	fromPromise,
	type IntoFuture,
	join,
	joinSettled,
	mapConcurrent,
	pending,
	race,
	ready,
	run,
	select,
	shared,
	sleep,
	spawn,
	timeout,
	tryJoin,
	yieldNow,
} from "yamanote";
import { cancelThere } from "../support/cancel-there.ts";
import { paused } from "../support/clock.ts";
import { deferred, gate } from "../support/gate.ts";
import { Guard } from "../support/guard.ts";
import { hostTurn, hostTurns, microtasks } from "../support/host.ts";

describe("rule 4: a result that nobody receives is not leaked", () => {
	describe("granted to a member, then its combinator is dropped", () => {
		const combinators: Record<string, (guard: Guard) => IntoFuture> = {
			"join of an array": (g) => join([ready(g), pending()]),
			"join of a record": (g) => join({ g: ready(g), p: pending() }),
			tryJoin: (g) => tryJoin([ready(g), pending()]),
			"tryJoin with little concurrency": (g) => tryJoin([ready(g), pending(), ready(1)], { concurrency: 1 }),
			joinSettled: (g) => joinSettled([ready(g), pending()]),
			"join within join": (g) => join([join({ a: ready(g) }), pending()]),
			"join within join that waits": (g) => join([join([ready(g), pending()])]),
			mapConcurrent: (g) => mapConcurrent([g, null], 2, (item) => (item === null ? pending() : ready(item))),
			timeout: (g) => timeout(Infinity, join([ready(g), pending()])),
			attempt: (g) => attempt(join([ready(g), pending()])),
			"an attempt among members": (g) => join([attempt(ready(g)), pending()]),
			"a select among members": (g) => join([select({ g: ready(g) }), pending()]),
			FuturesUnordered: (g) =>
				function* () {
					const set = new FuturesUnordered<IntoFuture>([ready(g), ready(1)]);
					yield* set.next();
					yield* pending();
				},
		};
		for (const [what, make] of Object.entries(combinators)) {
			it(`${what} releases it`, async () => {
				const guard = new Guard();
				await cancelThere(make(guard));
				expect(guard.released).toBe(what === "FuturesUnordered" ? 0 : 1);
			});
		}

		it("a select that waits for its losers' cleanup releases the winner's", async () => {
			const guard = new Guard();
			const door = gate();
			const winner = gate<Guard>();
			const loser = function* () {
				try {
					yield* pending();
				} finally {
					yield* door;
				}
			};
			const task = spawn(select({ loser, winner }));
			await hostTurn();
			winner.open(guard);
			await hostTurn();
			expect(door.waitedFor).toBe(true);
			task.abort();
			await hostTurn();
			door.open();
			await expect(task).rejects.toBeInstanceOf(CancelledError);
			expect(guard.released).toBe(1);
		});

		it("a FuturesUnordered releases values that were not taken", async () => {
			const taken = new Guard("taken");
			const left = new Guard("left");
			const task = spawn(
				asyncFn(function* () {
					const set = new FuturesUnordered<IntoFuture>([ready(taken), ready(left)]);
					yield* set.next();
					yield* pending();
				})(),
			);
			await microtasks();
			task.abort();
			await expect(task).rejects.toBeInstanceOf(CancelledError);
			expect([taken.released, left.released]).toEqual([0, 1]);
		});
	});

	describe("granted to a member, then another fails", () => {
		const fails = async () => {
			throw new Error("another");
		};
		const combinators: Record<string, (guard: Guard) => IntoFuture> = {
			tryJoin: (g) => tryJoin([ready(g), fails]),
			"tryJoin of a record": (g) => tryJoin({ g: ready(g), fails }),
			join: (g) => join([ready(g), fails]),
			mapConcurrent: (g) => mapConcurrent([g, null], 2, (item) => (item === null ? fails : ready(item)) as () => never),
		};
		for (const [what, make] of Object.entries(combinators)) {
			it(`${what} releases it`, async () => {
				const guard = new Guard();
				await expect(run(make(guard) as () => Promise<unknown>)).rejects.toThrow("another");
				expect(guard.released).toBe(1);
			});
		}
	});

	describe("granted to a task", () => {
		it("whose handle is dropped after it has ended: released", async () => {
			const guard = new Guard();
			const handle = spawn(ready(guard));
			await hostTurn();
			expect(guard.released).toBe(0);
			handle[Symbol.dispose]();
			expect(guard.released).toBe(1);
			handle[Symbol.dispose]();
			expect(guard.released).toBe(1);
		});

		it("whose handle is dropped before: released at its end", async () => {
			const guard = new Guard();
			const door = gate<Guard>();
			const handle = spawn(door);
			await microtasks();
			handle[Symbol.dispose]();
			expect(guard.released).toBe(0);
			door.open(guard);
			await hostTurn();
			expect(guard.released).toBe(1);
		});

		it("that was detached: released at its end", async () => {
			const guard = new Guard();
			spawn(ready(guard)).detach();
			await hostTurn();
			expect(guard.released).toBe(1);
		});

		it("whose handle loses a race, and which nobody else awaits: released", async () => {
			const guard = new Guard();
			const door = gate<Guard>();
			const handle = spawn(door);
			await run(race([handle, yieldNow()]));
			door.open(guard);
			await hostTurn();
			expect(guard.released).toBe(1);
		});

		it("whose handle times out: released", async () => {
			await paused(async () => {
				const guard = new Guard();
				const door = gate<Guard>();
				const handle = spawn(door);
				await run(attempt(timeout(5, handle)));
				door.open(guard);
				await handle.then(() => {});
				await hostTurn();
				// It was awaited after all, and delivered.
				expect(guard.released).toBe(0);
			});
		});

		it("that is aborted in the poll in which it ends: released", async () => {
			const guard = new Guard();
			const handle = spawn(function* () {
				handle.abort();
				return guard;
			}) as ReturnType<typeof spawn>;
			await expect(handle).rejects.toBeInstanceOf(CancelledError);
			expect(guard.released).toBe(1);
		});

		it("that two await, one of which is cancelled: delivered to the other, not released", async () => {
			const guard = new Guard();
			const door = gate<Guard>();
			const handle = spawn(door);
			const waiter = function* () {
				return yield* handle;
			};
			const stays = spawn(waiter);
			const goes = spawn(waiter);
			await microtasks();
			goes.abort();
			await microtasks();
			door.open(guard);
			expect(await stays).toBe(guard);
			await expect(goes).rejects.toBeInstanceOf(CancelledError);
			expect(guard.released).toBe(0);
		});

		it("that is awaited round by round in a select: delivered, not released", async () => {
			const guard = new Guard();
			const door = gate<Guard>();
			const handle = spawn(door);
			const got = await run(function* () {
				for (let round = 0; ; round++) {
					if (round === 2) door.open(guard);
					const first = yield* select({ handle, tick: yieldNow() }, { biased: true });
					if (first.key === "handle") return first.value;
				}
			});
			expect(got).toBe(guard);
			expect(guard.released).toBe(0);
		});

		it("that is awaited and never dropped: not released", async () => {
			const guard = new Guard();
			expect(await spawn(ready(guard))).toBe(guard);
			const held = spawn(ready(guard));
			await hostTurns(2);
			expect(guard.released).toBe(0);
			expect(await held).toBe(guard);
			expect(guard.released).toBe(0);
		});
	});

	describe("granted by a promise or an async function", () => {
		it("a promise that settles after its future was dropped: released", async () => {
			const guard = new Guard();
			const late = deferred<Guard>();
			await cancelThere(fromPromise(late.promise));
			late.resolve(guard);
			await microtasks();
			expect(guard.released).toBe(1);
		});

		it("a promise that has settled when its future is dropped: released", async () => {
			const guard = new Guard();
			const settled = deferred<Guard>();
			const door = gate();
			const task = spawn(race([fromPromise(settled.promise), door]));
			await microtasks();
			// In one turn: the promise settles, and the other branch wins.
			door.open();
			settled.resolve(guard);
			const value = await task;
			await microtasks();
			expect(guard.released).toBe(value === guard ? 0 : 1);
		});

		it("an async function that returns though it was cancelled: released", async () => {
			const guard = new Guard();
			const task = spawn(async ({ run: wait }) => {
				try {
					await wait(pending());
				} catch {
					return guard;
				}
				return undefined;
			});
			await microtasks();
			task.abort();
			await expect(task).rejects.toBeInstanceOf(CancelledError);
			expect(guard.released).toBe(1);
		});
	});

	describe("what is looked into", () => {
		it("arrays and plain records, some deep; not other objects", async () => {
			const inArray = new Guard("in an array");
			const inRecord = new Guard("in a record");
			const inMap = new Guard("in a map");
			const handle = spawn(ready({ list: [inArray, 1, null], nested: { inRecord }, map: new Map([[1, inMap]]) }));
			await hostTurn();
			handle[Symbol.dispose]();
			expect([inArray.released, inRecord.released, inMap.released]).toEqual([1, 1, 0]);
		});

		it("not what the user made: a value with Symbol.dispose is the user's", async () => {
			let disposed = 0;
			const handle = spawn(ready({ [Symbol.dispose]: () => void disposed++ }));
			await hostTurn();
			handle[Symbol.dispose]();
			expect(disposed).toBe(0);
		});
	});

	it("a lent future keeps its value for the next borrower", async () => {
		const guard = new Guard();
		const got = await run(function* () {
			const lent = byRef(function* () {
				yield* yieldNow();
				yield* yieldNow();
				return guard;
			});
			for (;;) {
				const first = yield* select({ lent, tick: yieldNow() }, { biased: true });
				if (first.key === "lent") return first.value;
			}
		});
		expect(got).toBe(guard);
		expect(guard.released).toBe(0);
	});

	it("a shared future that one waiter leaves keeps its value for the others", async () => {
		const guard = new Guard();
		const both = shared(function* () {
			yield* yieldNow();
			yield* yieldNow();
			return guard;
		});
		const stays = spawn(both);
		await run(race([both, ready(1)]));
		expect(await stays).toBe(guard);
		expect(guard.released).toBe(0);
	});

	it("a shared future that one waiter is dropped with, its value and all, keeps it for the others", async () => {
		const guard = new Guard();
		const both = shared(ready(guard));
		const dropped = spawn(both);
		await hostTurn();
		expect(dropped.isFinished).toBe(true);
		dropped[Symbol.dispose]();
		await cancelThere(join([both, pending()]));
		expect(await run(both)).toBe(guard);
		expect(guard.released).toBe(0);
	});
});

describe("rule 4: an owner that has its winner polls nobody else", () => {
	it("a biased select whose first branch is ready", async () => {
		const other = gate();
		await run(select({ first: ready(1), other }, { biased: true }));
		expect(other.polls).toBe(0);
	});

	it("two branches that become ready at once: one is polled, and the other dropped without having taken anything", async () => {
		const a = gate<string>();
		const b = gate<string>();
		const task = spawn(select({ a, b }, { biased: true }));
		await microtasks();
		expect([a.polls, b.polls]).toEqual([1, 1]);
		b.open("b");
		a.open("a");
		expect(await task).toEqual({ key: "a", value: "a" });
		expect([a.polls, b.polls, b.drops]).toEqual([2, 1, 1]);
	});

	it("a tryJoin whose first member fails", async () => {
		const other = gate();
		await expect(
			run(
				tryJoin([
					async () => {
						throw new Error("first");
					},
					other,
				]),
			),
		).rejects.toThrow("first");
		expect(other.drops).toBe(1);
	});

	it("a timeout that has elapsed polls its future no more", async () => {
		await paused(async (clock) => {
			const late = gate();
			const task = spawn(timeout(5, late));
			await microtasks();
			expect(late.polls).toBe(1);
			await clock.advance(5);
			await expect(task).rejects.toThrow(/5 ms/);
			expect([late.polls, late.drops]).toEqual([1, 1]);
		});
	});

	it("a sleep that lost leaves no timer", async () => {
		await paused(async () => {
			await run(race([sleep(1_000), ready(1)]));
		});
	});
});
