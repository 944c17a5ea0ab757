// @engines node20 node22 node24 node26 bun deno
import { describe, expect, it } from "vitest";
import {
	asyncFn,
	attempt,
	join,
	Pending,
	pending,
	pollFn,
	Runtime,
	run,
	select,
	sleep,
	timeout,
	yieldNow,
} from "yamanote";
import { broadcast } from "yamanote/sync";
import { collect, expectWellFormed, here, placeOf, severalBeats } from "./collect.ts";

const limit = { timeout: 30_000 };

describe("a task that wakes itself in a storm", () => {
	it("is told of a future that wakes its own task, and is never ready", limit, async () => {
		using found = collect({ wakeStorm: { polls: 2_000 } });
		let place = "";
		let polls = 0;
		await run(
			function* () {
				place = here(1);
				yield* pollFn((cx) => {
					if (++polls > 20_000) return 1;
					cx.waker.wake();
					return Pending;
				});
			},
			{ name: "spinner" },
		);
		const [first, ...others] = found.all;
		expect(others).toEqual([]);
		expectWellFormed(first);
		expect(first?.code).toBe("YAMANOTE_WAKE_STORM");
		expect(first?.name).toBe("spinner");
		expect(placeOf(first?.place)).toBe(place);
		expect(first?.message).toMatch(/polled the same future \d+ times/);
	});

	it("is told of a loop that gives way and asks again, inside a timeout as well", limit, async () => {
		using found = collect({ wakeStorm: { yields: 3_000 } });
		let place = "";
		let asked = 0;
		await run(
			timeout(60_000, function* () {
				place = here(1);
				while (++asked < 30_000) yield* yieldNow();
			}),
		);
		expect(found.all.map((d) => [d.code, placeOf(d.place)])).toEqual([["YAMANOTE_WAKE_STORM", place]]);
		expect(found.all[0]?.message).toMatch(/gave way \d+ times/);
	});

	it("is not told of tasks that are woken by others, or give way a few thousand times", limit, async () => {
		using found = collect({ wakeStorm: {} });
		const [tx] = broadcast.channel<number>(16);
		const rx = tx.subscribe();
		await run(
			join([
				function* () {
					for (let i = 0; i < 20_000; i++) {
						tx.send(i);
						yield* rx.recv();
					}
				},
				function* () {
					for (let i = 0; i < 20_000; i++) yield* yieldNow();
				},
			]),
		);
		for (let i = 0; i < 100; i++) await run(select({ tick: yieldNow(), never: sleep(1_000) }));
		expect(found.all).toEqual([]);
	});
});

describe("a receiver that lags", () => {
	it("is told with what it has missed, and where it receives", async () => {
		using found = collect({ lagged: true });
		const [tx, rx] = broadcast.channel<number>(2);
		let place = "";
		await run(
			function* () {
				for (let i = 0; i < 5; i++) tx.send(i);
				try {
					place = here(1);
					yield* rx.recv();
				} catch {}
			},
			{ name: "slow" },
		);
		const [first, ...others] = found.all;
		expect(others).toEqual([]);
		expectWellFormed(first);
		expect(first?.code).toBe("YAMANOTE_LAGGED");
		expect(first?.details).toEqual({ missed: 3, capacity: 2 });
		expect([first?.name, placeOf(first?.place)]).toEqual(["slow", place]);
	});

	it("is told where it receives inside of combinators", async () => {
		using found = collect({ lagged: true });
		const [tx] = broadcast.channel<number>(2);
		const places: string[] = [];
		const fill = (): void => {
			for (let i = 0; i < 5; i++) tx.send(i);
		};
		const inner = asyncFn(function* inner(rx: broadcast.Receiver<number>) {
			places.push(here(1));
			return yield* attempt(select({ got: timeout(60_000, rx.recv()), never: pending() }));
		});
		await run(function* () {
			const [one, two] = [tx.subscribe(), tx.subscribe()];
			fill();
			places.push(here(1));
			yield* attempt(one.recv());
			yield* inner(two);
		});
		expect(found.all.map((d) => placeOf(d.place))).toEqual(places);
	});

	it("is not told of one that keeps up", async () => {
		using found = collect({ lagged: true });
		const [tx, rx] = broadcast.channel<number>(2);
		await run(function* () {
			for (let i = 0; i < 10; i++) {
				tx.send(i);
				yield* rx.recv();
			}
		});
		expect(found.all).toEqual([]);
	});
});

describe("a loop that is not served", () => {
	it("is told with the tasks that kept it", limit, async () => {
		using found = collect({ starvedLoop: { thresholdMs: 50 } });
		await severalBeats();
		const runtime = new Runtime({ name: "greedy", hostYield: 1_000 });
		const spin = asyncFn(function* spin() {
			const end = performance.now() + 20_000;
			while (found.all.length === 0 && performance.now() < end) yield* yieldNow();
		});
		await runtime.blockOn(join([spin(), spin()]));
		await runtime.shutdown();
		const [first] = found.all;
		expectWellFormed(first);
		expect(first?.code).toBe("YAMANOTE_STARVED_LOOP");
		expect(first?.runtime).toBe("greedy");
		expect(first?.details["ms"]).toBeGreaterThanOrEqual(200);
	});

	it("is told where the task stands that goes on first", limit, async () => {
		using found = collect({ starvedLoop: { thresholdMs: 50 } });
		await severalBeats();
		const runtime = new Runtime({ name: "greedy", hostYield: 1_000 });
		let place = "";
		await runtime.blockOn(function* () {
			const end = performance.now() + 20_000;
			place = here(1);
			while (found.all.length === 0 && performance.now() < end) yield* yieldNow();
		});
		await runtime.shutdown();
		expect(found.all.map((d) => placeOf(d.place))).toEqual([place]);
	});

	it("is not told of tasks that give way", limit, async () => {
		using found = collect({ starvedLoop: { thresholdMs: 5_000 } });
		const end = performance.now() + 500;
		await run(function* () {
			while (performance.now() < end) yield* yieldNow();
		});
		await severalBeats();
		expect(found.all).toEqual([]);
	});
});
