// @engines node20 node22 node24 node26
import { describe, expect, it } from "vitest";
import { gracefulShutdown, pending, run, sleep } from "yamanote";
import { paused } from "yamanote/testing";

const send = (signal: string): void => void process.emit(signal as "SIGTERM");

describe("gracefulShutdown and signals", () => {
	it(
		"stops at a signal, whose name is the reason",
		paused(function* () {
			const report = yield* gracefulShutdown(function* ({ stopping, spawn: start }) {
				start(sleep(30));
				yield* sleep(5);
				send("SIGTERM");
				yield* stopping.cancelled();
				return "drained";
			});
			expect(report).toEqual({ value: "drained", reason: "SIGTERM", aborted: 0 });
		}),
	);

	it(
		"aborts what is left at a second one",
		paused(function* () {
			const report = yield* gracefulShutdown(
				function* () {
					yield* sleep(5);
					send("SIGINT");
					yield* sleep(5);
					send("SIGINT");
					yield* pending();
				},
				{ grace: { hours: 1 } },
			);
			expect(report).toEqual({ value: undefined, reason: "SIGINT", aborted: 1 });
		}),
	);

	it("listens for those that it is told of, as long as it runs", async () => {
		const counts = (): number[] => ["SIGUSR2", "SIGTERM"].map((name) => process.listenerCount(name));
		const before = counts();
		await run(
			gracefulShutdown(
				function* () {
					expect(counts()).toEqual([(before[0] as number) + 1, before[1]]);
				},
				{ signals: ["SIGUSR2"] },
			),
		);
		expect(counts()).toEqual(before);
	});
});
