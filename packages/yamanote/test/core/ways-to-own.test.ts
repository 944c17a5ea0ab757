// Rule 8: three ways to own work, each plain to see. The same program three times, and what a failure, a deadline and a cancel do to it.
import { describe, expect, it } from "vitest";
import {
	type Async,
	acquire,
	asyncFn,
	attempt,
	byRef,
	fail,
	type JoinHandle,
	join,
	openScope,
	pending,
	race,
	run,
	scope,
	select,
	sleep,
	spawn,
	timeout,
	tryJoin,
	yieldNow,
} from "yamanote";
import { CancellationToken, Mutex, mpsc, RwLock, Semaphore, SyncMutex } from "yamanote/sync";
import { paused } from "../support/clock.ts";
import { microtasks } from "../support/host.ts";

/** Work that writes down how it ended. */
const work = asyncFn(function* (log: string[], name: string, ms: number): Async<string> {
	let end = "cancelled";
	try {
		yield* sleep(ms);
		end = "done";
		return name;
	} finally {
		log.push(`${name} ${end}`);
	}
});
class Broken extends Error {
	readonly code = "BROKEN";
}
const broken = asyncFn(function* (ms: number) {
	yield* sleep(ms);
	return yield* fail(new Broken("broken"));
});

describe("rule 8: a future passed to a combinator is owned: it is cancelled with it", () => {
	const owners: Record<string, (log: string[]) => Async<unknown>> = {
		"tryJoin, by the failure of another": (log) => tryJoin([work(log, "a", 100), broken(10)]) as never,
		"race, by the end of another": (log) => race([work(log, "a", 100), sleep(10)]) as never,
		"select, by the end of another": (log) => select({ a: work(log, "a", 100), b: sleep(10) }) as never,
		"timeout, by the deadline": (log) => timeout(10, work(log, "a", 100)) as never,
	};
	for (const [what, make] of Object.entries(owners)) {
		it(`${what}, at once, and before the combinator ends`, async () => {
			await paused(async (clock) => {
				const log: string[] = [];
				await run(attempt(make(log)));
				expect([log, clock.now]).toEqual([["a cancelled"], 10]);
			});
		});
	}

	it("and when the task that waits for the combinator is cancelled", async () => {
		await paused(async () => {
			const log: string[] = [];
			const task = spawn(join([work(log, "a", 100), timeout(50, race([work(log, "b", 100)]))]));
			await microtasks();
			task.abort();
			await task.catch(() => {});
			expect(log.sort()).toEqual(["a cancelled", "b cancelled"]);
		});
	});
});

describe("rule 8: a scope is a nursery", () => {
	it("it ends only when its children have", async () => {
		await paused(async (clock) => {
			const log: string[] = [];
			await run(
				scope(function* (s) {
					s.spawn(work(log, "a", 100));
					s.spawn(work(log, "b", 50));
					yield* yieldNow();
					log.push("body done");
				}),
			);
			expect([log, clock.now]).toEqual([["body done", "b done", "a done"], 100]);
		});
	});

	it("a failure of a child reaches the body and the others, and then the scope's owner", async () => {
		await paused(async (clock) => {
			const log: string[] = [];
			const end = await run(
				attempt(
					scope(function* (s) {
						s.spawn(work(log, "a", 100));
						s.spawn(broken(10));
						try {
							yield* pending();
						} finally {
							log.push("body cancelled");
						}
					}),
					Broken,
				),
			);
			expect(end).toMatchObject({ ok: false, error: { message: "broken" } });
			expect([log.sort(), clock.now]).toEqual([["a cancelled", "body cancelled"], 10]);
		});
	});

	it("a cancel reaches all of them, in nested scopes, too", async () => {
		await paused(async () => {
			const log: string[] = [];
			const task = spawn(
				scope(function* (outer) {
					outer.spawn(work(log, "outer", 100));
					yield* scope(function* (inner) {
						inner.spawn(work(log, "inner", 100));
						yield* pending();
					});
				}),
			);
			await microtasks();
			task.abort();
			await task.catch(() => {});
			expect(log.sort()).toEqual(["inner cancelled", "outer cancelled"]);
		});
	});
});

