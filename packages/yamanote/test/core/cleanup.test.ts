import { describe, expect, it } from "vitest";
import {
	asyncFn,
	Future,
	join,
	Pending,
	type Poll,
	pending,
	race,
	ready,
	run,
	select,
	spawn,
	timeout,
	tryJoin,
	yieldNow,
} from "yamanote";
import { cancelled, reporting } from "../support/failures.ts";
import { gate } from "../support/gate.ts";
import { hostTurn, microtasks } from "../support/host.ts";

describe("rule 3: unwinding is frame by frame, innermost first", () => {
	it("sends return() once to each frame, and to the caller only when the callee has ended", async () => {
		const log: string[] = [];
		const frame = (name: string, inner: () => Future<unknown, unknown>) =>
			asyncFn(function* () {
				try {
					yield* inner();
					log.push(`${name} came back to life`);
				} catch (e) {
					log.push(`${name} caught ${String(e)}`);
				} finally {
					log.push(`${name} begins cleanup`);
					yield* yieldNow();
					yield* yieldNow();
					log.push(`${name} ends cleanup`);
				}
				log.push(`${name} went on`);
			});
		const task = spawn(frame("outer", frame("middle", frame("inner", pending)))());
		await microtasks();
		task.abort();
		await cancelled(task);
		expect(log).toEqual([
			"inner begins cleanup",
			"inner ends cleanup",
			"middle begins cleanup",
			"middle ends cleanup",
			"outer begins cleanup",
			"outer ends cleanup",
		]);
	});

	it("drops the leaf first", async () => {
		const log: string[] = [];
		const door = gate();
		const task = spawn(
			asyncFn(function* () {
				try {
					yield* door;
				} finally {
					log.push(`dropped ${door.drops} time(s) before finally`);
				}
			})(),
		);
		await microtasks();
		task.abort();
		await cancelled(task);
		expect(log).toEqual(["dropped 1 time(s) before finally"]);
		expect(door.drops).toBe(1);
	});

	it("unwinds frames that have been resumed before", async () => {
		const log: string[] = [];
		const inner = asyncFn(function* (name: string) {
			try {
				for (;;) yield* yieldNow();
			} finally {
				log.push(name);
			}
		});
		const outer = asyncFn(function* () {
			try {
				yield* yieldNow();
				yield* inner("inner");
			} finally {
				log.push("outer");
			}
		});
		const task = spawn(outer());
		await microtasks(20);
		task.abort();
		await cancelled(task);
		expect(log).toEqual(["inner", "outer"]);
	});

	it("goes through plain generators whose cleanup does not wait", async () => {
		const log: string[] = [];
		function* inner() {
			try {
				yield* pending();
			} finally {
				log.push("inner");
			}
		}
		function* outer() {
			try {
				yield* inner();
			} finally {
				log.push("outer");
			}
		}
		const task = spawn(outer());
		await microtasks();
		task.abort();
		expect((await cancelled(task)).suppressed).toBe(undefined);
		expect(log).toEqual(["inner", "outer"]);
	});

	it("runs down-levelled `using` as finally", async () => {
		const log: string[] = [];
		const task = spawn(
			asyncFn(function* () {
				using _first = { [Symbol.dispose]: () => void log.push("first") };
				using _second = { [Symbol.dispose]: () => void log.push("second") };
				yield* pending();
			})(),
		);
		await microtasks();
		task.abort();
		await cancelled(task);
		expect(log).toEqual(["second", "first"]);
	});
});

