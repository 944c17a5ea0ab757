// @engines deno
import { executionAsyncId } from "node:async_hooks";
import { expect, it } from "vitest";
import { run, spawn, yieldNow } from "yamanote";

it("rule 11: on Deno polls enter the contexts themselves: an AsyncResource, which has a number, takes a hundred times as long", async () => {
	const looks = function* () {
		yield* yieldNow();
		return executionAsyncId();
	};
	const outside = executionAsyncId();
	const inside = await run(function* () {
		return [yield* spawn(looks), yield* spawn(looks)];
	});
	expect(inside).toEqual([outside, outside]);
});
