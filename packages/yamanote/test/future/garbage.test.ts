// What waits on promises lets go of, so that it can be collected.
// @engines node20 node22 node24 node26
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { fromPromise, Pending, run, sleep } from "yamanote";

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
