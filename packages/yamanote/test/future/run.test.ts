import { describe, expect, it } from "vitest";
import { asyncFn, fail, pending, ready, run, spawn, yieldNow } from "yamanote";
import { counted } from "../support/counted-signal.ts";
import { reporting } from "../support/failures.ts";
import { gate } from "../support/gate.ts";
import { hostTurn, microtasks } from "../support/host.ts";

class Bad extends Error {
	readonly code = "BAD";
}

describe("run", () => {
	it("gives a real promise of the value of whatever can be waited for", async () => {
		const promise = run(ready(1));
		expect(promise).toBeInstanceOf(Promise);
		expect(await promise).toBe(1);
		expect(await run(Promise.resolve(2))).toBe(2);
		expect(await run(async () => 3)).toBe(3);
	});

	it("with a signal, cancels, waits for cleanup, and rejects with the signal's reason", async () => {
		const stop = new AbortController();
		const log: string[] = [];
		const promise = run(
			function* () {
				try {
					yield* pending();
				} finally {
					yield* yieldNow();
					log.push("cleaned");
				}
			},
			{ signal: stop.signal },
		);
		await microtasks();
		const reason = new Bad("stop");
		stop.abort(reason);
		await expect(promise).rejects.toBe(reason);
		expect(log).toEqual(["cleaned"]);
	});

	it("with a signal that is aborted already, runs nothing", async () => {
		let ran = 0;
		const signal = AbortSignal.abort("no");
		await expect(run(async () => ran++, { signal })).rejects.toBe("no");
		await expect(
			run(
				asyncFn(function* () {
					ran++;
				})(),
				{ signal },
			),
		).rejects.toBe("no");
		await expect(run(Promise.reject(new Error("unheard")), { signal })).rejects.toBe("no");
		await hostTurn();
		expect(ran).toBe(0);
	});

	it("listens to the signal no longer than it runs (rule 14)", async () => {
		const { controller, listeners } = counted();
		const { signal } = controller;
		await run(yieldNow(), { signal });
		await expect(run(fail(new Bad()), { signal })).rejects.toThrow();
		expect(listeners()).toBe(0);
		const task = spawn(pending(), { signal });
		expect(listeners()).toBe(1);
		task.abort();
		await expect(task).rejects.toThrow();
		expect(listeners()).toBe(0);
	});

	it("listens once to a signal of many, and cancels each that still runs", async () => {
		const { controller: stop, listeners } = counted();
		const { signal } = stop;
		expect(await Promise.all(Array.from({ length: 20 }, (_, i) => run(ready(i), { signal })))).toHaveLength(20);
		expect(listeners()).toBe(0);
		const doors = Array.from({ length: 20 }, () => gate());
		const waits = doors.map((door, i) => (i % 2 === 0 ? run(door, { signal }) : spawn(door, { signal }).then()));
		const ends = Promise.allSettled(waits);
		await microtasks();
		expect(listeners()).toBe(1);
		doors[0]?.open();
		await microtasks();
		expect(listeners()).toBe(1);
		stop.abort("enough");
		const reasons = (await ends).map((end) => end.status === "rejected" && (end.reason.reason ?? end.reason));
		expect(reasons).toEqual([false, ...Array.from({ length: 19 }, () => "enough")]);
		expect(listeners()).toBe(0);
	});

	it("reports an error of the cleanup, which the reason cannot carry", async () => {
		await reporting(async (reported) => {
			const stop = new AbortController();
			const promise = run(
				function* () {
					try {
						yield* pending();
					} finally {
						yield* fail(new Bad("cleanup"));
					}
				},
				{ signal: stop.signal, name: "careless" },
			);
			await microtasks();
			stop.abort("enough");
			await expect(promise).rejects.toBe("enough");
			expect(reported.map(({ error, task, when }) => [(error as Error).message, task.slice(0, 10), when])).toEqual([
				["cleanup", '"careless"', "cleanup"],
			]);
		});
	});

	it("keeps a failure that is not the signal's", async () => {
		await reporting(async (reported) => {
			const stop = new AbortController();
			const promise = run(
				function* () {
					stop.abort("later");
					throw new Bad("own");
				},
				{ signal: stop.signal },
			);
			await expect(promise).rejects.toBe("later");
			expect(reported.map(({ error }) => (error as Error).message)).toEqual(["own"]);
		});
		const other = new AbortController();
		await expect(run(fail(new Bad("own")), { signal: other.signal })).rejects.toThrow("own");
		other.abort();
	});

	it("ends with the task's own value if that came first", async () => {
		const stop = new AbortController();
		const value = await run(ready("value"), { signal: stop.signal });
		stop.abort();
		expect(value).toBe("value");
	});

	it("names the task", async () => {
		expect(await run(async ({ name }) => name, { name: "job" })).toBe("job");
	});

	it("refuses what is no future, at the call", () => {
		expect(() => run(5 as never)).toThrow(TypeError);
		expect(() => run({} as never)).toThrow(/no future/);
	});
});
