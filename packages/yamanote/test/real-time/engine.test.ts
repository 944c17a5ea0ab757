// The least that must hold on every engine that the library runs on, by its real ticks and timers.
import { describe, expect, it } from "vitest";
import { asyncFn, CancelledError, Elapsed, join, run, sleep, spawn, timeout, tryJoin } from "yamanote";

describe("on this engine", () => {
	it("a sleep takes at least its time", async () => {
		const before = performance.now();
		await run(sleep(20));
		expect(performance.now() - before).toBeGreaterThanOrEqual(19.5);
	});

	it("sleeps that are armed together end in their order, behind one host timer", async () => {
		const log: number[] = [];
		const nap = asyncFn(function* (ms: number) {
			yield* sleep(ms);
			log.push(ms);
		});
		await run(join([nap(90), nap(20), nap(3)]));
		expect(log).toEqual([3, 20, 90]);
	});

	it("branches of all three kinds run at the same time", async () => {
		const nap = asyncFn(function* (name: string) {
			yield* sleep(500);
			return name;
		});
		const before = performance.now();
		const all = tryJoin({
			a: nap("generator"),
			b: async ({ run }) => run(nap("async")),
			c: () => new Promise<string>((resolve) => setTimeout(resolve, 500, "plain")),
		});
		await expect(run(all)).resolves.toEqual({ a: "generator", b: "async", c: "plain" });
		expect(performance.now() - before).toBeLessThan(1_400);
	});

	it("a deadline cancels what it bounds, and its cleanup has ended when the caller hears of it", async () => {
		const steps: string[] = [];
		const slow = asyncFn(function* () {
			try {
				yield* sleep(60_000);
			} finally {
				yield* sleep(5);
				steps.push("cleaned up");
			}
		});
		await expect(run(timeout(10, slow()))).rejects.toBeInstanceOf(Elapsed);
		expect(steps).toEqual(["cleaned up"]);
	});

	it("a signal cancels a program", async () => {
		const controller = new AbortController();
		const ended = run(sleep(60_000), { signal: controller.signal });
		controller.abort();
		await expect(ended).rejects.toMatchObject({ name: "AbortError" });
	});

	it("an aborted task tells who waits for it", async () => {
		const outcome = run(function* () {
			const handle = spawn(sleep(60_000));
			handle.abort();
			return yield* handle;
		});
		await expect(outcome).rejects.toBeInstanceOf(CancelledError);
	});
});
