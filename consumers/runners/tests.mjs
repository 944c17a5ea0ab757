// Tests on a paused clock, for any runner: a name, and a function that the runner calls.
import assert from "node:assert/strict";
import { asyncFn, Instant, retry, sleep, spawn, timeout, tryJoin } from "yamanote";
import { Mutex } from "yamanote/sync";
import { DeadlockError, paused } from "yamanote/testing";

const slow = asyncFn(function* (ms = 3_600_000) {
	yield* sleep(ms);
	return ms;
});

export const tests = {
	"an hour passes at once, and exactly": paused(function* () {
		const start = Instant.now();
		assert.deepEqual(yield* tryJoin([slow(), slow(1)]), [3_600_000, 1]);
		assert.equal(start.elapsed(), 3_600_000);
	}),
	"an async body is as good": paused(async ({ run }) => {
		const start = Instant.now();
		let tries = 0;
		const flaky = async () => {
			if (++tries < 3) throw new Error("busy");
		};
		await run(retry({ times: 3, backoffMs: 1_000 }, flaky));
		assert.equal(start.elapsed(), 3_000);
	}),
	"a deadline passes": paused(function* () {
		try {
			yield* timeout({ minutes: 1 }, slow());
			assert.fail("it should have passed");
		} catch (error) {
			assert.equal(error.code, "YAMANOTE_ELAPSED");
		}
	}),
	"a failure of the body fails the test": () =>
		assert.rejects(
			paused(function* () {
				yield* sleep(1);
				assert.equal(1, 2);
			})(),
			{ code: "ERR_ASSERTION" },
		),
	"a failure that nobody observes fails the test": () =>
		assert.rejects(
			paused(function* () {
				spawn(async () => Promise.reject(new RangeError("lost")), { name: "lost" });
				yield* sleep(1);
			})(),
			/"lost".*failed, and nobody observed it/,
		),
	"a deadlock fails the test, and says who waits for what": () =>
		assert.rejects(
			paused(
				function* () {
					const mutex = new Mutex(0);
					yield* mutex.lock();
					yield* mutex.lock();
				},
				{ deadlockAfter: 20 },
			)(),
			(error) => error instanceof DeadlockError && /waits for a Mutex/.test(error.message),
		),
};
