import { describe, expect, it } from "vitest";
import {
	asyncFn,
	each,
	type Future,
	fromPromise,
	interval,
	JoinSet,
	lazy,
	mapConcurrent,
	pending,
	ready,
	run,
	sleep,
	spawn,
	yieldNow,
} from "yamanote";
import { mpsc } from "yamanote/sync";
import { paused } from "yamanote/testing";
import { reporting } from "../support/failures.ts";
import { deferred, gate } from "../support/gate.ts";
import { hostTurn, hostTurns, microtasks } from "../support/host.ts";

/** Numbers without end, that tell how many were taken and whether they were closed. */
function endless() {
	const told = { taken: 0, closed: 0 };
	function* items() {
		try {
			for (let i = 0; ; i++) {
				told.taken++;
				yield i;
			}
		} finally {
			told.closed++;
		}
	}
	return { items: items(), told };
}

/** The same, asynchronously. */
function endlessAsync() {
	const { items, told } = endless();
	async function* later() {
		yield* items;
	}
	return { items: later(), told };
}

describe("each with concurrency", () => {
	it("runs so many bodies at once, and takes no item before there is a place", async () => {
		for (const make of [endless, endlessAsync]) {
			const { items, told } = make();
			const doors = Array.from({ length: 8 }, () => gate());
			const begun: number[] = [];
			const body = (n: number) => {
				begun.push(n);
				return doors[n] ?? pending();
			};
			const task = spawn(each(items, body, { concurrency: 3 }));
			await microtasks();
			expect([begun, told.taken]).toEqual([[0, 1, 2], 3]);
			doors[1]?.open();
			await microtasks();
			expect([begun, told.taken]).toEqual([[0, 1, 2, 3], 4]);
			doors[0]?.open();
			doors[3]?.open();
			await microtasks();
			expect([begun, told.taken]).toEqual([[0, 1, 2, 3, 4, 5], 6]);
			task.abort();
			await expect(task).rejects.toThrow();
			expect([told.closed, doors.map((door) => door.drops)]).toEqual([1, [0, 0, 1, 0, 1, 1, 0, 0]]);
		}
	});

	it("ends when all bodies have, of each kind of source", async () => {
		async function* later() {
			yield 1;
			await hostTurn();
			yield 2;
			yield 3;
		}
		const [tx, rx] = mpsc.channel<number>(4);
		for (const n of [1, 2, 3]) tx.trySend(n);
		tx.close();
		const stream = new ReadableStream<number>({
			start(controller) {
				for (const n of [1, 2, 3]) controller.enqueue(n);
				controller.close();
			},
		});
		let left = [1, 2, 3];
		const receives = { recv: (): Future<number | undefined> => ready(left.shift()) };
		for (const source of [[1, 2, 3], new Set([1, 2, 3]), later(), rx, stream, receives]) {
			const log: string[] = [];
			await run(
				each(
					source,
					function* (n) {
						for (let i = 0; i < 4 - n; i++) yield* yieldNow();
						log.push(`${n}`);
					},
					{ concurrency: 3 },
				),
			);
			expect(log.sort()).toEqual(["1", "2", "3"]);
		}
		left = [];
		await run(each(receives, () => expect.unreachable() as never, { concurrency: 2 }));
	});

	it("takes bodies of each kind, and gives them nothing but the item", async () => {
		const seen: unknown[] = [];
		const bodies = [
			async (...args: unknown[]) => void seen.push(args),
			(...args: unknown[]) => ready(seen.push(args)),
			function* (...args: unknown[]) {
				yield* yieldNow();
				seen.push(args);
			},
			asyncFn(function* (...args: unknown[]) {
				yield* yieldNow();
				seen.push(args);
			}),
		];
		for (const body of bodies) await run(each(["item"], body as never, { concurrency: 2 }));
		expect(seen).toEqual([["item"], ["item"], ["item"], ["item"]]);
	});

	it("is one after the other with a concurrency of 1, as without", async () => {
		for (const options of [{ concurrency: 1 }, { concurrency: undefined }, {}, undefined]) {
			let running = 0;
			await run(
				each(
					[1, 2, 3],
					function* () {
						expect(++running).toBe(1);
						yield* yieldNow();
						running--;
					},
					options,
				),
			);
		}
	});

	it("runs all at once with Infinity", async () => {
		const doors = Array.from({ length: 1_000 }, () => gate());
		const task = spawn(each(doors, (door) => door, { concurrency: Infinity }));
		await hostTurn();
		expect(doors.filter((door) => door.waitedFor).length).toBe(1_000);
		for (const door of doors) door.open();
		await task;
	});

	it("cannot hold the loop, though its items and bodies are ready at once, or without end", async () => {
		for (const concurrency of [2, Infinity]) {
			for (const body of [() => ready(undefined), () => pending()]) {
				const { items, told } = endless();
				const task = spawn(each(items, body, { concurrency }));
				await hostTurn();
				task.abort();
				await expect(task).rejects.toThrow();
				expect(told.closed).toBe(1);
			}
		}
	});

	it("`false` takes no more items, closes the source, and lets go on what runs", async () => {
		for (const make of [endless, endlessAsync]) {
			const { items, told } = make();
			const door = gate();
			const log: unknown[] = [];
			const task = spawn(
				each(
					items,
					function* (n) {
						if (n === 0) yield* door;
						log.push(n);
						return n === 2 ? false : n === 1 ? 0 : undefined;
					},
					{ concurrency: 2 },
				),
			);
			await hostTurns(3);
			expect([log, told.taken, task.isFinished]).toEqual([[1, 2], 3, false]);
			door.open();
			await task;
			expect([log, told.taken, told.closed]).toEqual([[1, 2, 0], 3, 1]);
		}
	});

	it("`false` gives up the wait for an item, and loses no message", async () => {
		const [tx, rx] = mpsc.channel<number>(4);
		const door = gate();
		const task = spawn(each(rx, () => fromDoor(door), { concurrency: 2 }));
		function* fromDoor(d: Future<void>) {
			yield* d;
			return false;
		}
		await tx.send(1);
		await microtasks();
		// It is handed to the wait, which has not been polled yet when it is given up.
		door.open();
		tx.trySend(2);
		await task;
		expect(rx.tryRecv()).toBe(2);
	});

	it("at the first failure cancels the others, waits for their cleanup, closes the source, and throws it", async () => {
		const { items, told } = endless();
		const log: string[] = [];
		const failing = each(
			items,
			function* (n) {
				if (n === 1) {
					yield* yieldNow();
					throw new Error("second failed");
				}
				try {
					yield* pending();
				} finally {
					yield* yieldNow();
					log.push(`cleaned ${n}, closed ${told.closed}`);
				}
			},
			{ concurrency: 3 },
		);
		await expect(run(failing)).rejects.toThrow("second failed");
		expect(log).toEqual(["cleaned 0, closed 0", "cleaned 2, closed 0"]);
		expect(told.closed).toBe(1);
	});

	it("does not wait for an async generator that is busy with its next item when a body fails, and closes it all the same", async () => {
		const busy = deferred();
		let closed = 0;
		async function* items() {
			try {
				yield 1;
				await busy.promise;
				yield 2;
			} finally {
				closed++;
			}
		}
		const failing = each(items(), async () => Promise.reject(new Error("no")), { concurrency: 2 });
		await expect(run(failing)).rejects.toThrow("no");
		expect(closed).toBe(0);
		busy.resolve();
		await microtasks();
		expect(closed).toBe(1);
	});

	it("waits for a source to close that is not busy", async () => {
		const log: string[] = [];
		async function* items() {
			try {
				for (let i = 0; ; i++) yield i;
			} finally {
				await hostTurn();
				log.push("closed");
			}
		}
		const failing = each(items(), async (n) => (n === 1 ? Promise.reject(new Error("no")) : undefined), {
			concurrency: 2,
		});
		await expect(run(failing)).rejects.toThrow("no");
		expect(log).toEqual(["closed"]);
	});

	it("keeps the failure when the source cannot be closed, and reports that", async () => {
		const source = (kind: symbol, back: () => unknown) => ({
			[kind]: () => ({ next: () => ({ done: false, value: 1 }), return: back }),
		});
		const throws = () => {
			throw new Error("not closed");
		};
		for (const items of [
			source(Symbol.iterator, throws),
			source(Symbol.asyncIterator, () => Promise.reject(new Error("not closed"))),
		]) {
			await reporting(async (reported) => {
				let calls = 0;
				const fails = () => {
					throw new Error("the failure");
				};
				const body = () => (calls++ === 0 ? pending() : lazy(fails));
				const failing = each(items as never as number[], body, { concurrency: 2 });
				await expect(run(failing)).rejects.toThrow("the failure");
				await microtasks();
				expect(reported.map(({ when, error }) => [when, (error as Error).message])).toEqual([
					["cleanup", "not closed"],
				]);
			});
		}
	});

	it("fails with what the source throws, which has ended by itself", async () => {
		for (const kind of [Symbol.iterator, Symbol.asyncIterator]) {
			let at = 0;
			let returned = 0;
			const source = {
				[kind]: () => ({
					next() {
						if (at++ === 1) throw new Error("source failed");
						return { done: false, value: at };
					},
					return: () => ({ done: true, value: returned++ }),
				}),
			} as unknown as Iterable<number>;
			const door = gate();
			await expect(run(each(source, () => door, { concurrency: 2 }))).rejects.toThrow("source failed");
			expect([door.drops, returned]).toEqual([1, 0]);
		}
	});

	it("fails where an iterator gives what is no result, and cancels the others", async () => {
		for (const made of [<T>(value: T) => value, async <T>(value: T) => value]) {
			let at = 0;
			const next = () => made(at++ === 0 ? { done: false, value: 1 } : undefined);
			const source = { [Symbol.asyncIterator]: () => ({ next }) } as unknown as AsyncIterable<number>;
			const door = gate();
			await expect(run(each(source, () => door, { concurrency: 2 }))).rejects.toThrow(TypeError);
			expect(door.drops).toBe(1);
		}
	});

	it("closes a stream of the web at once when it is cancelled or fails while it waits for a chunk, and waits for that", async () => {
		for (const how of ["cancel", "fail"]) {
			let cancelled = 0;
			const stream = new ReadableStream<number>({
				start: (controller) => controller.enqueue(1),
				cancel() {
					cancelled++;
					return hostTurn();
				},
			});
			const door = gate();
			const task = spawn(each(stream, () => door, { concurrency: 2 }));
			await hostTurns(2);
			if (how === "cancel") task.abort();
			else door.fail(new Error("no"));
			await expect(task).rejects.toThrow();
			expect([cancelled, stream.locked]).toEqual([1, false]);
		}
	});
});

