// Places and names as the sources have them, which a bundle has not.
// @engines node20 node22 node24 node26
import { describe, expect, it } from "vitest";
import { run, yieldNow } from "yamanote";
import { type LongPoll, watchdog } from "yamanote/diagnostics";

function hold(ms: number): void {
	const end = performance.now() + ms;
	while (performance.now() < end);
}

describe("watchdog", () => {
	it("tells which task held the loop, for how long, and where it gave way", async () => {
		const polls: LongPoll[] = [];
		{
			using _dog = watchdog({ thresholdMs: 20, onLongPoll: (poll) => polls.push(poll) });
			await run(
				function* busy() {
					hold(30);
					yield* yieldNow();
				},
				{ name: "busy" },
			);
			await run(yieldNow(), { name: "quick" });
		}
		const busy = polls.filter(({ name }) => name === "busy");
		expect(busy.length).toBe(1);
		expect(busy[0]?.task).toMatch(/^"busy" \(#\d+\)$/);
		expect(busy[0]?.ms).toBeGreaterThanOrEqual(30);
		expect(busy[0]?.stoppedAt[0]?.name).toMatch(/^busy/);
	});

	it("tells of one that holds the loop to its end", async () => {
		const polls: LongPoll[] = [];
		using _dog = watchdog({ thresholdMs: 10, onLongPoll: (poll) => polls.push(poll) });
		await run(
			function* () {
				hold(15);
			},
			{ name: "busy" },
		);
		expect(polls.find(({ name }) => name === "busy")?.stoppedAt).toEqual([]);
	});

	it("is quiet when it was disposed", async () => {
		const polls: LongPoll[] = [];
		watchdog({ thresholdMs: 1, onLongPoll: (poll) => polls.push(poll) })[Symbol.dispose]();
		await run(function* () {
			hold(5);
		});
		expect(polls).toEqual([]);
	});

	it("lets several watch at once", async () => {
		const seen: string[] = [];
		const first = watchdog({ thresholdMs: 5, onLongPoll: () => seen.push("first") });
		{
			using _second = watchdog({ thresholdMs: 5, onLongPoll: () => seen.push("second") });
			first[Symbol.dispose]();
			await run(function* () {
				hold(10);
			});
		}
		expect(seen).toEqual(["second"]);
	});

	it("refuses a threshold that is not above 0", () => {
		expect(() => watchdog({ thresholdMs: 0 })).toThrow(RangeError);
		expect(() => watchdog({ thresholdMs: Number.NaN })).toThrow(RangeError);
	});
});