describe("rule 3: async cleanup works", () => {
	const cleanup = (log: string[], name: string) =>
		function* () {
			try {
				yield* pending();
			} finally {
				log.push(`${name} begins`);
				yield* yieldNow();
				log.push(`${name} ends`);
			}
		};

	it("in a task body", async () => {
		const log: string[] = [];
		const task = spawn(cleanup(log, "task"));
		await microtasks();
		task.abort();
		await cancelled(task);
		expect(log).toEqual(["task begins", "task ends"]);
	});

	it("in a task body that is a generator object", async () => {
		const log: string[] = [];
		const task = spawn(cleanup(log, "object")());
		await microtasks();
		task.abort();
		await cancelled(task);
		expect(log).toEqual(["object begins", "object ends"]);
	});

	it("in an asyncFn frame that a plain generator waits for", async () => {
		const log: string[] = [];
		const inner = asyncFn(cleanup(log, "frame"));
		const task = spawn(function* () {
			function* plain() {
				try {
					yield* inner();
				} finally {
					log.push("plain");
				}
			}
			yield* plain();
		});
		await microtasks();
		task.abort();
		expect((await cancelled(task)).suppressed).toBe(undefined);
		expect(log).toEqual(["frame begins", "frame ends", "plain"]);
	});

	it("in branch bodies, all at once", async () => {
		const log: string[] = [];
		const task = spawn(tryJoin([cleanup(log, "a"), cleanup(log, "b")]));
		await microtasks();
		task.abort();
		await cancelled(task);
		expect(log).toEqual(["a begins", "b begins", "a ends", "b ends"]);
	});

	it("in branches within branches, and frames within them", async () => {
		const log: string[] = [];
		const frame = asyncFn(function* () {
			try {
				yield* race([cleanup(log, "leaf"), join([pending()])]);
			} finally {
				yield* yieldNow();
				log.push("frame");
			}
		});
		const task = spawn(timeout(Infinity, select({ frame: frame() })));
		await microtasks();
		task.abort();
		await cancelled(task);
		expect(log).toEqual(["leaf begins", "leaf ends", "frame"]);
	});

	it("and the waits of cleanup are not cancelled again: a second abort is ignored", async () => {
		const door = gate<string>();
		const seen: string[] = [];
		const task = spawn(function* () {
			try {
				yield* pending();
			} finally {
				seen.push(yield* door);
			}
		});
		await microtasks();
		task.abort("first");
		await microtasks();
		task.abort("second");
		await hostTurn();
		expect(door.waitedFor).toBe(true);
		expect(task.isFinished).toBe(false);
		door.open("came through");
		expect((await cancelled(task)).reason).toBe("first");
		expect(seen).toEqual(["came through"]);
	});

	it("and combinators work in it", async () => {
		const got: unknown[] = [];
		const task = spawn(function* () {
			try {
				yield* pending();
			} finally {
				got.push(yield* timeout(Infinity, tryJoin([ready(1), yieldNow()])));
				got.push(yield* select({ a: ready("a") }));
				got.push(
					yield* asyncFn(function* () {
						yield* yieldNow();
						return "frame";
					})(),
				);
			}
		});
		await microtasks();
		task.abort();
		expect((await cancelled(task)).suppressed).toBe(undefined);
		expect(got).toEqual([[1, undefined], { key: "a", value: "a" }, "frame"]);
	});

	it("and a frame called in it is unwound no more", async () => {
		const log: string[] = [];
		const close = asyncFn(function* () {
			try {
				yield* yieldNow();
				yield* yieldNow();
				log.push("closed");
			} finally {
				log.push("after close");
			}
		});
		const task = spawn(
			asyncFn(function* () {
				try {
					yield* pending();
				} finally {
					yield* close();
				}
			})(),
		);
		await microtasks();
		task.abort();
		await cancelled(task);
		expect(log).toEqual(["closed", "after close"]);
	});
});

