/**
 * A test of code that waits for minutes, in no time: a runtime with a paused clock. Time jumps to the next deadline whenever every task
 * waits, so the test is exact, and never flaky.
 *
 * Run me: npx vitest run examples/paused-clock
 */

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { asyncFn, attempt, Elapsed, fail, Instant, Runtime, retry, sleep, timeout } from "yamanote";

class Busy extends Error {
	readonly code = "BUSY";
}

/** What is tested: three tries, one and then two minutes apart. */
const book = asyncFn(function* (isFree: (tries: number) => boolean) {
	let tries = 0;
	return yield* retry({ times: 3, backoffMs: (failures) => failures * 60_000 }, function* () {
		tries++;
		yield* sleep({ seconds: 1 });
		return isFree(tries) ? `booked at try ${tries}` : yield* fail(new Busy());
	});
});

describe("book", () => {
	let runtime: Runtime;
	beforeEach(() => {
		runtime = new Runtime({ startPaused: true });
	});
	afterEach(() => runtime.shutdown());

	it("waits longer before each try", async () => {
		await runtime.blockOn(function* () {
			const start = Instant.now();
			expect(yield* book((n) => n === 3)).toBe("booked at try 3");
			expect(start.elapsed()).toBe(3 * 1_000 + 60_000 + 120_000);
		});
	});

	it("fails as its last try does", async () => {
		await expect(runtime.blockOn(book(() => false))).rejects.toBeInstanceOf(Busy);
	});

	it("can be given a limit in time", async () => {
		// Inside the runtime, since `timeout` and `sleep` go by the clock of the runtime in which they are called.
		const outcome = await runtime.blockOn(function* () {
			return yield* attempt(
				timeout(
					{ minutes: 2 },
					book(() => false),
				),
				Elapsed,
			);
		});
		expect(outcome.ok).toBe(false);
	});
});
