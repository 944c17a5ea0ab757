// Rule 10: host work that holds a paused clock is named after a second of the real one.
import { describe, expect, it } from "vitest";
import { ClockHeld, fromPromise, Runtime, sleep, type TaskFailure, tryJoin } from "yamanote";
import { paused } from "yamanote/testing";
import { deferred } from "../support/gate.ts";

describe("rule 10: when host work alone holds a paused clock for a second, ClockHeld names it", () => {
	it("promises, and async functions by their tasks; time goes on when they have ended", async () => {
		const reported: TaskFailure[] = [];
		let heard = (): void => {};
		const told = new Promise<void>((resolve) => {
			heard = resolve;
		});
		await using runtime = new Runtime({
			name: "held",
			startPaused: true,
			onUnhandled: (failure) => {
				reported.push(failure);
				heard();
			},
		});
		const promise = deferred<string>();
		const native = deferred<string>();
		const all = [
			runtime.spawn(fromPromise(promise.promise)),
			runtime.spawn(async () => native.promise, { name: "fetches" }),
			runtime.spawn(() => runtime.enter(() => sleep({ hours: 1 }))),
		];
		// Somebody waits for them, and nothing but the clock keeps the process alive meanwhile.
		const ended = Promise.all(all);
		const before = performance.now();
		await told;
		// Less by a little: the two clocks are read at different times.
		expect(performance.now() - before).toBeGreaterThan(900);
		expect(reported.map(({ task, runtime: of, when }) => [task, of, when])).toEqual([
			["the paused clock", "held", "unobserved"],
		]);
		const error = reported[0]?.error as ClockHeld;
		expect(error).toBeInstanceOf(ClockHeld);
		expect(error.message).toMatch(/a promise/);
		expect(error.message).toMatch(/an async function of task "fetches"/);
		expect(all.map((task) => task.isFinished)).toEqual([false, false, false]);
		promise.resolve("a");
		native.resolve("b");
		expect(await ended).toEqual(["a", "b", undefined]);
		expect(reported.length).toBe(1);
	});

	it("a test of `paused` fails with it, whoever else is told of failures", async () => {
		const told: unknown[] = [];
		const test = paused(() => tryJoin([fromPromise(new Promise(() => {})), sleep(10)]), {
			onUnhandled: ({ error }) => told.push(error),
		});
		await expect(test()).rejects.toBeInstanceOf(ClockHeld);
		expect(told).toEqual([]);
	});
});
