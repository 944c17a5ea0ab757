// Rule 14: what the platform has, in and out.
import { describe, expect, it } from "vitest";
import {
	type Async,
	asyncFn,
	CancelledError,
	each,
	Future,
	FuturesUnordered,
	interval,
	JoinSet,
	mapConcurrent,
	pending,
	Runtime,
	ready,
	run,
	sleep,
	spawn,
	yieldNow,
} from "yamanote";
import { broadcast, mpsc, watch } from "yamanote/sync";
import { paused } from "../support/clock.ts";
import { counted } from "../support/counted-signal.ts";
import { hostTurn, microtasks } from "../support/host.ts";

describe("rule 14: AbortSignal in", () => {
	const takers: Record<string, (signal: AbortSignal, body: () => Generator<never, string>) => Promise<unknown>> = {
		"run(f, { signal })": (signal, body) => run(body, { signal }),
		"spawn(f, { signal })": (signal, body) => spawn(body, { signal }).then((v) => v),
		"runtime.blockOn(f, { signal })": async (signal, body) => {
			await using runtime = new Runtime();
			return await runtime.blockOn(body, { signal });
		},
	};
	for (const [what, take] of Object.entries(takers)) {
		it(`${what}: listened to while it runs, and no longer`, async () => {
			const { controller, listeners } = counted();
			let during = 0;
			const value = await take(controller.signal, function* () {
				during = listeners();
				yield* yieldNow() as unknown as Async<void>;
				return "done";
			} as never);
			expect([value, during, listeners()]).toEqual(["done", 1, 0]);
		});

		it(`${what}: aborts, with its reason`, async () => {
			const { controller } = counted();
			const end = take(controller.signal, function* () {
				yield* pending() as unknown as Async<void>;
				return "never";
			} as never).catch((error: unknown) => error);
			await microtasks();
			const why = new RangeError("why");
			controller.abort(why);
			const error = await end;
			expect(error instanceof CancelledError ? error.reason : error).toBe(why);
		});
	}
});

describe("rule 14: AbortSignal out", () => {
	it("made on first use: a body that does not ask has none", async () => {
		const Native = globalThis.AbortController;
		let made = 0;
		globalThis.AbortController = class extends Native {
			constructor() {
				super();
				made++;
			}
		};
		try {
			await run(async () => {});
			await run(async ({ run: wait }) => wait(yieldNow()));
			expect(made).toBe(0);
			await run(async (task) => {
				expect(task.signal).toBe(task.signal);
			});
			expect(made).toBe(1);
		} finally {
			globalThis.AbortController = Native;
		}
	});

	it("not aborted by the end of its body", async () => {
		let signal: AbortSignal | undefined;
		await run(async (task) => {
			({ signal } = task);
		});
		await hostTurn();
		expect(signal?.aborted).toBe(false);
	});

	it("first asked for when the body is cancelled already: aborted", async () => {
		let seen: boolean | undefined;
		const task = spawn(async (t) => {
			try {
				await t.run(pending());
			} finally {
				seen = t.signal.aborted;
			}
		});
		await microtasks();
		task.abort();
		await task.catch(() => {});
		expect(seen).toBe(true);
	});
});

describe("rule 14: AsyncIterable out", () => {
	it("a receiving end in for await, which ends with the channel, and can be left and taken up again", async () => {
		const [tx, rx] = mpsc.channel<number>(8);
		for (let i = 0; i < 5; i++) tx.trySend(i);
		const got: number[] = [];
		for await (const n of rx) {
			got.push(n);
			if (n === 1) break;
		}
		tx.release();
		for await (const n of rx) got.push(n);
		expect(got).toEqual([0, 1, 2, 3, 4]);
	});

	it("a broadcast and a watch receiver, unordered futures, a set of tasks", async () => {
		const [tx, rx] = broadcast.channel<string>(4);
		tx.send("a");
		tx.close();
		const [latest, seen] = watch.channel("first");
		latest.send("second");
		latest.close();
		const set = new JoinSet<number>();
		set.spawn(ready(1));
		const futures = new FuturesUnordered([ready("x")]);
		const all = async (source: AsyncIterable<unknown>): Promise<unknown[]> => {
			const values: unknown[] = [];
			for await (const value of source) values.push(value);
			return values;
		};
		expect([await all(rx), await all(seen), await all(set), await all(futures)]).toEqual([
			["a"],
			["second"],
			[1],
			["x"],
		]);
	});

	it("an interval, which is left by break", async () => {
		await paused(async (clock) => {
			let ticks = 0;
			for await (const _ of interval(10)) if (++ticks === 3) break;
			expect(clock.now).toBe(20);
		});
	});
});

