import { describe, expect, it } from "vitest";
import {
	asyncFn,
	attempt,
	type Future,
	FutureConsumedError,
	join,
	pending,
	race,
	ready,
	run,
	shared,
	spawn,
	yieldNow,
} from "yamanote";
import { byHand } from "../support/by-hand.ts";
import { gate } from "../support/gate.ts";
import { hostTurn, microtasks } from "../support/host.ts";

describe("shared", () => {
	it("runs once, for any number of waiters, at any time", async () => {
		let runs = 0;
		const config = shared(function* () {
			runs++;
			yield* yieldNow();
			return { port: 80 };
		});
		const [a, b] = await run(join([config, config]));
		expect(a).toBe(b);
		expect(await run(config)).toBe(a);
		expect(await config).toBe(a);
		expect(await config).toBe(a);
		expect(runs).toBe(1);
	});

	it("is lazy, and stands still when nobody waits", async () => {
		const door = gate<string>();
		const both = shared(door);
		await hostTurn();
		expect(door.polls).toBe(0);
		await run(race([both, yieldNow()]));
		expect([door.polls, door.drops]).toEqual([1, 0]);
		door.open("kept");
		await hostTurn();
		expect(door.polls).toBe(1);
		expect(await run(both)).toBe("kept");
	});

	it("gives the same failure to all", async () => {
		const error = new Error("shared failure");
		const bad = shared(async () => {
			throw error;
		});
		const results = await run(join([attempt(bad), attempt(bad)]));
		expect(results).toEqual([
			{ ok: false, error },
			{ ok: false, error },
		]);
		await expect(run(bad)).rejects.toBe(error);
	});

	it("goes on when the waiter that drove it leaves", async () => {
		const door = gate<string>();
		const both = shared(function* () {
			yield* yieldNow();
			return yield* door;
		});
		const first = spawn(function* () {
			return yield* both;
		});
		const second = spawn(function* () {
			return yield* both;
		});
		await microtasks();
		first.abort();
		await expect(first).rejects.toThrow();
		door.open("for the second");
		expect(await second).toBe("for the second");
	});

	it("goes on when the waiter that was woken leaves before it polls", async () => {
		const door = gate<string>();
		const both = shared(door);
		const waiters = [0, 1, 2].map(() =>
			spawn(function* () {
				return yield* both;
			}),
		);
		await microtasks();
		door.open("value");
		waiters[0]?.abort();
		waiters[1]?.abort();
		for (const w of waiters.slice(0, 2)) await expect(w).rejects.toThrow();
		expect(await waiters[2]).toBe("value");
	});

	it("disposed, it is cancelled", async () => {
		const door = gate();
		const both = shared(door);
		await run(race([both, yieldNow()]));
		both[Symbol.dispose]();
		await hostTurn();
		expect(door.drops).toBe(1);
	});

	it("disposed, fails whoever waits for it, natively or not, and whoever comes later", async () => {
		const both = shared(gate());
		const waits = [
			run(function* () {
				yield* both;
			}),
			both.then(),
		];
		await microtasks();
		both[Symbol.dispose]();
		for (const wait of waits) await expect(wait).rejects.toBeInstanceOf(FutureConsumedError);
		await expect(run(both)).rejects.toBeInstanceOf(FutureConsumedError);
	});

	it("disposed, lets its cleanup wait, and nobody drives that on as if nothing had happened", async () => {
		const log: string[] = [];
		const slow = gate();
		const both = shared(function* () {
			try {
				yield* pending();
			} finally {
				yield* slow;
				log.push("cleaned");
			}
		});
		const wait = run(both);
		await microtasks();
		both[Symbol.dispose]();
		await expect(wait).rejects.toBeInstanceOf(FutureConsumedError);
		expect(slow.waitedFor).toBe(true);
		slow.open();
		await microtasks();
		expect(log).toEqual(["cleaned"]);
	});

	it("disposed by what it runs itself, is cancelled when that waits", async () => {
		let self: Future<void, unknown>;
		const door = gate();
		self = shared(function* () {
			self[Symbol.dispose]();
			yield* door;
		});
		await expect(run(self)).rejects.toBeInstanceOf(FutureConsumedError);
		expect([door.polls, door.drops]).toEqual([1, 1]);
	});

	it("that waits for itself only waits", async () => {
		let self: Future<void, unknown>;
		self = shared(function* () {
			yield* race([self, yieldNow()]);
		});
		await run(self);
	});

	it("may hold frames and combinators", async () => {
		const inner = asyncFn(function* () {
			yield* yieldNow();
			return 1;
		});
		const both = shared(join([inner(), inner()]));
		expect(await run(join([both, both]))).toEqual([
			[1, 1],
			[1, 1],
		]);
	});

	it("can be polled by hand", () => {
		const door = gate<number>();
		const both = shared(door);
		const a = byHand(both);
		const b = byHand(both);
		a.pending();
		b.pending();
		door.open(1);
		expect([a.wakes, b.wakes]).toEqual([1, 1]);
		expect([a.poll(), b.poll(), a.poll()]).toEqual([1, 1, 1]);
	});

	it("is no list, and refuses what is no future", () => {
		expect(() => [...(shared(pending()) as unknown as Iterable<never>)]).toThrow(/no list/);
		expect(() => shared(5 as never)).toThrow(TypeError);
		expect(shared(ready(1)).then).toBeTypeOf("function");
	});
});
