import { describe, expect, it } from "vitest";
import {
	byRef,
	CancelledError,
	each,
	type Future,
	fromCallback,
	fromPromise,
	type IntoFuture,
	mapConcurrent,
	retry,
	run,
	type Settle,
	select,
	sleep,
	spawn,
	tryJoin,
} from "yamanote";
import { paused } from "../support/clock.ts";
import { deferred } from "../support/gate.ts";
import { Guard } from "../support/guard.ts";
import { hostTurn, microtasks } from "../support/host.ts";

class Bad extends Error {
	readonly code = "BAD";
}

describe("fromPromise", () => {
	it("gives the value, or fails with the rejection as it is", async () => {
		expect(await run(fromPromise(Promise.resolve(1)))).toBe(1);
		await expect(run(fromPromise(Promise.reject(new Bad("as it is"))))).rejects.toThrow("as it is");
	});

	it("makes the declared failure by catch", async () => {
		const future = fromPromise(Promise.reject(new Error("raw")), { catch: (cause) => new Bad("mapped", { cause }) });
		await expect(run(future)).rejects.toMatchObject({ code: "BAD", message: "mapped", cause: new Error("raw") });
	});

	it("is cancelled at once, with its signal, where a function gave it", async () => {
		const owners: Record<string, (f: () => Future<never>) => IntoFuture> = {
			"a task": (f) => f,
			tryJoin: (f) => tryJoin([f]),
			select: (f) => select({ f }),
			retry: (f) => retry({ times: 3 }, f),
			each: (f) => each([1], f),
			mapConcurrent: (f) => mapConcurrent([1], 2, f),
		};
		for (const [owner, own] of Object.entries(owners)) {
			const signals: AbortSignal[] = [];
			const task = spawn(
				own(() =>
					fromPromise((signal) => {
						signals.push(signal);
						return new Promise<never>(() => {});
					}),
				),
			);
			await microtasks();
			task.abort();
			await microtasks();
			expect([owner, task.isFinished, signals.map((signal) => signal.aborted)]).toEqual([owner, true, [true]]);
			await expect(task).rejects.toThrow(CancelledError);
		}
	});

	it("given a function, calls it at the first poll, with a signal that is aborted when it is dropped", async () => {
		const log: string[] = [];
		const make = () =>
			fromPromise((signal) => {
				log.push("called");
				signal.addEventListener("abort", () => log.push("aborted"));
				return new Promise<never>(() => {});
			});
		const unused = make();
		unused[Symbol.dispose]();
		expect(log).toEqual([]);
		const task = spawn(make());
		await microtasks();
		expect(log).toEqual(["called"]);
		task.abort();
		await expect(task).rejects.toThrow();
		expect(log).toEqual(["called", "aborted"]);
	});

	it("does not abort the signal of work that is done", async () => {
		let signal: AbortSignal | undefined;
		await run(
			fromPromise(async (s) => {
				signal = s;
			}),
		);
		expect(signal?.aborted).toBe(false);
	});

	it("fails with what the function throws", async () => {
		await expect(
			run(
				fromPromise(() => {
					throw new Bad("thrown");
				}),
			),
		).rejects.toThrow("thrown");
	});

	it("takes a thenable, also one that answers at once", async () => {
		expect(
			await run(fromPromise({ then: (ok: (v: string) => void) => ok("now") } as unknown as PromiseLike<string>)),
		).toBe("now");
		expect(
			await run(
				fromPromise({
					then: (ok: (v: string) => void) => void hostTurn().then(() => ok("later")),
				} as unknown as PromiseLike<string>),
			),
		).toBe("later");
	});

	it("takes what only looks like a promise as `await` does: one answer, what it throws, what it promises", async () => {
		type Then = (ok: (v: unknown) => void, no: (e: unknown) => void) => void;
		const rows: Record<string, readonly [Then, unknown]> = {
			"answers twice": [
				(ok, no) => {
					ok(1);
					ok(2);
					no(new Bad("no"));
				},
				1,
			],
			"answers, then throws": [
				(ok) => {
					ok(1);
					throw new Bad("too late");
				},
				1,
			],
			throws: [
				() => {
					throw new Bad("thrown");
				},
				"thrown",
			],
			"answers with a promise": [(ok) => ok(Promise.resolve(1)), 1],
			"answers with one of its kind": [(ok) => ok({ then: (inner: (v: number) => void) => inner(1) }), 1],
			"answers with a promise that fails": [(ok) => ok(Promise.reject(new Bad("inner"))), "inner"],
		};
		for (const [what, [then, outcome]] of Object.entries(rows)) {
			const like = { then } as unknown as PromiseLike<unknown>;
			for (const f of [() => fromPromise(like), () => fromPromise(() => like), () => like, () => async () => like]) {
				const seen = await run(function* () {
					return yield* byRef(f() as PromiseLike<unknown>);
				}).catch((e: Error) => e.message);
				expect(seen, what).toBe(outcome);
			}
		}
	});

	it("what only looks like a promise does not hold a paused clock by throwing", async () => {
		await paused(async () => {
			const like = {
				then: () => {
					throw new Bad("thrown");
				},
			} as unknown as PromiseLike<void>;
			await expect(run(fromPromise(like))).rejects.toThrow("thrown");
			await expect(run(() => like)).rejects.toThrow("thrown");
			await run(sleep({ hours: 1 }));
		});
	});

	it("says so if the function starts no promise", async () => {
		for (const made of [undefined, null, 5, {}, () => {}])
			await expect(run(fromPromise((() => made) as never))).rejects.toThrow(
				/fromPromise: the function returned .*: give one that starts a promise/,
			);
	});

	it("a promise that rejects after it was dropped is heard by nobody, and harms nobody", async () => {
		const late = deferred<never>();
		const task = spawn(fromPromise(late.promise));
		await microtasks();
		task.abort();
		await expect(task).rejects.toThrow();
		late.reject(new Bad("late"));
		await hostTurn();
	});

	it("refuses what is neither", () => {
		expect(() => fromPromise(5 as never)).toThrow(/fromPromise/);
		expect(() => fromPromise(null as never)).toThrow(TypeError);
	});
});

