import { describe, expect, it } from "vitest";
import {
	asyncFn,
	attempt,
	CancelledError,
	FuturesUnordered,
	fail,
	type IntoFuture,
	pending,
	race,
	ready,
	run,
	spawn,
	yieldNow,
} from "yamanote";
import { cancelled, reporting } from "../support/failures.ts";
import { gate } from "../support/gate.ts";
import { hostTurn, microtasks } from "../support/host.ts";

const after = asyncFn(function* (yields: number, value: string) {
	for (let i = 0; i < yields; i++) yield* yieldNow();
	return value;
});

const all = asyncFn(function* <F extends IntoFuture>(set: FuturesUnordered<F>) {
	const seen: unknown[] = [];
	for (let next = yield* set.next(); !next.done; next = yield* set.next()) seen.push(next.value);
	return seen;
});

describe("FuturesUnordered", () => {
	it("gives values as they come, then says that it is done", async () => {
		const seen = await run(function* () {
			const set = new FuturesUnordered([after(3, "c"), after(1, "a"), after(2, "b")]);
			expect(set.length).toBe(3);
			const seen = yield* all(set);
			expect(set.length).toBe(0);
			expect((yield* set.next()).done).toBe(true);
			return seen;
		});
		expect(seen).toEqual(["a", "b", "c"]);
	});

	it("takes futures of every kind, and more while it runs", async () => {
		const seen = await run(function* () {
			const set = new FuturesUnordered<IntoFuture>([async () => 1]);
			set.push(ready(2));
			set.push(Promise.resolve(3));
			set.push(function* () {
				set.push(ready("pushed by a member"));
				return 4;
			});
			return yield* all(set);
		});
		expect(new Set(seen)).toEqual(new Set([1, 2, 3, 4, "pushed by a member"]));
	});

	it("wakes whoever waits when a future is pushed", async () => {
		const set = new FuturesUnordered<IntoFuture>([gate()]);
		const first = run(set.next());
		await microtasks();
		set.push(ready("pushed"));
		expect(await first).toEqual({ done: false, value: "pushed" });
		await set[Symbol.asyncDispose]();
	});

	it("is waited for by several: each value goes to one, and all hear of the end", async () => {
		const doors = [gate<string>(), gate<string>()];
		const set = new FuturesUnordered(doors);
		const waits = [0, 1, 2].map(() => run(set.next()));
		await microtasks();
		doors[0]?.open("a");
		await microtasks();
		doors[1]?.open("b");
		expect(await Promise.all(waits)).toEqual([
			{ done: false, value: "a" },
			{ done: false, value: "b" },
			{ done: true, value: undefined },
		]);
	});

	it("two values that come at once go to two who wait", async () => {
		const doors = [gate<string>(), gate<string>()];
		const set = new FuturesUnordered(doors);
		const waits = [run(set.next()), run(set.next())];
		await microtasks();
		for (const [i, door] of doors.entries()) door.open(`${i}`);
		expect(await Promise.all(waits)).toEqual([
			{ done: false, value: "0" },
			{ done: false, value: "1" },
		]);
	});

	it("one who leaves does not take the wake-ups of another along", async () => {
		const door = gate<string>();
		const set = new FuturesUnordered([door]);
		const stays = run(set.next());
		const leaves = spawn(set.next());
		await microtasks();
		leaves.abort();
		await expect(leaves).rejects.toThrow();
		door.open("for who stays");
		expect(await stays).toEqual({ done: false, value: "for who stays" });
		expect(set.length).toBe(0);
	});

	it("disposed, tells whoever waits that it is done, when the cleanup has ended, and can be used again", async () => {
		const slow = gate();
		const set = new FuturesUnordered<IntoFuture>([
			function* () {
				try {
					yield* pending();
				} finally {
					yield* slow;
				}
			},
		]);
		const waits = run(set.next());
		await microtasks();
		const disposed = set[Symbol.asyncDispose]();
		// Who waits now must not drive what is being cancelled.
		const late = run(set.next());
		await microtasks();
		expect(slow.waitedFor).toBe(true);
		slow.open();
		await disposed;
		expect(await Promise.all([waits, late])).toEqual([
			{ done: true, value: undefined },
			{ done: true, value: undefined },
		]);
		const door = gate();
		set.push(door);
		await run(race([set.next(), yieldNow()]));
		await set[Symbol.asyncDispose]();
		expect([door.drops, set.length]).toEqual([1, 0]);
	});

	it("throws a failure where it comes, and goes on", async () => {
		await run(function* () {
			const set = new FuturesUnordered<IntoFuture>([
				async () => {
					throw new Error("one failed");
				},
				after(20, "fine"),
			]);
			const bad = yield* attempt(set.next());
			expect(!bad.ok && (bad.error as Error).message).toBe("one failed");
			expect(yield* set.next()).toEqual({ done: false, value: "fine" });
			expect((yield* set.next()).done).toBe(true);
		});
	});

	it("next is cancel safe: no value is lost, and the futures stay in the set", async () => {
		await run(function* () {
			const door = gate<string>();
			const set = new FuturesUnordered<IntoFuture>([door, after(2, "other")]);
			for (let i = 0; i < 3; i++) yield* race([set.next(), yieldNow()]);
			door.open("kept");
			const seen = yield* all(set);
			expect(seen.length + (seen.includes("other") ? 0 : 1)).toBe(2);
			expect(seen).toContain("kept");
		});
	});

	it("polls only what was woken", async () => {
		const doors = Array.from({ length: 10 }, () => gate<number>());
		const set = new FuturesUnordered(doors);
		const first = run(set.next());
		await microtasks();
		doors[4]?.open(4);
		expect((await first).value).toBe(4);
		expect(doors.map((d) => d.polls)).toEqual(doors.map((_, i) => (i === 4 ? 2 : 1)));
		await set[Symbol.asyncDispose]();
	});

	it("makes progress only while somebody waits", async () => {
		const door = gate();
		const set = new FuturesUnordered([door]);
		await hostTurn();
		expect(door.polls).toBe(0);
		await set[Symbol.asyncDispose]();
		expect(door.drops).toBe(0);
	});

	it("disposed, it cancels its futures, and waits for their cleanup", async () => {
		const log: string[] = [];
		const set = new FuturesUnordered<IntoFuture>([
			function* () {
				try {
					yield* pending();
				} finally {
					yield* yieldNow();
					log.push("cleaned");
				}
			},
		]);
		await run(race([set.next(), yieldNow()]));
		await set[Symbol.asyncDispose]();
		log.push("disposed");
		expect(log).toEqual(["cleaned", "disposed"]);
		expect(set.length).toBe(0);
	});

	it("its futures are told why they are cancelled, and a failure that is the reason is not told again", async () => {
		await reporting(async (reported) => {
			class Known extends Error {
				readonly code = "KNOWN";
			}
			const failure = new Known("what everybody knows");
			const told: unknown[] = [];
			const task = spawn(function* () {
				const set = new FuturesUnordered<IntoFuture>([
					async ({ signal }) => {
						await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
					},
					function* ({ signal }) {
						try {
							yield* pending();
						} finally {
							told.push(signal.reason);
							yield* fail(failure);
						}
					},
				]);
				yield* set.next();
			});
			await hostTurn();
			task.abort(failure);
			expect((await cancelled(task)).reason).toBe(failure);
			expect(told).toEqual([expect.any(CancelledError)]);
			expect((told[0] as CancelledError).reason).toBe(failure);
			expect(reported).toEqual([]);
		});
	});

	it("is cancelled with the asyncFn call or task that made it", async () => {
		const log: string[] = [];
		const user = asyncFn(function* () {
			const set = new FuturesUnordered<IntoFuture>([
				function* () {
					try {
						yield* pending();
					} finally {
						yield* yieldNow();
						log.push("cleaned");
					}
				},
				after(1, "first"),
			]);
			return (yield* set.next()).value;
		});
		await run(function* () {
			log.push(String(yield* user()));
		});
		expect(log).toEqual(["cleaned", "first"]);
		log.length = 0;
		const task = spawn(function* () {
			const set = new FuturesUnordered<IntoFuture>([
				function* () {
					try {
						yield* pending();
					} finally {
						log.push("cleaned");
					}
				},
			]);
			yield* set.next();
		});
		await microtasks();
		task.abort();
		await expect(task).rejects.toThrow();
		expect(log).toEqual(["cleaned"]);
	});

	it("is cancelled with it also when it was empty in between, and many others were made meanwhile", async () => {
		const door = gate();
		const f = asyncFn(function* () {
			const set = new FuturesUnordered<IntoFuture>([ready(1)]);
			yield* all(set);
			for (let i = 0; i < 100; i++) yield* all(new FuturesUnordered([ready(i)]));
			set.push(door);
			yield* race([set.next(), yieldNow()]);
		});
		await run(f());
		expect(door.drops).toBe(1);
	});

	it("is an async iterable; leaving the loop cancels the rest", async () => {
		const door = gate();
		const seen: unknown[] = [];
		for await (const value of new FuturesUnordered<IntoFuture>([door, ready("a"), ready("b")])) {
			seen.push(value);
			if (seen.length === 2) break;
		}
		expect(seen).toEqual(["a", "b"]);
		expect(door.drops).toBe(1);
	});

	it("is empty from the start, if it is given nothing", async () => {
		expect(await run(new FuturesUnordered().next())).toEqual({ done: true, value: undefined });
	});

	it("refuses what is no future", () => {
		expect(() => new FuturesUnordered([5 as never])).toThrow(/no future/);
		expect(() => new FuturesUnordered<IntoFuture>().push(5 as never)).toThrow(TypeError);
		expect(() => new FuturesUnordered(5 as never)).toThrow(TypeError);
	});
});
