// A project whose tests are ES modules: node --experimental-vm-modules.
import { asyncFn, Elapsed, run, sleep, spawn, timeout, tryJoin } from "yamanote";

const double = asyncFn(function* (n) {
	yield* sleep(1);
	return n * 2;
});

test("a future runs and gives its value", async () => {
	await expect(run(double(21))).resolves.toBe(42);
});

test("branches of all three kinds run together", async () => {
	const all = tryJoin({ a: double(1), b: async () => 2, c: async ({ run }) => (await run(double(2))) - 1 });
	await expect(run(all)).resolves.toEqual({ a: 2, b: 2, c: 3 });
});

test("a deadline rejects with Elapsed", async () => {
	await expect(run(timeout(5, sleep(60_000)))).rejects.toBeInstanceOf(Elapsed);
});

test("a spawned task hands over its own error", async () => {
	const failure = new Error("mine");
	const main = function* () {
		return yield* spawn(function* () {
			throw failure;
		});
	};
	await expect(run(main)).rejects.toBe(failure);
});