describe("each with concurrency over a receiver", () => {
	it("loses no message when it is cancelled, or fails, while it waits for one", async () => {
		for (const how of ["cancel", "fail"]) {
			const [tx, rx] = mpsc.channel<number>(4);
			const door = gate();
			const seen: number[] = [];
			const body = function* (n: number) {
				seen.push(n);
				yield* door;
			};
			const task = spawn(each(rx, body, { concurrency: 3 }));
			await tx.send(1);
			await hostTurn();
			if (how === "cancel") task.abort();
			else door.fail(new Error("no"));
			// In the same turn: it is handed to the wait that is given up.
			tx.trySend(2);
			await expect(task).rejects.toThrow();
			await tx.send(3);
			await hostTurn();
			expect([...seen, rx.tryRecv(), rx.tryRecv()]).toEqual([1, 2, 3]);
		}
	});

	it("has begun the body of each message that it has taken, whatever comes in the same turn", async () => {
		type Map = (rx: mpsc.Receiver<number>, body: (n: number) => Future<void>) => Future<unknown, unknown>;
		const ways: Map[] = [(rx, body) => each(rx, body, { concurrency: 3 }), (rx, body) => mapConcurrent(rx, 3, body)];
		for (const way of ways) {
			const [tx, rx] = mpsc.channel<number>(4);
			const door = gate();
			const seen: number[] = [];
			const body = asyncFn(function* (n: number) {
				seen.push(n);
				yield* door;
			});
			const task = spawn(way(rx, body));
			await tx.send(1);
			await hostTurn();
			tx.trySend(2);
			door.fail(new Error("no"));
			await expect(task).rejects.toThrow("no");
			expect(seen).toEqual([1, 2]);
		}
	});

	it("leaves the sender waiting as long as there is no place", async () => {
		const [tx, rx] = mpsc.channel<number>(1);
		const doors = Array.from({ length: 5 }, () => gate());
		const served = spawn(each(rx, (n) => doors[n] ?? pending(), { concurrency: 2 }));
		let sent = 0;
		const sender = spawn(function* () {
			for (let i = 0; i < 5; i++) {
				yield* tx.send(i);
				sent++;
			}
			tx.close();
		});
		await hostTurns(3);
		expect(sent).toBe(3); // two bodies, one message in the channel
		doors[1]?.open();
		await hostTurns(3);
		expect(sent).toBe(4);
		for (const door of doors) door.open();
		await sender;
		await served;
	});

	it(
		"serves several at once as they come, and takes ticks of an interval",
		paused(function* () {
			const at: number[] = [];
			let running = 0;
			let most = 0;
			yield* each(
				interval(10),
				function* () {
					at.push(at.length);
					most = Math.max(most, ++running);
					yield* sleep(25);
					running--;
					return at.length < 6;
				},
				{ concurrency: 3 },
			);
			expect(most).toBe(3);
			expect(running).toBe(0);
		}),
	);

	it("takes what a JoinSet gives, and leaves what has not ended to it", async () => {
		const set = new JoinSet<number>();
		const doors = Array.from({ length: 3 }, () => gate<number>());
		for (const door of doors) set.spawn(door);
		const seen: number[] = [];
		const task = spawn(each(set, async (n) => void seen.push(n), { concurrency: 2 }));
		doors[1]?.open(1);
		await hostTurn();
		task.abort();
		await expect(task).rejects.toThrow();
		doors[0]?.open(0);
		await hostTurn();
		expect([seen, set.size]).toEqual([[1], 2]);
		expect(await set.joinNext()).toBe(0);
		await set.shutdown();
	});

	it("fails as a task of a JoinSet does, and cancels the others", async () => {
		const set = new JoinSet<number>();
		const door = gate();
		set.spawn(ready(1));
		set.spawn(async ({ run }) => {
			await run(yieldNow());
			throw new Error("task failed");
		});
		await expect(run(each(set, () => door, { concurrency: 3 }))).rejects.toThrow("task failed");
		expect([door.drops, set.size]).toEqual([1, 0]);
	});
});

describe("bodies that run beside each other", () => {
	it("have each a signal of their own, that is aborted with them", async () => {
		const signals: AbortSignal[] = [];
		const task = spawn(
			each(
				[1, 2, 3],
				() =>
					fromPromise(
						(signal) =>
							new Promise((_, reject) => {
								signals.push(signal);
								signal.addEventListener("abort", () => reject(signal.reason), { once: true });
							}),
					),
				{ concurrency: 2 },
			),
		);
		await microtasks();
		expect(signals.map((signal) => signal.aborted)).toEqual([false, false]);
		expect(signals[0]).not.toBe(signals[1]);
		task.abort();
		await expect(task).rejects.toThrow();
		expect(signals.map((signal) => signal.aborted)).toEqual([true, true]);
	});
});