describe("rule 3: a plain generator delegated to by another cannot wait in its cleanup", () => {
	const waiting = (log: string[]) =>
		function* inner() {
			try {
				yield* pending();
			} finally {
				log.push("inner begins");
				yield* yieldNow();
				log.push("inner ends");
			}
		};

	it("it is truncated, AsyncCleanupError is recorded on the task, and the caller does not come back to life", async () => {
		const log: string[] = [];
		const inner = waiting(log);
		const task = spawn(function* () {
			try {
				yield* inner();
				log.push("COMMIT");
			} catch (e) {
				log.push(`caught ${String(e)}`);
			} finally {
				log.push("outer cleaned");
			}
			log.push("went on");
		});
		await microtasks();
		task.abort();
		const { suppressed } = await cancelled(task);
		expect(suppressed).toMatchObject({ name: "AsyncCleanupError", code: "YAMANOTE_ASYNC_CLEANUP" });
		expect((suppressed as Error).message).toMatch(/asyncFn/);
		expect(log).toEqual(["inner begins", "outer cleaned"]);
	});

	it("so in an asyncFn frame that delegates to a plain generator", async () => {
		const log: string[] = [];
		const inner = waiting(log);
		const frame = asyncFn(function* () {
			try {
				yield* inner();
				log.push("COMMIT");
			} finally {
				log.push("frame begins");
				yield* yieldNow();
				log.push("frame ends");
			}
		});
		const task = spawn(frame());
		await microtasks();
		task.abort();
		expect((await cancelled(task)).suppressed).toMatchObject({ name: "AsyncCleanupError" });
		expect(log.slice(0, 2)).toEqual(["inner begins", "frame begins"]);
		expect(log).not.toContain("COMMIT");
		expect(log).not.toContain("inner ends");
	});

	it("so in a branch, which reports it", async () => {
		const log: string[] = [];
		const inner = waiting(log);
		await reporting(async (reported) => {
			const losing = function* () {
				yield* inner();
				log.push("COMMIT");
			};
			expect(await run(race([losing, yieldNow()]))).toBe(undefined);
			expect(log).toEqual(["inner begins"]);
			expect(reported.map((r) => [r.when, (r.error as Error).name])).toEqual([["cleanup", "AsyncCleanupError"]]);
		});
	});

	it("and the finally blocks within finally blocks are truncated, too, to the end", async () => {
		const log: string[] = [];
		function* inner() {
			try {
				yield* pending();
			} finally {
				try {
					log.push("one");
					yield* yieldNow();
					log.push("not reached");
				} finally {
					log.push("two");
					yield* yieldNow();
					log.push("not reached either");
				}
			}
		}
		const task = spawn(function* () {
			yield* inner();
			log.push("COMMIT");
		});
		await microtasks();
		task.abort();
		await cancelled(task);
		expect(log).toEqual(["one", "two"]);
	});
});

describe("rule 3: an error thrown in cleanup is kept, never thrown into the caller's catch", () => {
	it("is on the CancelledError", async () => {
		const error = new Error("cleanup failed");
		const task = spawn(function* () {
			try {
				yield* pending();
			} finally {
				// biome-ignore lint/correctness/noUnsafeFinally: the test is about it
				throw error;
			}
		});
		await microtasks();
		task.abort();
		expect((await cancelled(task)).suppressed).toBe(error);
	});

	it("does not reach the catch of a calling frame", async () => {
		const log: string[] = [];
		const inner = asyncFn(function* () {
			try {
				yield* pending();
			} finally {
				yield* yieldNow();
				// biome-ignore lint/correctness/noUnsafeFinally: the test is about it
				throw new Error("inner cleanup");
			}
		});
		const outer = asyncFn(function* () {
			try {
				yield* inner();
			} catch (e) {
				log.push(`caught ${String(e)}`);
			} finally {
				log.push("outer cleaned");
			}
		});
		const task = spawn(outer());
		await microtasks();
		task.abort();
		expect((await cancelled(task)).suppressed).toEqual(new Error("inner cleanup"));
		expect(log).toEqual(["outer cleaned"]);
	});

	it("keeps several of them, in their order", async () => {
		const failing = (message: string, inner: () => Future<unknown, unknown>) =>
			asyncFn(function* () {
				try {
					yield* inner();
				} finally {
					// biome-ignore lint/correctness/noUnsafeFinally: the test is about it
					throw new Error(message);
				}
			});
		const task = spawn(failing("outer", failing("inner", pending))());
		await microtasks();
		task.abort();
		const { suppressed } = await cancelled(task);
		expect(suppressed).toBeInstanceOf(AggregateError);
		expect((suppressed as AggregateError).errors).toEqual([new Error("inner"), new Error("outer")]);
	});

	it("keeps an error of a leaf's drop, and unwinds on", async () => {
		const log: string[] = [];
		class BadDrop extends Future<never> {
			poll(): Poll<never> {
				return Pending;
			}
			protected override drop(): void {
				throw new Error("drop failed");
			}
		}
		const task = spawn(
			asyncFn(function* () {
				try {
					yield* new BadDrop();
				} finally {
					log.push("cleaned");
				}
			})(),
		);
		await microtasks();
		task.abort();
		expect((await cancelled(task)).suppressed).toEqual(new Error("drop failed"));
		expect(log).toEqual(["cleaned"]);
	});
});
