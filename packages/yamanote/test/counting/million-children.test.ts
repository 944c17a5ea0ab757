// A million children: time that grows with their number, little memory for each, no deep stack. Bytes are weighed on Node alone.
// @engines node20 node22 node24 node26
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { type Async, JoinSet, pending, run, type Scope, scope, yieldNow } from "yamanote";
import { Notify } from "yamanote/sync";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;
const MANY = 1_000_000;
/** So many are weighed: a collection of a million takes long. */
const WEIGHED = 200_000;
const BYTES = 600;

function heap(): number {
	gc();
	gc();
	return process.memoryUsage().heapUsed;
}

describe("very many children", () => {
	it("of a scope weigh at most 600 bytes each, and all end", { timeout: 300_000 }, async () => {
		let bytes = 0;
		let ended = 0;
		const gate = new Notify();
		await run(
			scope(function* (s: Scope): Async<void> {
				function* child(): Async<void> {
					yield* gate.notified();
					ended++;
				}
				const before = heap();
				for (let i = 0; i < WEIGHED; i++) s.spawn(child);
				yield* yieldNow();
				bytes = (heap() - before) / WEIGHED;
				expect(s.size).toBe(WEIGHED);
				gate.notifyWaiters();
			}),
		);
		expect(ended).toBe(WEIGHED);
		expect(bytes).toBeLessThan(BYTES);
	});

	it("of a JoinSet weigh at most 600 bytes each, and all are joined", { timeout: 300_000 }, async () => {
		let bytes = 0;
		const gate = new Notify();
		const got = await run(function* () {
			const set = new JoinSet<number>();
			function* child(): Async<number> {
				yield* gate.notified();
				return 1;
			}
			const before = heap();
			for (let i = 0; i < WEIGHED; i++) set.spawn(child);
			yield* yieldNow();
			bytes = (heap() - before) / WEIGHED;
			expect(set.size).toBe(WEIGHED);
			gate.notifyWaiters();
			let sum = 0;
			for (let n = yield* set.joinNext(); n !== undefined; n = yield* set.joinNext()) sum += n;
			return sum;
		});
		expect(got).toBe(WEIGHED);
		expect(bytes).toBeLessThan(BYTES);
	});

	it("of a scope, a million, end in any order", { timeout: 300_000 }, async () => {
		let ended = 0;
		await run(
			scope(function* (s: Scope): Async<void> {
				function* child(turns: number): Async<void> {
					for (let i = 0; i < turns; i++) yield* yieldNow();
					ended++;
				}
				for (let i = 0; i < MANY; i++) s.spawn(child(i % 3));
			}),
		);
		expect(ended).toBe(MANY);
	});

	it("of a JoinSet, a million, are aborted with it", { timeout: 300_000 }, async () => {
		await run(function* () {
			const set = new JoinSet<never>();
			for (let i = 0; i < MANY; i++) set.spawn(pending());
			yield* set.shutdown();
			expect([set.size, set.isEmpty]).toEqual([0, true]);
		});
	});
});
