import { describe, expect, it } from "vitest";
import { acquire, asyncFn, CancelledError, Elapsed, type Future, pending, run, spawn, timeout } from "yamanote";
import { paused } from "../support/clock.ts";
import { SlowDrop } from "../support/gate.ts";
import { hostTurn, microtasks } from "../support/host.ts";

class Bad extends Error {
	readonly code = "BAD";
}

describe("acquire (rule 8)", () => {
	const resource = (log: string[], name: string, wait = false) => ({
		name,
		async [Symbol.asyncDispose]() {
			log.push(`${name} begins`);
			if (wait) await hostTurn();
			log.push(`${name} ends`);
		},
	});

	it("ties resources to the asyncFn call, and releases them in reverse order before the caller goes on", async () => {
		const log: string[] = [];
		const f = asyncFn(function* () {
			const a = yield* acquire(resource(log, "a", true));
			yield* acquire(resource(log, "b", true));
			log.push(`uses ${a.name}`);
			return "value";
		});
		await run(function* () {
			log.push(yield* f());
		});
		expect(log).toEqual(["uses a", "b begins", "b ends", "a begins", "a ends", "value"]);
	});

	it("takes a resource that answers its disposal with nothing to wait for", async () => {
		for (const answer of [5, "text", true, null, undefined, Symbol("s")]) {
			const f = asyncFn(function* () {
				yield* acquire({ [Symbol.asyncDispose]: () => answer as never });
				return "value";
			});
			expect(await run(f())).toBe("value");
		}
	});

	for (const how of ["fails", "is cancelled"] as const) {
		it(`releases them when the call ${how}`, async () => {
			const log: string[] = [];
			const f = asyncFn(function* () {
				yield* acquire(resource(log, "a", true));
				yield* acquire(resource(log, "b"));
				if (how === "fails") throw new Bad("own");
				yield* pending();
			});
			const task = spawn(function* () {
				yield* f();
			});
			const ended = task.catch((e: unknown) =>
				log.push((e as Error).name === "AbortError" ? "cancelled" : (e as Error).message),
			);
			await hostTurn();
			if (how === "is cancelled") task.abort();
			await ended;
			expect(log).toEqual(["b begins", "b ends", "a begins", "a ends", how === "fails" ? "own" : "cancelled"]);
		});
	}

	it("ties to the task where there is no asyncFn call, and to the branch", async () => {
		const log: string[] = [];
		await run(function* () {
			yield* acquire(resource(log, "task's"));
			log.push("body ends");
		});
		expect(log).toEqual(["body ends", "task's begins", "task's ends"]);
	});

	it("takes a synchronous disposable", async () => {
		const log: string[] = [];
		await run(function* () {
			yield* acquire({ [Symbol.dispose]: () => void log.push("disposed") });
			log.push("body");
		});
		expect(log).toEqual(["body", "disposed"]);
	});

	it("an error of release is the failure; over another it is suppressed", async () => {
		const bad = (message: string) => ({
			async [Symbol.asyncDispose]() {
				throw new Bad(message);
			},
		});
		await expect(
			run(function* () {
				yield* acquire(bad("release"));
			}),
		).rejects.toThrow("release");
		const both = (await run(function* () {
			yield* acquire(bad("release 1"));
			yield* acquire(bad("release 2"));
			throw new Bad("own");
		}).catch((e: unknown) => e)) as { error: Error; suppressed: { error: Error; suppressed: Error } };
		expect(both.error.message).toBe("release 1");
		expect(both.suppressed.error.message).toBe("release 2");
		expect(both.suppressed.suppressed.message).toBe("own");
	});

	it("refuses what cannot be disposed", () => {
		expect(() => acquire({} as never)).toThrow(/Symbol.asyncDispose/);
		expect(() => acquire(null as never)).toThrow(TypeError);
	});
});

describe("a future whose drop takes time", () => {
	it("holds its task until it is done, in a body, a frame and a branch", async () => {
		const wrap = asyncFn(function* (slow: SlowDrop) {
			yield* slow;
		});
		const ways = [
			(slow: SlowDrop) => slow,
			(slow: SlowDrop) => wrap(slow),
			(slow: SlowDrop) =>
				function* () {
					yield* slow;
				},
			(slow: SlowDrop) => timeout(Infinity, slow),
		];
		for (const way of ways) {
			const slow = new SlowDrop();
			const task = spawn(way(slow) as Future<never>);
			await microtasks();
			task.abort();
			await microtasks();
			expect([slow.dropping, task.isFinished]).toEqual([1, false]);
			slow.finish();
			await expect(task).rejects.toBeInstanceOf(CancelledError);
			expect([slow.dropping, slow.dropped]).toEqual([2, true]);
		}
	});

	it("holds a timeout that has elapsed", async () => {
		await paused(async (clock) => {
			const slow = new SlowDrop();
			const promise = run(timeout(5, slow));
			let ended = false;
			void promise.catch(() => {
				ended = true;
			});
			await clock.advance(5);
			expect(ended).toBe(false);
			slow.finish();
			await expect(promise).rejects.toBeInstanceOf(Elapsed);
		});
	});
});