describe("rule 14: AsyncIterable and Web streams in", () => {
	async function* numbers(n: number, log: string[]): AsyncGenerator<number> {
		try {
			for (let i = 0; i < n; i++) yield i;
		} finally {
			log.push("closed");
		}
	}

	it("each takes an async iterable, and closes it when it is left", async () => {
		const log: string[] = [];
		const seen: number[] = [];
		await run(
			each(numbers(3, log), function* (n) {
				yield* yieldNow();
				seen.push(n);
			}),
		);
		expect([seen, log]).toEqual([[0, 1, 2], ["closed"]]);
		const failing = each(numbers(3, log), function* () {
			throw new RangeError("enough");
		});
		await expect(run(failing)).rejects.toThrow("enough");
		expect(log).toEqual(["closed", "closed"]);
	});

	it("so does mapConcurrent", async () => {
		const log: string[] = [];
		expect(await run(mapConcurrent(numbers(4, log), 2, (n) => ready(n * 10)))).toEqual([0, 10, 20, 30]);
		expect(log).toEqual(["closed"]);
	});

	it("and what the platform has that is async iterable, such as a ReadableStream", async () => {
		const stream = new ReadableStream<number>({
			start(controller) {
				for (let i = 0; i < 3; i++) controller.enqueue(i);
				controller.close();
			},
		}) as ReadableStream<number> & AsyncIterable<number>;
		// Not every engine iterates streams.
		if (!(Symbol.asyncIterator in stream)) return;
		const seen: number[] = [];
		await run(
			each(stream, function* (n) {
				seen.push(n);
			}),
		);
		expect(seen).toEqual([0, 1, 2]);
	});
});

describe("rule 14: futures are thenable, and cannot be the value of a promise", () => {
	it("every future has then, catch and finally", () => {
		for (const future of [ready(1), sleep(1), asyncFn(function* () {})(), spawn(ready(1))]) {
			expect(future).toBeInstanceOf(Future);
			for (const name of ["then", "catch", "finally"] as const) expect(typeof future[name]).toBe("function");
		}
	});

	it("one that an async function returns is started and adopted", async () => {
		let ran = 0;
		const call = asyncFn(function* () {
			ran++;
			yield* yieldNow();
			return "adopted";
		});
		const returned = (async () => call())();
		expect(await returned).toBe("adopted");
		expect(ran).toBe(1);
	});

	it("so is one that a promise is resolved with, and a failure of it rejects", async () => {
		expect(await new Promise((resolve) => resolve(ready("value")))).toBe("value");
		expect(await Promise.resolve(ready(2))).toBe(2);
		const fails = asyncFn(function* () {
			yield* yieldNow();
			throw new RangeError("adopted failure");
		});
		await expect(Promise.resolve(fails())).rejects.toThrow("adopted failure");
	});

	it("a handle that goes through a channel and is awaited natively gives its value: inside an object it stays a handle", async () => {
		const [tx, rx] = mpsc.channel<{ handle: Future<string> }>(1);
		const handle = spawn(function* () {
			yield* yieldNow();
			return "of the task";
		});
		tx.trySend({ handle });
		const got = await run(rx.recv());
		expect(got?.handle).toBe(handle);
		expect(await got?.handle).toBe("of the task");
		const [tx2, rx2] = mpsc.channel<Future<string>>(1);
		tx2.trySend(spawn(ready("adopted")));
		// The promise of run adopts it.
		expect(await run(rx2.recv())).toBe("adopted");
	});
});
