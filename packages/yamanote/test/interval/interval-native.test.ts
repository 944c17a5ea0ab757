// @engines node20 node22 node24 node26 bun deno
import { expect, it } from "vitest";
import { Instant, interval } from "yamanote";
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
