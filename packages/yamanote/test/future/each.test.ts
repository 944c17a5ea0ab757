import { describe, expect, it } from "vitest";
import { asyncFn, each, type Future, mapConcurrent, pending, ready, run, spawn, yieldNow } from "yamanote";
import { cancelThere } from "../support/cancel-there.ts";
import { reporting } from "../support/failures.ts";
import { gate } from "../support/gate.ts";
import { hostTurn, microtasks } from "../support/host.ts";

/** A receiver, as channels have it. */
function receiver<T>(items: T[]) {
	const source = {
		taken: 0,
		recv(): Future<T | undefined> {
			source.taken++;
			return ready(items.shift());
		},
	};
	return source;
}

/** An iterator that notes whether it was closed. */
function counting(count: number) {
	let at = 0;
	const iterator = {
		closed: 0,
		next: (): IteratorResult<number, undefined> =>
			at < count ? { done: false, value: at++ } : { done: true, value: undefined },
		return(): IteratorResult<number, undefined> {
			iterator.closed++;
			return { done: true, value: undefined };
		},
		[Symbol.iterator](): Iterator<number, undefined> {
			return iterator;
		},
	};
	return iterator;
}

describe("each", () => {
	it("runs the body for each item, one after the other, of a receiver, an iterable, an async iterable", async () => {
		async function* later() {
			yield 1;
			await hostTurn();
			yield 2;
			yield 3;
		}
		for (const source of [receiver([1, 2, 3]), [1, 2, 3], new Set([1, 2, 3]), later()]) {
			const log: string[] = [];
			await run(
				each(source, function* (n) {
					log.push(`begin ${n}`);
					yield* yieldNow();
					log.push(`end ${n}`);
				}),
			);
			expect(log).toEqual(["begin 1", "end 1", "begin 2", "end 2", "begin 3", "end 3"]);
		}
	});

	it("takes bodies of each kind", async () => {
		const seen: unknown[] = [];
		await run(each([1], async (n) => void seen.push(["async", n])));
		await run(each([2], (n) => ready(seen.push(["future", n]))));
		await run(
			each(
				[3],
				asyncFn(function* (n: number) {
					yield* yieldNow();
					seen.push(["asyncFn", n]);
				}),
			),
		);
		expect(seen).toEqual([
			["async", 1],
			["future", 2],
			["asyncFn", 3],
		]);
	});

	it("ends when the body gives false, and only false, and closes the source", async () => {
		const source = counting(5);
		const seen: number[] = [];
		await run(
			each(source, function* (n) {
				seen.push(n);
				return n === 2 ? false : n === 0 ? 0 : undefined;
			}),
		);
		expect(seen).toEqual([0, 1, 2]);
		expect(source.closed).toBe(1);
		const rx = receiver([1, 2, 3]);
		await run(each(rx, async () => false));
		expect(rx.taken).toBe(1);
	});

	it("closes a source that is left early: by a failure of the body, by a cancel", async () => {
		const failing = counting(5);
		await expect(
			run(
				each(failing, async () => {
					throw new Error("body failed");
				}),
			),
		).rejects.toThrow("body failed");
		expect(failing.closed).toBe(1);
		const cancelled = counting(5);
		const task = spawn(each(cancelled, () => pending()));
		await microtasks();
		task.abort();
		await expect(task).rejects.toThrow();
		expect(cancelled.closed).toBe(1);
	});

	it("waits for an async source to close", async () => {
		const log: string[] = [];
		async function* items() {
			try {
				for (let i = 0; ; i++) yield i;
			} finally {
				await hostTurn();
				log.push("closed");
			}
		}
		await run(each(items(), async (n) => n < 2));
		expect(log).toEqual(["closed"]);
	});

	it("keeps the failure of the body when the source cannot be closed, and reports that", async () => {
		const source = {
			[Symbol.asyncIterator]: () => ({
				next: () => ({ done: false, value: 1 }),
				return: () => Promise.reject(new Error("not closed")),
			}),
		} as never as AsyncIterable<number>;
		await reporting(async (reported) => {
			const failing = each(source, () => {
				throw new Error("the failure");
			});
			await expect(run(failing)).rejects.toThrow("the failure");
			expect(reported.map(({ when, error }) => [when, (error as Error).message])).toEqual([["cleanup", "not closed"]]);
		});
		// There is nothing else to throw when the loop is left by `false`.
		await expect(run(each(source, async () => false))).rejects.toThrow("not closed");
	});

	it("closes a receiver that is to be closed, as a stream of a worker is, and keeps the failure of the body", async () => {
		let closed = 0;
		const source = {
			recv: () => ready<number | undefined>(1),
			async [Symbol.asyncDispose]() {
				closed++;
				throw new Error("not closed");
			},
		};
		await reporting(async (reported) => {
			const failing = each(source, () => {
				throw new Error("the failure");
			});
			await expect(run(failing)).rejects.toThrow("the failure");
			expect(reported.map(({ when, error }) => [when, (error as Error).message])).toEqual([["cleanup", "not closed"]]);
		});
		await expect(run(each(source, async () => false))).rejects.toThrow("not closed");
		expect(closed).toBe(2);
	});

	it("tells of the failure of the body, if it is cancelled while the source is being closed", async () => {
		const closing = () => new Promise<never>(() => {});
		const iterable = {
			[Symbol.asyncIterator]: () => ({ next: () => ({ done: false, value: 1 }), return: closing }),
		} as never as AsyncIterable<number>;
		const receiver = { recv: () => ready<number | undefined>(1), [Symbol.asyncDispose]: closing };
		let failure: unknown;
		const fails = (): never => {
			failure = new Error("the failure");
			throw failure;
		};
		for (const make of [
			() => each(iterable, fails),
			() => each(receiver, fails),
			() => each(iterable, fails, { concurrency: 2 }),
			() => mapConcurrent(iterable, 1, fails),
		])
			await reporting(async (reported) => {
				await cancelThere(make());
				expect(reported.map(({ when, error }) => [when, error])).toEqual([["cleanup", failure]]);
			});
	});

	it("does not close a source that has ended", async () => {
		const source = counting(2);
		await run(each(source, async () => {}));
		expect(source.closed).toBe(0);
	});

	it("fails with what the source throws", async () => {
		await expect(
			run(
				each(
					(function* () {
						yield 1;
						throw new Error("source failed");
					})(),
					async () => {},
				),
			),
		).rejects.toThrow("source failed");
		await expect(
			run(
				each(
					(async function* () {
						yield 1;
						throw new Error("async source failed");
					})(),
					async () => {},
				),
			),
		).rejects.toThrow("async source failed");
	});

	it("takes an item only when the body of the one before has ended", async () => {
		const door = gate();
		const rx = receiver([1, 2]);
		const task = spawn(each(rx, () => door));
		await microtasks();
		expect(rx.taken).toBe(1);
		task.abort();
		await expect(task).rejects.toThrow();
		expect([rx.taken, door.drops]).toEqual([1, 1]);
	});

	it("lets the cleanup of a body wait", async () => {
		const log: string[] = [];
		const task = spawn(
			each([1], function* () {
				try {
					yield* pending();
				} finally {
					yield* yieldNow();
					log.push("cleaned");
				}
			}),
		);
		await microtasks();
		task.abort();
		await expect(task).rejects.toThrow();
		expect(log).toEqual(["cleaned"]);
	});

	it("cannot hold the loop, though its items and bodies are ready at once", async () => {
		const source = counting(1_000_000);
		let count = 0;
		const task = spawn(
			each(source, function* () {
				count++;
			}),
		);
		await hostTurn();
		task.abort();
		await expect(task).rejects.toThrow();
		expect(count).toBeLessThan(1_000_000);
		expect(source.closed).toBe(1);
	});

	it("goes through thousands of items", async () => {
		let count = 0;
		await run(each(counting(20_000), () => ready(void count++)));
		expect(count).toBe(20_000);
	});

	it("refuses bad arguments, at the call", () => {
		expect(() => each(5 as never, async () => {})).toThrow(/neither a receiver nor iterable/);
		expect(() => each(null as never, async () => {})).toThrow(TypeError);
		expect(() => each(undefined as never, async () => {})).toThrow(TypeError);
		expect(() => each([], 5 as never)).toThrow(/give a function/);
	});
});
