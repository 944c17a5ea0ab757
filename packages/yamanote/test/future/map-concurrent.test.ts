import { describe, expect, it } from "vitest";
import { asyncFn, mapConcurrent, pending, ready, run, spawn, yieldNow } from "yamanote";
import { mpmc, mpsc } from "yamanote/sync";
import { reporting } from "../support/failures.ts";
import { gate } from "../support/gate.ts";
import { hostTurn, microtasks } from "../support/host.ts";

describe("mapConcurrent", () => {
	it("gives the results in the order of the items, whatever the order of completion", async () => {
		const result = await run(
			mapConcurrent([3, 1, 2], 3, function* (n, index) {
				for (let i = 0; i < n; i++) yield* yieldNow();
				return `${index}:${n}`;
			}),
		);
		expect(result).toEqual(["0:3", "1:1", "2:2"]);
	});

	it("runs so many at once, and takes items only as places fall free (rule 9)", async () => {
		let running = 0;
		let most = 0;
		let taken = 0;
		function* items() {
			for (let i = 0; i < 10; i++) {
				taken++;
				yield i;
			}
		}
		const seen: number[] = [];
		await run(
			mapConcurrent(items(), 3, function* (n) {
				seen.push(taken - n);
				most = Math.max(most, ++running);
				for (let i = 0; i < (n % 4) + 1; i++) yield* yieldNow();
				running--;
			}),
		);
		expect(most).toBe(3);
		expect(Math.max(...seen)).toBeLessThanOrEqual(3);
	});

	it("takes a limit of 1, and of Infinity", async () => {
		expect(await run(mapConcurrent([1, 2, 3], 1, (n) => ready(n * 2)))).toEqual([2, 4, 6]);
		expect(await run(mapConcurrent(new Set([1, 2, 3]), Infinity, async (n) => n * 2))).toEqual([2, 4, 6]);
	});

	it("of nothing is ready at once, and calls nothing", async () => {
		expect(await run(mapConcurrent([], 3, () => expect.unreachable() as never))).toEqual([]);
	});

	it("goes through thousands that are ready at once", async () => {
		const many = Array.from({ length: 5_000 }, (_, i) => i);
		const result = await run(mapConcurrent(many, 2, (n) => ready(n)));
		expect(result).toEqual(many);
	});

	it("takes an async iterable, item by item", async () => {
		let taken = 0;
		async function* items() {
			for (let i = 0; i < 5; i++) {
				taken++;
				yield i;
			}
		}
		const result = await run(
			mapConcurrent(items(), 2, function* (n) {
				const seen = taken;
				yield* yieldNow();
				return seen - n <= 3;
			}),
		);
		expect(result).toEqual([true, true, true, true, true]);
	});

	it("at the first failure cancels the rest, waits for their cleanup, and throws it", async () => {
		const log: string[] = [];
		let closed = 0;
		function* items() {
			try {
				for (let i = 0; ; i++) yield i;
			} finally {
				closed++;
			}
		}
		const promise = run(
			mapConcurrent(items(), 2, function* (n) {
				if (n === 1) {
					yield* yieldNow();
					throw new Error("second failed");
				}
				try {
					yield* pending();
				} finally {
					yield* yieldNow();
					log.push("cleaned");
				}
			}),
		);
		await expect(promise).rejects.toThrow("second failed");
		expect(log).toEqual(["cleaned"]);
		expect(closed).toBe(1);
	});

	it("dropped, it cancels what runs, and closes its items", async () => {
		let closed = 0;
		function* items() {
			try {
				for (let i = 0; ; i++) yield i;
			} finally {
				closed++;
			}
		}
		const doors = [gate(), gate()];
		const task = spawn(mapConcurrent(items(), 2, (n) => doors[n] ?? pending()));
		await microtasks();
		task.abort();
		await expect(task).rejects.toThrow();
		expect(doors.map((d) => d.drops)).toEqual([1, 1]);
		expect(closed).toBe(1);
	});

	it("closes an async iterable that was not taken to its end", async () => {
		let closed = 0;
		async function* items() {
			try {
				for (let i = 0; ; i++) yield i;
			} finally {
				closed++;
			}
		}
		await expect(
			run(
				mapConcurrent(items(), 1, async (n) => {
					if (n === 2) throw new Error("enough");
				}),
			),
		).rejects.toThrow("enough");
		await hostTurn();
		expect(closed).toBe(1);
	});

	it("loses no message of a receiver when it is cancelled while it waits for one", async () => {
		const [tx, rx] = mpsc.channel<number>(4);
		const seen: number[] = [];
		const task = spawn(mapConcurrent(rx, 2, async (n) => void seen.push(n)));
		await tx.send(1);
		await hostTurn();
		task.abort();
		await expect(task).rejects.toThrow();
		await tx.send(2);
		await hostTurn();
		expect([seen, rx.tryRecv()]).toEqual([[1], 2]);
	});

	it("loses no message of a receiver when it fails while it waits for one", async () => {
		const [tx, rx] = mpmc.channel<number>(4);
		const failing = run(mapConcurrent(rx, 2, async (n) => Promise.reject(new Error(`no ${n}`))));
		await tx.send(1);
		await expect(failing).rejects.toThrow("no 1");
		await tx.send(2);
		await hostTurn();
		expect(rx.tryRecv()).toBe(2);
	});

	it("closes what has `recv` and can be closed, when not all of it was taken", async () => {
		const calls: string[] = [];
		const stream = {
			recv: () => ready<number | undefined>(1),
			async *[Symbol.asyncIterator]() {
				yield await this.recv();
			},
			async [Symbol.asyncDispose]() {
				calls.push("closed");
			},
		};
		await expect(run(mapConcurrent(stream, 1, async () => Promise.reject(new Error("no"))))).rejects.toThrow("no");
		expect(calls).toEqual(["closed"]);
	});

	it("closes its items when the function throws at the call", async () => {
		for (const nth of [1, 2]) {
			let closed = 0;
			function* items() {
				try {
					for (let i = 1; ; i++) yield i;
				} finally {
					closed++;
				}
			}
			const f = (n: number) => {
				if (n === nth) throw new Error("no");
				return ready(n);
			};
			await expect(run(mapConcurrent(items(), 2, f))).rejects.toThrow("no");
			expect(closed).toBe(1);
		}
	});

	it("closes an async iterable when the function throws at the call", async () => {
		for (const nth of [1, 2]) {
			let closed = 0;
			async function* items() {
				try {
					for (let i = 1; ; i++) yield i;
				} finally {
					closed++;
				}
			}
			const no = (n: number) => {
				if (n === nth) throw new Error("no");
				return ready(n);
			};
			await expect(run(mapConcurrent(items(), 2, no))).rejects.toThrow("no");
			// The parameters of a generator function are evaluated at the call.
			const f = function* (n: number, _index: number, value = no(n)) {
				return yield* value;
			};
			await expect(run(mapConcurrent(items(), 2, f))).rejects.toThrow("no");
			expect(closed).toBe(2);
		}
	});

	it("reports an error of closing the items, which takes the place of no failure", async () => {
		const source = (kind: symbol, back: () => unknown) => ({
			[kind]: () => ({ next: () => ({ done: false, value: 1 }), return: back }),
		});
		const throws = () => {
			throw new Error("not closed");
		};
		const rejects = () => Promise.reject(new Error("not closed"));
		for (const items of [
			source(Symbol.iterator, throws),
			source(Symbol.asyncIterator, throws),
			source(Symbol.asyncIterator, rejects),
		]) {
			await reporting(async (reported) => {
				await expect(
					run(
						mapConcurrent(items as never as number[], 1, async () => {
							throw new Error("the failure");
						}),
					),
				).rejects.toThrow("the failure");
				await microtasks();
				expect(reported.map(({ when, error }) => [when, (error as Error).message])).toEqual([
					["cleanup", "not closed"],
				]);
			});
		}
	});

	it("takes no iterator before the first poll", async () => {
		let taken = 0;
		const items = {
			[Symbol.iterator]() {
				taken++;
				return [1, 2][Symbol.iterator]();
			},
		};
		const future = mapConcurrent(items, 1, (n) => ready(n));
		expect(taken).toBe(0);
		expect(await run(future)).toEqual([1, 2]);
		expect(taken).toBe(1);
	});

	it("does not close what has ended by itself", async () => {
		let returned = 0;
		const items = {
			[Symbol.iterator]() {
				let i = 0;
				return {
					next: () => ({ done: i >= 2, value: i++ }),
					return: () => {
						returned++;
						return { done: true, value: undefined };
					},
				};
			},
		};
		await run(mapConcurrent(items as Iterable<number>, 2, (n) => ready(n)));
		expect(returned).toBe(0);
	});

	it("fails with what the iterable throws, and with what the function throws", async () => {
		function* bad() {
			yield 1;
			throw new Error("from the items");
		}
		await expect(run(mapConcurrent(bad(), 2, (n) => ready(n)))).rejects.toThrow("from the items");
		async function* alsoBad() {
			yield 1;
			throw new Error("from the async items");
		}
		await expect(run(mapConcurrent(alsoBad(), 2, (n) => ready(n)))).rejects.toThrow("from the async items");
		await expect(
			run(
				mapConcurrent([1], 2, () => {
					throw new Error("from the function");
				}),
			),
		).rejects.toThrow("from the function");
		await expect(run(mapConcurrent([1], 2, () => 5 as never))).rejects.toThrow(/no future/);
	});

	it("fails with what a body throws before it waits, be it in the first turn or in a later one", async () => {
		for (const at of [0, 1, 4]) {
			const error = new Error("at once");
			const mapped = mapConcurrent([0, 1, 2, 3, 4], 2, function* (n) {
				if (n === at) throw error;
				yield* yieldNow();
			});
			await expect(run(mapped)).rejects.toBe(error);
		}
	});

	it("polls only what was woken", async () => {
		const doors = Array.from({ length: 5 }, () => gate<number>());
		const task = spawn(mapConcurrent(doors, 5, (door) => door));
		await microtasks();
		for (const [i, door] of doors.entries()) {
			door.open(i);
			await microtasks();
		}
		expect(await task).toEqual([0, 1, 2, 3, 4]);
		expect(doors.map((d) => d.polls)).toEqual([2, 2, 2, 2, 2]);
	});

	it("is lazy, and runs in asyncFn calls", async () => {
		let calls = 0;
		const f = asyncFn(function* () {
			return yield* mapConcurrent([1, 2], 2, (n) => {
				calls++;
				return ready(n);
			});
		});
		const future = f();
		await hostTurn();
		expect(calls).toBe(0);
		expect(await run(future)).toEqual([1, 2]);
	});

	it("refuses bad arguments, at the call", () => {
		expect(() => mapConcurrent(5 as never, 1, () => ready(1))).toThrow(/neither a receiver nor iterable/);
		expect(() => mapConcurrent(null as never, 1, () => ready(1))).toThrow(TypeError);
		expect(() => mapConcurrent([], 1, 5 as never)).toThrow(/give a function/);
		for (const limit of [0, -1, 1.5, Number.NaN, "2"])
			expect(() => mapConcurrent([], limit as never, () => ready(1))).toThrow(RangeError);
	});
});
