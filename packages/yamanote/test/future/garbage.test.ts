// What waits on promises lets go of, so that it can be collected.
// @engines node20 node22 node24 node26
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { type Async, byRef, events, fromPromise, Pending, ready, run, sleep } from "yamanote";
import { hostTurn } from "../support/host.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

it("a promise that never settles does not keep who waited for it and gave up", async () => {
	const never = new Promise<void>(() => {});
	const waited = (): WeakRef<object> => {
		const waker = { wake() {} };
		const future = fromPromise(never);
		expect(future.poll({ waker })).toBe(Pending);
		future[Symbol.dispose]();
		return new WeakRef(waker);
	};
	const ref = waited();
	for (let i = 0; i < 200 && ref.deref() !== undefined; i++) {
		await run(sleep(1));
		gc();
	}
	expect(ref.deref()).toBe(undefined);
	void never;
});

const target = new EventTarget();
const tied: Record<string, () => Async<object>> = {
	*byRef() {
		const lent = byRef(ready(1));
		yield* lent;
		return lent;
	},
	*events() {
		using all = events(target, "tick");
		return all;
	},
};
for (const [name, tie] of Object.entries(tied))
	it(`a loop in one call does not keep what it has made and is over: ${name}`, async () => {
		let freed = 0;
		const registry = new FinalizationRegistry(() => freed++);
		await run(function* () {
			for (let i = 0; i < 1_000; i++) registry.register(yield* tie(), undefined);
			for (let i = 0; i < 50 && freed < 900; i++) {
				gc();
				yield* fromPromise(hostTurn());
			}
		});
		expect(freed).toBeGreaterThanOrEqual(900);
	});
