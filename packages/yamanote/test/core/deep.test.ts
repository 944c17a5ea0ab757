import { describe, expect, it } from "vitest";
import {
	type Async,
	asyncFn,
	attempt,
	type Future,
	NotIterableError,
	pending,
	run,
	spawn,
	timeout,
	tryJoin,
	yieldNow,
} from "yamanote";
import { SyncMutex } from "yamanote/sync";
import { gate } from "../support/gate.ts";
import { until } from "../support/host.ts";

const DEPTH = 100_000;

/** Frames within frames, each begun after a wait; the innermost waits for `leaf`, or ends as it says. */
const count = { begun: 0, cleaned: 0 };
const deep = asyncFn(function* (depth: number, leaf: () => Async<number>): Async<number> {
	count.begun++;
	try {
		yield* yieldNow();
		return depth === 0 ? yield* leaf() : (yield* deep(depth - 1, leaf)) + 1;
	} finally {
		count.cleaned++;
	}
});

describe("rule 3: native stack use never grows with logical depth", () => {
	it("100,000 frames return", async () => {
		const value = await run(
			deep(DEPTH, function* () {
				return 0;
			}),
		);
		expect(value).toBe(DEPTH);
	}, 30_000);

	it("100,000 frames throw", async () => {
		const error = new Error("from the bottom");
		const result = await run(
			attempt(
				deep(DEPTH, function* () {
					yield* yieldNow();
					throw error;
				}),
			),
		);
		expect(!result.ok && result.error).toBe(error);
		expect(error.stack?.split("\n").length).toBeLessThan(100);
	}, 30_000);

	it("100,000 frames are resumed by a wake of the innermost", async () => {
		const door = gate<number>();
		const task = spawn(deep(DEPTH, () => door as unknown as Async<number>));
		await until(() => door.waitedFor);
		door.open(5);
		expect(await task).toBe(DEPTH + 5);
	}, 30_000);

	it("100,000 frames are cancelled, innermost first, each cleaned once", async () => {
		count.begun = count.cleaned = 0;
		const door = gate<number>();
		const task = spawn(deep(DEPTH, () => door as unknown as Async<number>));
		await until(() => door.waitedFor);
		task.abort();
		await expect(task).rejects.toMatchObject({ code: "YAMANOTE_CANCELLED", suppressed: undefined });
		expect(count).toEqual({ begun: DEPTH + 1, cleaned: DEPTH + 1 });
		expect(door.drops).toBe(1);
	}, 30_000);

	it("100,000 frames are cancelled before they have been resumed once", async () => {
		count.begun = count.cleaned = 0;
		const task = spawn(deep(DEPTH, () => pending() as unknown as Async<number>));
		await until(() => count.begun > 1_000);
		task.abort();
		await expect(task).rejects.toThrow();
		expect(count.cleaned).toBe(count.begun);
	}, 30_000);

	it("2,000 frames whose cleanup waits are unwound one after the other", async () => {
		let cleaned = 0;
		const slow = asyncFn(function* (depth: number): Async<void> {
			try {
				yield* yieldNow();
				if (depth === 0) yield* pending();
				else yield* slow(depth - 1);
			} finally {
				yield* yieldNow();
				cleaned++;
			}
		});
		const door = gate();
		const task = spawn(tryJoin([slow(2_000), door]));
		await until(() => door.waitedFor);
		for (let i = 0; i < 2_100; i++) await run(yieldNow());
		task.abort();
		await expect(task).rejects.toMatchObject({ suppressed: undefined });
		expect(cleaned).toBe(2_001);
	}, 30_000);

	it("combinators nested 300 deep are cancelled", async () => {
		let nested: () => Async<number> = function* () {
			yield* pending();
			return 0;
		} as never;
		for (let i = 0; i < 300; i++) {
			const inner = nested;
			nested = (() => timeout(Infinity, tryJoin([inner]))) as never;
		}
		const task = spawn(nested);
		await until(() => true);
		task.abort();
		await expect(task).rejects.toMatchObject({ code: "YAMANOTE_CANCELLED" });
	});

	it("combinators within combinators are cancelled on a native stack that does not grow, innermost first, each cleaned once", async () => {
		const before = Error.stackTraceLimit;
		const nest = asyncFn(function* (depth: number, log: number[], leaf: Future<void>, frames: number[]): Async<void> {
			try {
				if (depth === 0) yield* leaf;
				else yield* tryJoin([nest(depth - 1, log, leaf, frames), pending()]);
			} finally {
				if (depth % 50 === 0) frames.push((new Error("here").stack ?? "").split("\n").length);
				if (depth % 50 === 0) yield* yieldNow();
				log.push(depth);
			}
		});
		const most: number[] = [];
		Error.stackTraceLimit = 100_000;
		try {
			for (const depth of [200, 400]) {
				const log: number[] = [];
				const frames: number[] = [];
				const leaf = gate();
				const task = spawn(nest(depth, log, leaf, frames));
				await until(() => leaf.waitedFor);
				task.abort();
				await expect(task).rejects.toMatchObject({ suppressed: undefined });
				expect(log).toEqual(Array.from({ length: depth + 1 }, (_, i) => i));
				expect(leaf.drops).toBe(1);
				most.push(Math.max(...frames));
			}
		} finally {
			Error.stackTraceLimit = before;
		}
		const [shallow = 0, deeper = 0] = most;
		expect(deeper).toBeLessThan(1.2 * shallow);
	});

	describe("calls that begin before any of them waits", () => {
		const nest = asyncFn(function* (depth: number, leaf: () => Async<number>): Async<number> {
			count.begun++;
			try {
				return depth === 0 ? yield* leaf() : (yield* nest(depth - 1, leaf)) + 1;
			} finally {
				count.cleaned++;
			}
		});
		const zero = function* (): Async<number> {
			return 0;
		};

		it("100,000 frames return in one poll", async () => {
			const handle = spawn(nest(DEPTH, zero));
			const other = spawn(function* () {
				return handle.isFinished;
			});
			expect(await handle).toBe(DEPTH);
			expect(await other).toBe(true);
		}, 30_000);

		it("100,000 frames throw", async () => {
			const error = new Error("from the bottom");
			const fails = function* (): Async<number> {
				throw error;
			};
			await expect(run(nest(DEPTH, fails))).rejects.toBe(error);
		}, 30_000);

		it("100,000 frames are cancelled, each cleaned once", async () => {
			count.begun = count.cleaned = 0;
			const door = gate<number>();
			const task = spawn(nest(DEPTH, () => door as unknown as Async<number>));
			await until(() => door.waitedFor);
			task.abort();
			await expect(task).rejects.toMatchObject({ code: "YAMANOTE_CANCELLED", suppressed: undefined });
			expect(count).toEqual({ begun: DEPTH + 1, cleaned: DEPTH + 1 });
		}, 30_000);

		it("in cleanup", async () => {
			let value: number | undefined;
			const task = spawn(function* () {
				try {
					yield* pending();
				} finally {
					value = yield* nest(2_000, zero);
				}
			});
			await run(yieldNow());
			task.abort();
			await expect(task).rejects.toMatchObject({ code: "YAMANOTE_CANCELLED", suppressed: undefined });
			expect(value).toBe(2_000);
		});

		it("in branches, and in one that is polled by hand", async () => {
			const both = tryJoin([nest(1_000, zero), timeout(Infinity, nest(1_000, zero))]);
			expect(await run(both)).toEqual([1_000, 1_000]);
			expect(nest(1_000, zero).poll({ waker: { wake() {} } })).toBe(1_000);
		});

		it("is no suspension for a guard that must not live across one", async () => {
			const lock = new SyncMutex(0);
			const value = await run(function* () {
				using guard = lock.lock();
				guard.value = yield* nest(2_000, zero);
				return guard.value;
			});
			expect(value).toBe(2_000);
		});

		it("a wait that was refused does not stay behind", async () => {
			const value = await run(
				asyncFn(function* (depth: number): Async<number> {
					const again = asyncFn(function* (left: number): Async<number> {
						if (left > 0) return yield* again(left - 1);
						expect(() => [...(nest(1_000, zero) as Iterable<unknown>)]).toThrow(NotIterableError);
						yield* yieldNow();
						return 7;
					});
					return yield* again(depth);
				})(20),
			);
			expect(value).toBe(7);
		});
	});
});