describe("fromCallback", () => {
	it("starts at the first poll; the first of resolve and reject counts; cleanup runs once", async () => {
		let settle: Settle<string> | undefined;
		let cleaned = 0;
		const make = () =>
			fromCallback<string>((s) => {
				settle = s;
				return () => void cleaned++;
			});
		const future = make();
		expect(settle).toBe(undefined);
		const promise = run(future);
		await microtasks();
		settle?.resolve("first");
		settle?.resolve("second");
		settle?.reject(new Bad());
		expect(await promise).toBe("first");
		expect(cleaned).toBe(1);
		const failing = run(make());
		await microtasks();
		settle?.reject(new Bad("rejected"));
		await expect(failing).rejects.toThrow("rejected");
		expect(cleaned).toBe(2);
		settle?.resolve("late");
	});

	it("may settle inside start", async () => {
		let cleaned = 0;
		expect(
			await run(
				fromCallback<number>(({ resolve }) => {
					resolve(5);
					return () => void cleaned++;
				}),
			),
		).toBe(5);
		expect(cleaned).toBe(1);
		await expect(run(fromCallback(({ reject }) => reject(new Bad("inside"))))).rejects.toThrow("inside");
	});

	it("cleans up when it is dropped, once, and not if it never started", async () => {
		let cleaned = 0;
		const make = () => fromCallback<never>(() => () => void cleaned++);
		const task = spawn(make());
		await microtasks();
		task.abort();
		await expect(task).rejects.toThrow();
		expect(cleaned).toBe(1);
		make()[Symbol.dispose]();
		expect(cleaned).toBe(1);
	});

	it("releases a guard that comes when nobody waits any more, or that nobody took", async () => {
		for (const late of [true, false]) {
			let settle: Settle<Guard> | undefined;
			const task = spawn(
				fromCallback<Guard>((s) => {
					settle = s;
				}),
			);
			await microtasks();
			const guard = new Guard("late");
			if (!late) settle?.resolve(guard);
			task.abort();
			await expect(task).rejects.toThrow();
			if (late) settle?.resolve(guard);
			expect(guard.released).toBe(1);
		}
	});

	it("says so if start returns what is no function to stop the work", async () => {
		for (const stop of [5, {}, "stop", Promise.resolve()])
			await expect(run(fromCallback((() => stop) as never))).rejects.toThrow(
				/fromCallback: start returned .*: it must return a function that stops the work, or nothing/,
			);
		const none = ({ resolve }: Settle<number>) => {
			resolve(5);
			return null;
		};
		expect(await run(fromCallback(none as never))).toBe(5);
	});

	it("fails with what start throws, and needs no cleanup", async () => {
		await expect(
			run(
				fromCallback(() => {
					throw new Bad("start");
				}),
			),
		).rejects.toThrow("start");
		expect(() => fromCallback(5 as never)).toThrow(/fromCallback/);
	});
});
