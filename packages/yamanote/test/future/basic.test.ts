import { describe, expect, it } from "vitest";
import { attempt, CancelledError, Elapsed, fail, lazy, Pending, pending, pollFn, ready, run, spawn } from "yamanote";
import { byHand } from "../support/by-hand.ts";
import { microtasks } from "../support/host.ts";

class Bad extends Error {
	readonly code = "BAD";
}

describe("attempt", () => {
	it("gives the value, or the failure", async () => {
		expect(await run(attempt(ready(1)))).toEqual({ ok: true, value: 1 });
		const error = new Bad();
		expect(await run(attempt(fail(error)))).toEqual({ ok: false, error });
	});

	it("with classes, takes these, by instanceof, and lets the rest fly", async () => {
		class Worse extends Bad {}
		const error = new Worse();
		expect(await run(attempt(fail(error), Elapsed, Bad))).toEqual({ ok: false, error });
		await expect(run(attempt(fail(new Bad("flies")), Elapsed, Worse))).rejects.toThrow("flies");
	});

	it("does not swallow a cancellation", async () => {
		const log: string[] = [];
		const task = spawn(function* () {
			const r = yield* attempt(pending());
			log.push(`went on with ${r.ok}`);
		});
		await microtasks();
		task.abort();
		await expect(task).rejects.toBeInstanceOf(CancelledError);
		expect(log).toEqual([]);
	});

	it("gives a CancelledError that is a failure like any other: of another task", async () => {
		const victim = spawn(pending());
		victim.abort();
		const result = await run(attempt(victim, CancelledError));
		expect(!result.ok && result.error).toBeInstanceOf(CancelledError);
	});

	it("refuses what is no class, and no future", () => {
		expect(() => attempt(ready(1), "Bad" as never)).toThrow(/classes/);
		expect(() => attempt(5 as never)).toThrow(TypeError);
	});
});

describe("fail, ready, lazy, pending, pollFn", () => {
	it("fail throws the error itself, ready gives the value itself", async () => {
		const error = new Bad();
		await expect(run(fail(error))).rejects.toBe(error);
		const value = { a: 1 };
		expect(await run(ready(value))).toBe(value);
	});

	it("lazy computes once, in its first poll, and fails with what it throws", async () => {
		let calls = 0;
		expect(await run(lazy(() => ++calls))).toBe(1);
		await expect(
			run(
				lazy(() => {
					throw new Bad("computed");
				}),
			),
		).rejects.toThrow("computed");
		expect(calls).toBe(1);
	});

	it("pending is never ready, and costs nothing when it is dropped", async () => {
		const hand = byHand(pending());
		for (let i = 0; i < 3; i++) hand.pending();
		expect(hand.wakes).toBe(0);
	});

	it("pollFn hands its function the context of whoever polls", () => {
		const seen: unknown[] = [];
		const hand = byHand(
			pollFn((cx) => {
				seen.push(cx);
				return seen.length < 2 ? Pending : "done";
			}),
		);
		hand.pending();
		expect(hand.poll()).toBe("done");
		expect(seen).toEqual([hand.cx, hand.cx]);
	});

	it("refuse what is no function", () => {
		expect(() => lazy(5 as never)).toThrow(/lazy.*not 5/);
		expect(() => pollFn(ready(1) as never)).toThrow(/pollFn/);
	});
});