describe("rule 8: spawn is independent", () => {
	const losers: Record<string, (handle: JoinHandle<string>) => Async<unknown>> = {
		"a select that it loses": (handle) => select({ handle, tick: sleep(10) }) as never,
		"a race that it loses": (handle) => race([handle, sleep(10)]) as never,
		"an elapsed timeout": (handle) => attempt(timeout(10, handle)) as never,
		"a tryJoin that fails": (handle) => attempt(tryJoin([handle, broken(10)])) as never,
		"Symbol.dispose": (handle) =>
			(function* () {
				yield* sleep(10);
				(handle as unknown as Disposable)[Symbol.dispose]();
			})() as never,
	};
	for (const [what, make] of Object.entries(losers)) {
		it(`its handle, dropped by ${what}, detaches the task, which runs on`, async () => {
			await paused(async (clock) => {
				const log: string[] = [];
				const handle = spawn(work(log, "task", 100));
				await run(make(handle));
				expect([log, clock.now]).toEqual([[], 10]);
				await run(sleep(100));
				expect(log).toEqual(["task done"]);
			});
		});

		if (what === "Symbol.dispose") continue;
		it(`with abortOnDrop(), ${what} cancels it`, async () => {
			await paused(async (clock) => {
				const log: string[] = [];
				const handle = spawn(work(log, "task", 100));
				await run(make(handle.abortOnDrop() as never));
				expect([log, clock.now]).toEqual([["task cancelled"], 10]);
				await handle.catch(() => {});
			});
		});
	}

	it("a task outlives whoever spawned it, inside of a scope, too", async () => {
		await paused(async (clock) => {
			const log: string[] = [];
			await run(
				scope(function* () {
					spawn(work(log, "task", 100));
					yield* sleep(10);
				}),
			);
			expect([log, clock.now]).toEqual([[], 10]);
			await run(sleep(100));
			expect(log).toEqual(["task done"]);
		});
	});
});

describe("rule 8: what is held are `using` resources, with callbacks beside them", () => {
	const resources: Record<string, () => Disposable> = {
		"a mutex guard": () => new Mutex(0).tryLock(),
		"a read guard": () => new RwLock(0).tryRead(),
		"a write guard": () => new RwLock(0).tryWrite(),
		"a permit": () => new Semaphore(1).tryAcquire(),
		"a synchronous guard": () => new SyncMutex(0).lock(),
		"a drop guard": () => new CancellationToken().dropGuard(),
		"a sending end": () => mpsc.channel(1)[0],
		"a receiving end": () => mpsc.channel(1)[1],
		"a reserved place": () => mpsc.channel(1)[0].tryReserve(),
		"the handle of a task": () => {
			const handle = spawn(function* () {});
			return handle as unknown as Disposable;
		},
		"a future": () => pending() as unknown as Disposable,
	};
	for (const [what, make] of Object.entries(resources)) {
		it(what, () => {
			const resource = make();
			expect(typeof resource[Symbol.dispose]).toBe("function");
			resource[Symbol.dispose]();
			// Once is enough, and twice does no harm.
			resource[Symbol.dispose]();
		});
	}

	it("an open scope is an `await using` resource", async () => {
		await paused(async (clock) => {
			const log: string[] = [];
			{
				await using s = openScope();
				s.spawn(work(log, "child", 20));
			}
			expect([log, clock.now]).toEqual([["child done"], 20]);
		});
	});

	it("acquire ties one to the enclosing call; a lent future is tied, too", async () => {
		await paused(async () => {
			const log: string[] = [];
			const inner = asyncFn(function* () {
				yield* acquire({ [Symbol.asyncDispose]: async () => void log.push("released") });
				byRef(work(log, "lent", 100));
				yield* select({ lent: byRef(work(log, "polled", 100)), tick: sleep(1) });
				log.push("end of the call");
			});
			await run(function* () {
				yield* inner();
				log.push("the caller goes on");
			});
			expect(log).toEqual(["end of the call", "polled cancelled", "released", "the caller goes on"]);
		});
	});
});
