// Calls on other threads beside a paused clock: what the upstream asks of `spawn_blocking` there.
import { beforeAll, describe, expect, it } from "vitest";
import { attempt, Instant, Runtime, type RuntimeOptions, sleep, spawn } from "yamanote";
import { spawnBlocking } from "yamanote/threads";
import { loadWork, type Work } from "../threads/support/work.ts";

let work: Work;
beforeAll(async () => {
	({ work } = await loadWork());
}, 60_000);

async function paused<T>(body: () => Generator<unknown, T>, options: RuntimeOptions = {}): Promise<T> {
	await using runtime = new Runtime({ name: "paused", startPaused: true, maxBlockingThreads: 1, ...options });
	return await runtime.blockOn(body as never);
}

describe("a paused clock", () => {
	it("stands while a call on another thread is waited for, though somebody sleeps", async () => {
		const log: string[] = [];
		await paused(function* () {
			const sleeper = spawn(function* () {
				yield* sleep({ hours: 1 });
				log.push("slept");
			});
			log.push(`fib is ${yield* work.fib(20)}`);
			yield* sleeper;
		});
		expect(log).toEqual(["fib is 6765", "slept"]);
	}, 60_000);

	it("stands while a call runs that nobody waits for yet, and goes on when it has ended or failed", async () => {
		await paused(function* () {
			const start = Instant.now();
			const call = spawnBlocking(work.later, "done");
			const failing = spawnBlocking(work.throwing, "RangeError");
			yield* sleep(10);
			// The clock waited for both.
			expect([call.isFinished, failing.isFinished, start.elapsed()]).toEqual([true, true, 10]);
			expect(yield* call).toBe("done");
			expect((yield* attempt(failing)).ok).toBe(false);
		});
	}, 60_000);
});
