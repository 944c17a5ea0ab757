// @engines node20 node22 node24 node26 bun deno
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, it } from "vitest";
import { run, sleep, spawn, taskLocal } from "yamanote";
import { paused } from "yamanote/testing";

describe("a task local in an AsyncLocalStorage", () => {
	it(
		"is what the storage has, and the other way round",
		paused(function* () {
			const storage = new AsyncLocalStorage<string>();
			const user = taskLocal<string>({ storage });
			const seen: unknown[] = [];
			yield* user.scope("Ada", function* () {
				yield* sleep(1);
				seen.push(storage.getStore());
			});
			storage.run("Bob", () => seen.push(user.get()));
			expect(seen).toEqual(["Ada", "Bob"]);
			expect(storage.getStore()).toBe(undefined);
		}),
	);

	it("flows into native async functions, after their waits too, and into spawned tasks", async () => {
		const user = taskLocal<string>({ storage: new AsyncLocalStorage<string>() });
		const seen: unknown[] = [];
		await run(
			user.scope("Ada", async () => {
				await sleep(1);
				seen.push(user.tryGet());
				await spawn(async () => {
					await sleep(1);
					seen.push(user.tryGet());
				});
			}),
		);
		expect(seen).toEqual(["Ada", "Ada"]);
	});
});
