// Tests on a paused clock: `paused` makes a test function of a body.
import { asyncFn, Instant, pending, sleep, spawn, tryJoin } from "yamanote";
import { DeadlockError, paused } from "yamanote/testing";

const slow = asyncFn(function* (ms = 3_600_000) {
	yield* sleep(ms);
	return ms;
});

test(
	"an hour passes at once, and exactly",
	paused(function* () {
		const start = Instant.now();
		expect(yield* tryJoin([slow(), slow(1)])).toEqual([3_600_000, 1]);
		expect(start.elapsed()).toBe(3_600_000);
	}),
);

test(
	"an async body is as good",
	paused(async ({ run }) => {
		expect(await run(slow(60_000))).toBe(60_000);
	}),
);

test("a failure that nobody observes fails the test", async () => {
	const lost = paused(function* () {
		spawn(async () => Promise.reject(new RangeError("lost")), { name: "lost" });
		yield* sleep(1);
	});
	await expect(lost()).rejects.toThrow("nobody observed it");
});

test("a deadlock fails the test", async () => {
	const stuck = paused(
		function* () {
			yield* spawn(pending());
		},
		{ deadlockAfter: 20 },
	);
	await expect(stuck()).rejects.toBeInstanceOf(DeadlockError);
});
