// @engines node20 node22 node24 node26 bun deno
import { expect, it } from "vitest";
import { attempt, Elapsed, each, Instant, interval, timeout } from "yamanote";
import { paused } from "yamanote/testing";

it(
	"an interval is iterated by native code",
	paused(async () => {
		const start = Instant.now();
		const seen: number[] = [];
		for await (const tick of interval(10)) {
			seen.push(tick.since(start));
			if (seen.length === 4) break;
		}
		expect(seen).toEqual([0, 10, 20, 30]);
	}),
);

it(
	"`each` over an interval ends at once when it is cancelled, not at the next tick",
	paused(function* () {
		const start = Instant.now();
		const seen: number[] = [];
		const every = interval({ hours: 1 });
		const outcome = yield* attempt(
			timeout(
				10,
				each(every, function* (tick) {
					seen.push(tick.since(start));
				}),
			),
			Elapsed,
		);
		expect([outcome.ok, start.elapsed(), seen]).toEqual([false, 10, [0]]);
		yield* every.tick();
		expect(start.elapsed()).toBe(3_600_000);
	}),
);
