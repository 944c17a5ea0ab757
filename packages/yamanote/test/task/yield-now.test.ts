import { describe, expect, it } from "vitest";
import { asyncFn, currentTask, Handle, join, Pending, race, ready, run, spawn, yieldNow } from "yamanote";
import { byHand } from "../support/by-hand.ts";
import { hostTurn } from "../support/host.ts";

describe("yieldNow", () => {
	it("gives way once: the tasks that are ready run before it goes on", async () => {
		const log: string[] = [];
		const first = spawn(function* () {
			log.push("first");
			yield* yieldNow();
			log.push("first again");
		});
		const second = spawn(function* () {
			log.push("second");
			yield* ready(1);
		});
		await first;
		await second;
		expect(log).toEqual(["first", "second", "first again"]);
	});

	it("costs one poll each, whatever the budget", async () => {
		const before = Handle.current().metrics.polls;
		await run(function* () {
			for (let i = 0; i < 300; i++) yield* yieldNow();
		});
		expect(Handle.current().metrics.polls - before).toBe(301);
	});

	it("by hand, is pending once", () => {
		const hand = byHand(yieldNow());
		expect(hand.poll()).toBe(Pending);
		expect(hand.wakes).toBe(1);
		expect(hand.poll()).toBe(undefined);
	});

	it("does nothing before it is polled, and can be dropped", async () => {
		yieldNow()[Symbol.dispose]();
		await run(race([ready(1), yieldNow()]));
		await hostTurn();
	});

	it("gives the branches of a join their turns", async () => {
		const log: string[] = [];
		const worker = (name: string) =>
			function* () {
				for (let i = 0; i < 2; i++) {
					log.push(name);
					yield* yieldNow();
				}
			};
		await run(join([worker("a"), worker("b")]));
		expect(log).toEqual(["a", "b", "a", "b"]);
	});

	it("can be awaited natively", async () => {
		expect(await yieldNow()).toBe(undefined);
	});
});

describe("currentTask", () => {
	it("is the task whose code runs: in bodies, frames and branches; nothing outside", async () => {
		expect(currentTask()).toBe(undefined);
		const where = asyncFn(function* () {
			const before = currentTask();
			yield* yieldNow();
			return [before, currentTask()];
		});
		const handle = spawn(join([where(), where()]), { name: "seen" });
		const seen = (await handle).flat();
		expect(seen).toEqual(Array(4).fill({ id: handle.id, name: "seen" }));
		expect(currentTask()).toBe(undefined);
	});

	it("is nothing in a promise reaction", async () => {
		const seen = await run(async () => {
			await Promise.resolve();
			return currentTask();
		});
		expect(seen).toBe(undefined);
	});

	it("is the inner one while runtimes are entered and tasks spawned", async () => {
		const ids = await run(function* () {
			const outer = currentTask()?.id;
			const inner = yield* spawn(function* () {
				return currentTask()?.id;
			});
			return [outer === currentTask()?.id, inner !== outer];
		});
		expect(ids).toEqual([true, true]);
	});
});
