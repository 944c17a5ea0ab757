// A source without end is served in constant memory.
// @engines node20 node22 node24 node26
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { each, run, yieldNow } from "yamanote";
import { hostTurn } from "../support/host.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

it.each([1, 4])(
	"each keeps nothing of the items that are done, nor of their bodies (concurrency %i)",
	async (concurrency) => {
		const count = 20_000;
		let taken = 0;
		let freed = 0;
		let most = 0;
		const registry = new FinalizationRegistry(() => freed++);
		function* items() {
			for (; taken < count; taken++) {
				const item = { n: taken };
				registry.register(item, undefined);
				yield item;
			}
		}
		const body = async (item: { n: number }) => {
			if (item.n % 1_000 !== 999) return;
			await hostTurn();
			gc();
			await hostTurn();
			most = Math.max(most, taken - freed);
		};
		await run(
			each(
				items(),
				function* (item) {
					yield* yieldNow();
					yield* each([item], body);
				},
				{ concurrency },
			),
		);
		expect(taken).toBe(count);
		// What the last thousand left, and not what all did.
		expect(most).toBeLessThan(3_000);
	},
);
