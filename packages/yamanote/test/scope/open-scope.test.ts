// Native async functions find their task by AsyncLocalStorage, which a page has not.
// @engines node20 node22 node24 node26 bun deno
import { describe, expect, it } from "vitest";
import { CancelledError, Elapsed, Instant, openScope, pending, run, ScopeClosedError, sleep, spawn } from "yamanote";
import { assertElapsed, paused } from "yamanote/testing";

describe("openScope", () => {
	it(
		"waits at the end of the block until all children have ended",
		paused(async () => {
			const start = Instant.now();
			const log: string[] = [];
			{
				await using scope = openScope();
				scope.spawn(async () => {
					await sleep(20);
					log.push("child");
				});
				await sleep(5);
				log.push("block");
			}
			expect(log).toEqual(["block", "child"]);
			assertElapsed(start, 20);
		}),
	);

	it(
		"throws the first failure at the end of the block, and cancels the siblings",
		paused(async () => {
			const log: string[] = [];
			const error = new Error("child");
			const block = async (): Promise<void> => {
				await using scope = openScope();
				scope.spawn(function* () {
					try {
						yield* pending();
					} finally {
						log.push("sibling cancelled");
					}
				});
				scope.spawn(function* () {
					yield* sleep(1);
					throw error;
				});
			};
			await expect(block()).rejects.toBe(error);
			expect(log).toEqual(["sibling cancelled"]);
		}),
	);

	it(
		"tells the block by its signal that a child has failed",
		paused(async () => {
			const error = new Error("child");
			const block = async (): Promise<void> => {
				await using scope = openScope();
				const { signal } = scope;
				scope.spawn(function* () {
					yield* sleep(5);
					throw error;
				});
				await run(sleep(1_000), { signal });
			};
			const start = Instant.now();
			await expect(block()).rejects.toBeDefined();
			assertElapsed(start, 5);
		}),
	);

	it(
		"gives the values of its children to the block",
		paused(async () => {
			await using scope = openScope();
			const a = scope.spawn(async () => 1);
			const b = scope.spawn(function* () {
				yield* sleep(1);
				return 2;
			});
			expect((await a) + (await b)).toBe(3);
		}),
	);

	it(
		"can be joined before the end of the block, and takes no children afterwards",
		paused(async () => {
			await using scope = openScope();
			scope.spawn(sleep(10));
			expect(scope.size).toBe(1);
			await scope.join();
			expect(scope.size).toBe(0);
			expect(() => scope.spawn(sleep(1))).toThrow(ScopeClosedError);
		}),
	);

	it(
		"is cancelled at its deadline",
		paused(async () => {
			const start = Instant.now();
			const block = async (): Promise<void> => {
				await using scope = openScope({ deadline: 30 });
				scope.spawn(pending());
			};
			await expect(block()).rejects.toThrow(Elapsed);
			assertElapsed(start, 30);
		}),
	);

	it(
		"is cancelled by its signal",
		paused(async () => {
			const stop = new AbortController();
			const block = async (): Promise<void> => {
				await using scope = openScope({ signal: stop.signal });
				scope.spawn(pending());
				stop.abort(new Error("closing"));
			};
			await expect(block()).rejects.toThrow(CancelledError);
		}),
	);

	it(
		"is cancelled with the task that its block belongs to",
		paused(async () => {
			const log: string[] = [];
			const task = spawn(async () => {
				await using scope = openScope();
				scope.spawn(function* () {
					try {
						yield* pending();
					} finally {
						log.push("child cancelled");
					}
				});
				await sleep(1_000);
			});
			await sleep(5);
			task.abort();
			await expect(task).rejects.toThrow(CancelledError);
			expect(log).toEqual(["child cancelled"]);
		}),
	);

	it(
		"aborts its children alone by abortAll, and all of it by cancel",
		paused(async () => {
			{
				await using scope = openScope();
				scope.spawn(pending());
				scope.abortAll();
			}
			const block = async (): Promise<void> => {
				await using scope = openScope();
				scope.spawn(pending());
				scope.cancel("enough");
			};
			await expect(block()).rejects.toMatchObject({ reason: "enough" });
		}),
	);

	it(
		"limits how many children run at once",
		paused(async () => {
			let running = 0;
			let most = 0;
			{
				await using scope = openScope({ concurrency: 3 });
				for (let i = 0; i < 10; i++) {
					scope.spawn(async () => {
						most = Math.max(most, ++running);
						await sleep(5);
						running--;
					});
				}
			}
			expect(most).toBe(3);
		}),
	);

	for (const [when, options] of [
		["", {}],
		[", with a deadline", { deadline: 100 }],
	] as const)
		it(
			`cancels children that were spawned before it had begun, and waits for them${when}`,
			paused(async () => {
				const start = Instant.now();
				const scope = openScope({ ...options, signal: AbortSignal.abort("no more") });
				const child = scope.spawn(function* () {
					try {
						yield* sleep(1_000);
					} finally {
						yield* sleep(5);
					}
				});
				await expect(scope.join()).rejects.toMatchObject({ reason: "no more" });
				expect(child.isFinished).toBe(true);
				expect(() => scope.spawn(sleep(1))).toThrow(ScopeClosedError);
				assertElapsed(start, 0);
			}),
		);

	it(
		"which a cancelled body opens in its cleanup ends with its children",
		paused(async () => {
			const log: string[] = [];
			const task = spawn(async () => {
				try {
					await sleep(1_000);
				} finally {
					const scope = openScope();
					const child = scope.spawn(() => sleep(500));
					await scope.join().catch(() => {});
					log.push(`child ${child.isFinished ? "ended" : "lives"}`);
				}
			});
			await sleep(1);
			task.abort();
			await task.catch(() => {});
			expect(log).toEqual(["child ended"]);
		}),
	);
});
