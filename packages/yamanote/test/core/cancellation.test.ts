import { describe, expect, it } from "vitest";
import {
	type Async,
	asyncFn,
	CancelledError,
	Future,
	type JoinHandle,
	join,
	Pending,
	type Poll,
	pending,
	pollFn,
	race,
	ready,
	run,
	select,
	spawn,
	timeout,
	tryJoin,
	yieldNow,
} from "yamanote";
import { reporting } from "../support/failures.ts";
import { gate } from "../support/gate.ts";
import { hostTurn, microtasks } from "../support/host.ts";

/** The outcome of a task that was cancelled. */
async function cancelled(handle: JoinHandle<unknown, unknown>): Promise<CancelledError> {
	const error = await handle.then(
		(value) => new Error(`it returned ${String(value)}`),
		(e: unknown) => e,
	);
	if (!(error instanceof CancelledError)) throw error;
	return error;
}

describe("rule 3: only the driver calls next, return and throw, never on a generator that is on the stack", () => {
	it("abort sets a flag and wakes: no code of the task runs inside abort()", async () => {
		const log: string[] = [];
		const task = spawn(function* () {
			try {
				yield* pending();
			} finally {
				log.push("cleanup");
			}
		});
		await microtasks();
		task.abort();
		expect(log).toEqual([]);
		expect(task.isFinished).toBe(false);
		await cancelled(task);
		expect(log).toEqual(["cleanup"]);
	});

	it("so do a signal and an abort handle", async () => {
		const stop = new AbortController();
		let cleaned = 0;
		const body = function* () {
			try {
				yield* pending();
			} finally {
				cleaned++;
			}
		};
		const bySignal = spawn(body, { signal: stop.signal });
		const byHandle = spawn(body);
		await microtasks();
		stop.abort(new Error("enough"));
		byHandle.abortHandle().abort();
		expect(cleaned).toBe(0);
		expect((await cancelled(bySignal)).reason).toEqual(new Error("enough"));
		await cancelled(byHandle);
		expect(cleaned).toBe(2);
	});

	it("so does dispose of a future that a native await has started", async () => {
		const log: string[] = [];
		const work = asyncFn(function* () {
			try {
				yield* pending();
			} finally {
				log.push("cleanup");
			}
		})();
		const promise = work.then();
		await microtasks();
		work[Symbol.dispose]();
		expect(log).toEqual([]);
		await expect(promise).rejects.toBeInstanceOf(CancelledError);
		expect(log).toEqual(["cleanup"]);
	});

	it("a task that cancels itself is unwound when its poll returns", async () => {
		const log: string[] = [];
		const task: JoinHandle<void> = spawn(function* () {
			try {
				log.push("before");
				task.abort();
				log.push("after");
				yield* ready(1);
				log.push("a ready wait does not stop it");
				yield* yieldNow();
				log.push("never");
			} finally {
				log.push("cleanup");
			}
		});
		await cancelled(task);
		expect(log).toEqual(["before", "after", "a ready wait does not stop it", "cleanup"]);
	});

	it("a task that cancels itself in its first poll and waits for nothing ends cancelled, not with its value", async () => {
		const task: JoinHandle<string> = spawn(function* () {
			task.abort("changed my mind");
			return "a value";
		});
		expect((await cancelled(task)).reason).toBe("changed my mind");
	});

	it("a task that cancels itself and then fails ends cancelled, and keeps the failure", async () => {
		const task: JoinHandle<string> = spawn(function* () {
			task.abort();
			throw new Error("after the abort");
		});
		expect((await cancelled(task)).suppressed).toEqual(new Error("after the abort"));
	});

	it("a branch that cancels its own task is unwound when the poll returns", async () => {
		const log: string[] = [];
		const task: JoinHandle<unknown> = spawn(
			join([
				function* () {
					try {
						task.abort();
						log.push("goes on");
						yield* yieldNow();
						log.push("never");
					} finally {
						log.push("first cleaned");
					}
				},
				function* () {
					try {
						log.push("second begins");
						yield* pending();
					} finally {
						log.push("second cleaned");
					}
				},
			]),
		);
		await cancelled(task);
		expect(log).toEqual(["goes on", "second begins", "first cleaned", "second cleaned"]);
	});

	it("cancelling from cleanup of the same task does nothing more", async () => {
		let cleanups = 0;
		const task: JoinHandle<void> = spawn(function* () {
			try {
				yield* pending();
			} finally {
				task.abort("again");
				yield* yieldNow();
				cleanups++;
			}
		});
		await microtasks();
		task.abort("first");
		expect((await cancelled(task)).reason).toBe("first");
		expect(cleanups).toBe(1);
	});
});

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

