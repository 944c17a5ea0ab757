import { describe, expect, it } from "vitest";
import { type JoinHandle, Runtime, sleep, yieldNow } from "yamanote";

describe("a timer on a busy runtime", () => {
	it("fires while other tasks are always ready", async () => {
		// Nothing is measured but that the end comes.
		const runtime = new Runtime();
		let stop = false;
		const busy: JoinHandle<void>[] = [1, 2, 3].map(() =>
			runtime.spawn(function* () {
				while (!stop) yield* yieldNow();
			}),
		);
		await runtime.blockOn(runtime.enter(() => sleep(2)));
		expect(runtime.metrics.tasksAlive).toBe(3);
		stop = true;
		for (const task of busy) await task;
		await runtime.shutdown();
	});
});
