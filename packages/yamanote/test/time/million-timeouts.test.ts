// @engines node20 node22 node24 node26
import { describe, expect, it } from "vitest";
import { pending, race, ready, run, timeout, yieldNow } from "yamanote";
import { hostTurn } from "../support/host.ts";
import { clockOf, mainRuntime } from "../support/state.ts";

const MANY = 1_000_000;
const ROUND = 250_000;

/** Timers of the host that are armed. */
const hostTimers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

describe("a million timeouts", () => {
	it("that are armed and dropped leave no timer and no host handle", { timeout: 300_000 }, async () => {
		await run(yieldNow());
		const before = hostTimers();
		await run(function* () {
			const cx = { waker: { wake() {} } };
			for (let armed = 0; armed < MANY; armed += ROUND) {
				// The clock runs: from some minutes to some hours, so in all levels of the wheel.
				const timeouts = Array.from({ length: ROUND }, (_, i) => timeout(600_000 + (i % 997) * 10_007, pending()));
				for (const t of timeouts) t.poll(cx);
				expect(clockOf()?.wheel.size).toBe(ROUND);
				// In another order than they came.
				for (let i = 0; i < ROUND; i++) timeouts[(i * 7_919) % ROUND]?.[Symbol.dispose]();
				expect(clockOf()?.wheel.size).toBe(0);
				yield* yieldNow();
			}
			// Those that are in time, or lose a race, are no other.
			for (let i = 0; i < 1_000; i++) {
				yield* timeout(600_000, ready(i));
				yield* race([timeout(600_000, pending()), yieldNow()]);
			}
		});
		await hostTurn();
		expect(clockOf()?.wheel.size).toBe(0);
		expect((mainRuntime() as unknown as { readonly handles: ReadonlySet<unknown> }).handles.size).toBe(0);
		expect(hostTimers()).toBeLessThanOrEqual(before);
	});
});