describe("rule 3: a task that outlives its cancel ends cancelled, whatever it returns", () => {
	it("ends cancelled though cleanup returns a value", async () => {
		const task = spawn(function* () {
			try {
				yield* pending();
			} finally {
				// biome-ignore lint/correctness/noUnsafeFinally: the test is about it
				return "swallowed";
			}
		});
		await microtasks();
		task.abort();
		await cancelled(task);
	});

	it("cannot be swallowed by a catch", async () => {
		const log: unknown[] = [];
		const task = spawn(function* () {
			try {
				yield* pending();
			} catch (e) {
				log.push(e);
			}
			log.push("went on");
			yield* yieldNow();
		});
		await microtasks();
		task.abort();
		await cancelled(task);
		expect(log).toEqual([]);
	});

	it("does nothing to a task that has ended", async () => {
		const task = spawn(ready("done"));
		expect(await task).toBe("done");
		task.abort();
		expect(await task).toBe("done");
		const failed = spawn(async () => Promise.reject(new Error("own")));
		await expect(failed).rejects.toThrow("own");
		failed.abort();
		await expect(failed).rejects.toThrow("own");
	});
});

describe("rule 3: before the first poll", () => {
	it("nothing of the task runs, for each kind of body", async () => {
		const ran: string[] = [];
		const bodies = [
			function* () {
				try {
					ran.push("generator function");
				} finally {
					ran.push("finally");
				}
			},
			(function* () {
				try {
					ran.push("generator");
				} finally {
					ran.push("finally");
				}
			})(),
			asyncFn(function* () {
				ran.push("asyncFn");
			})(),
			async () => {
				ran.push("async");
			},
			pollFn(() => ran.push("pollFn")),
			tryJoin([async () => ran.push("member")]),
		];
		for (const body of bodies) {
			const task = spawn(body as () => Promise<void>);
			task.abort();
			await cancelled(task);
		}
		expect(ran).toEqual([]);
	});

	it("a leaf that was never polled is not dropped either", async () => {
		const door = gate();
		const task = spawn(door);
		task.abort();
		await cancelled(task);
		expect([door.polls, door.drops]).toEqual([0, 0]);
	});
});

describe("rule 3: whoever cancelled goes on when the losers' cleanup has ended", () => {
	const loser = (log: string[]) =>
		function* () {
			try {
				yield* pending();
			} finally {
				log.push("begins");
				for (let i = 0; i < 3; i++) yield* yieldNow();
				log.push("ends");
			}
		};

	const whoever: Record<string, (losing: () => Async<void>) => Future<unknown, unknown>> = {
		race: (l) => race([l as never, yieldNow()]),
		select: (l) => select({ l: l as never, w: yieldNow() }),
		"tryJoin that fails": (l) =>
			tryJoin([
				l as never,
				function* () {
					yield* yieldNow();
					throw new Error("failure");
				},
			]),
		abortOnDrop: (l) =>
			race([
				spawn(l as never).abortOnDrop(),
				(function* () {
					for (let i = 0; i < 3; i++) yield* yieldNow();
				})(),
			]),
	};
	for (const [what, make] of Object.entries(whoever)) {
		it(`is so for ${what}`, async () => {
			const log: string[] = [];
			await run(function* () {
				try {
					yield* make(loser(log) as never);
				} catch (e) {
					log.push((e as Error).message);
				}
				log.push("goes on");
			});
			expect(log.filter((l) => l !== "failure")).toEqual(["begins", "ends", "goes on"]);
		});
	}

	it("an owner unwinds losers inside its own poll: cleanup that does not wait costs no extra poll", async () => {
		let polls = 0;
		const door = gate();
		const counted = pollFn(() => {
			polls++;
			return Pending;
		});
		const log: string[] = [];
		const task = spawn(function* () {
			yield* race([
				door,
				function* () {
					try {
						yield* counted;
					} finally {
						log.push("cleaned");
					}
				},
			]);
			log.push("goes on");
		});
		await microtasks();
		door.open();
		expect(log).toEqual([]);
		await task;
		expect(log).toEqual(["cleaned", "goes on"]);
		expect(polls).toBe(1);
	});

	it("isFinished and await of a handle come after cleanup", async () => {
		const door = gate();
		const task = spawn(function* () {
			try {
				yield* pending();
			} finally {
				yield* door;
			}
		});
		await microtasks();
		task.abort();
		const ended: string[] = [];
		task.catch(() => ended.push("handle"));
		await hostTurn();
		expect(task.isFinished).toBe(false);
		expect(ended).toEqual([]);
		door.open();
		await cancelled(task);
		expect(task.isFinished).toBe(true);
		await microtasks();
		expect(ended).toEqual(["handle"]);
	});

	it("a bare promise is not waited for", async () => {
		const never = new Promise<never>(() => {});
		expect(await run(race([never, yieldNow()]))).toBe(undefined);
		const task = spawn(never);
		await microtasks();
		task.abort();
		await cancelled(task);
	});

	it("a loser that is cancelled while the owner is cancelled as well cleans up once", async () => {
		const log: string[] = [];
		const door = gate();
		const task = spawn(
			race([
				function* () {
					try {
						yield* pending();
					} finally {
						log.push("begins");
						yield* door;
						log.push("ends");
					}
				},
				yieldNow(),
			]),
		);
		await hostTurn();
		expect(log).toEqual(["begins"]);
		task.abort();
		await hostTurn();
		expect(task.isFinished).toBe(false);
		door.open();
		await cancelled(task);
		expect(log).toEqual(["begins", "ends"]);
	});
});
