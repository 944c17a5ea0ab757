import { describe, expect, it } from "vitest";
import { asyncFn, pending, race, run, spawn, YieldError, yieldNow } from "yamanote";
import { microtasks } from "../support/host.ts";

// A plain `yield` where `yield*` is meant: refused by the types, and by the runtime at that `yield`.
type Any = never;

describe("a plain yield", () => {
	it("fails the task if nothing catches it, and says what to write", async () => {
		const error = await run(function* () {
			yield 5;
		} as Any).catch((e: unknown) => e);
		expect(error).toBeInstanceOf(YieldError);
		expect((error as Error).message).toMatch(/plain `yield` of 5.*`yield\*`/);
		expect((error as YieldError).code).toBe("YAMANOTE_YIELD");
	});

	it("is refused in asyncFn calls, in their callers, and after a wait", async () => {
		const inner = asyncFn(function* () {
			yield* yieldNow();
			yield "plain";
		} as Any) as unknown as () => Generator<never, void, unknown>;
		const outer = asyncFn(function* () {
			yield* inner();
		});
		await expect(run(outer())).rejects.toBeInstanceOf(YieldError);
		const first = asyncFn(function* () {
			yield "plain";
		} as Any) as unknown as () => Generator<never, void, unknown>;
		await expect(
			run(function* () {
				yield* first();
			}),
		).rejects.toBeInstanceOf(YieldError);
	});

	it("in cleanup is kept as an error of cleanup", async () => {
		const task = spawn(function* () {
			try {
				yield* pending();
			} finally {
				yield "plain";
			}
		} as Any);
		await microtasks();
		task.abort();
		await expect(task).rejects.toMatchObject({ suppressed: expect.any(YieldError) });
	});

	it("in a branch fails the branch", async () => {
		await expect(
			run(
				race([
					pending(),
					function* () {
						yield 1;
					} as Any,
				]),
			),
		).rejects.toBeInstanceOf(YieldError);
	});

	it("of an iterator without throw fails the task", async () => {
		const iterator = {
			next: () => ({ done: false, value: "plain" }),
			[Symbol.iterator]() {
				return this;
			},
		};
		await expect(run(iterator as Any)).rejects.toBeInstanceOf(YieldError);
	});
});
