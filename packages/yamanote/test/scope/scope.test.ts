// Native async functions find their task by AsyncLocalStorage, which a page has not.
// @engines node20 node22 node24 node26 bun deno
import { describe, expect, it } from "vitest";
import {
	type Async,
	asyncFn,
	attempt,
	CancelledError,
	currentDeadline,
	Elapsed,
	Instant,
	join,
	pending,
	Runtime,
	run,
	type Scope,
	ScopeClosedError,
	scope,
	select,
	sleep,
	spawn,
	type TaskContext,
	timeout,
	yieldNow,
} from "yamanote";
import { Semaphore } from "yamanote/sync";
import { assertElapsed, paused } from "yamanote/testing";

const failAfter = asyncFn(function* (ms: number, error: Error) {
	yield* sleep(ms);
	throw error;
});

/** Waits for ever, and writes down how it ends; its cleanup takes `ms`. */
const stays = asyncFn(function* (log: string[], name: string, ms?: number) {
	try {
		yield* pending();
	} finally {
		if (ms !== undefined) yield* sleep(ms);
		log.push(`${name} cancelled`);
	}
});

describe("scope", () => {
	it(
		"gives the value of its body when all children have ended",
		paused(function* () {
			const start = Instant.now();
			const log: string[] = [];
			const value = yield* scope(function* (s) {
				s.spawn(function* () {
					yield* sleep(20);
					log.push("child");
				});
				yield* sleep(5);
				log.push("body");
				return 7;
			});
			expect(value).toBe(7);
			expect(log).toEqual(["body", "child"]);
			assertElapsed(start, 20);
		}),
	);

	it(
		"runs nothing before its first poll",
		paused(function* () {
			let ran = false;
			const lazy = scope(function* () {
				ran = true;
			});
			yield* yieldNow();
			expect(ran).toBe(false);
			yield* lazy;
			expect(ran).toBe(true);
		}),
	);

	it(
		"lets the body wait for its children",
		paused(function* () {
			const sum = yield* scope(function* ({ spawn: start }) {
				const a = start(function* () {
					yield* sleep(2);
					return 20;
				});
				const b = start(async () => 22);
				return (yield* a) + (yield* b);
			});
			expect(sum).toBe(42);
		}),
	);

	it(
		"lets children start further children, also after the body has ended",
		paused(function* () {
			const log: number[] = [];
			const grow = (s: Scope, depth: number): void => {
				s.spawn(function* () {
					yield* sleep(1);
					log.push(depth);
					if (depth < 5) grow(s, depth + 1);
				});
			};
			yield* scope(function* (s) {
				grow(s, 1);
			});
			expect(log).toEqual([1, 2, 3, 4, 5]);
		}),
	);

	it(
		"counts the children that live",
		paused(function* () {
			yield* scope(function* (s) {
				expect(s.size).toBe(0);
				s.spawn(sleep(1));
				s.spawn(sleep(2));
				expect(s.size).toBe(2);
				yield* sleep(1);
				yield* yieldNow();
				expect(s.size).toBe(1);
			});
		}),
	);

	it(
		"takes an async function as its body",
		paused(async () => {
			const log: string[] = [];
			const value = await run(
				scope(async ({ spawn: start, run: wait, signal }) => {
					start(async () => {
						await sleep(5);
						log.push("child");
					});
					await wait(sleep(1));
					expect(signal.aborted).toBe(false);
					return "value";
				}),
			);
			expect(value).toBe("value");
			expect(log).toEqual(["child"]);
		}),
	);

	it(
		"takes an asyncFn as its body, and gives it its task",
		paused(function* () {
			const body = asyncFn(function* ({ id, spawn: start }: Scope) {
				start(sleep(1));
				yield* sleep(2);
				return id;
			});
			expect(yield* scope(body)).toBeGreaterThan(0);
		}),
	);

	it("refuses what is no function, and options out of range", () => {
		expect(() => scope(sleep(1) as never)).toThrow(TypeError);
		expect(() => scope(function* () {}, { concurrency: 0 })).toThrow(RangeError);
		expect(() => scope(function* () {}, { deadline: Number.NaN })).toThrow(RangeError);
	});
});

describe("a failure in a scope", () => {
	it(
		"of a child cancels its siblings and the body, and is thrown when their cleanup has ended",
		paused(function* () {
			const start = Instant.now();
			const log: string[] = [];
			const error = new RangeError("child");
			const result = yield* attempt(
				scope(function* (s) {
					s.spawn(stays(log, "sibling", 10));
					s.spawn(failAfter(5, error));
					yield* stays(log, "body", 20);
				}),
			);
			expect(result).toEqual({ ok: false, error });
			expect(log).toEqual(["sibling cancelled", "body cancelled"]);
			assertElapsed(start, 25);
		}),
	);

	it(
		"of the body cancels the children",
		paused(function* () {
			const log: string[] = [];
			const error = new RangeError("body");
			const result = yield* attempt(
				scope(function* (s) {
					s.spawn(stays(log, "child", 3));
					yield* sleep(1);
					throw error;
				}),
			);
			expect(result).toEqual({ ok: false, error });
			expect(log).toEqual(["child cancelled"]);
		}),
	);

	it(
		"is thrown also if the body has its value already",
		paused(function* () {
			const error = new Error("late");
			const result = yield* attempt(
				scope(function* (s) {
					s.spawn(failAfter(5, error));
					return "value";
				}),
			);
			expect(result).toEqual({ ok: false, error });
		}),
	);

	it(
		"of a grandchild reaches everybody",
		paused(function* () {
			const log: string[] = [];
			const error = new Error("deep");
			const result = yield* attempt(
				scope(function* (s) {
					s.spawn(stays(log, "first"));
					s.spawn(function* () {
						yield* scope(function* (inner) {
							inner.spawn(stays(log, "inner"));
							inner.spawn(failAfter(1, error));
						});
					});
				}),
			);
			expect(result).toEqual({ ok: false, error });
			expect(log.sort()).toEqual(["first cancelled", "inner cancelled"]);
		}),
	);

	it(
		"is told to the cancelled as the reason",
		paused(function* () {
			const error = new Error("why");
			let reason: unknown;
			yield* attempt(
				scope(function* (s) {
					s.spawn(async ({ signal }) => {
						signal.addEventListener("abort", () => {
							reason = signal.reason;
						});
						await pending();
					});
					s.spawn(failAfter(1, error));
				}),
			);
			expect(reason).toBeInstanceOf(CancelledError);
			expect((reason as CancelledError).reason).toBe(error);
		}),
	);

	it(
		"cancels children that are started after it, before their first line",
		paused(function* () {
			let ran = false;
			yield* attempt(
				scope(function* (s) {
					s.spawn(failAfter(1, new Error("no")));
					try {
						yield* pending();
					} finally {
						s.spawn(function* () {
							ran = true;
						});
					}
				}),
			);
			expect(ran).toBe(false);
		}),
	);

	it(
		"in the cleanup of a cancelled child is not lost",
		paused(function* () {
			const result = yield* attempt(
				scope(function* (s) {
					s.spawn(function* () {
						using _resource = {
							[Symbol.dispose]() {
								throw new Error("cleanup");
							},
						};
						yield* pending();
					});
					yield* yieldNow();
					throw new Error("body");
				}),
			);
			const { error } = result as { error: Error };
			expect(error.message).toBe("body");
			const [other] = (error.cause as AggregateError).errors;
			expect(other.suppressed).toMatchObject({ message: "cleanup" });
		}),
	);

	it(
		"is none if a child is aborted by its handle",
		paused(function* () {
			const log: string[] = [];
			const value = yield* scope(function* (s) {
				const child = s.spawn(stays(log, "child"));
				yield* yieldNow();
				child.abort();
				yield* attempt(child, CancelledError);
				return "went on";
			});
			expect(value).toBe("went on");
			expect(log).toEqual(["child cancelled"]);
		}),
	);

	it(
		"is that of the scope alone: nobody is told of it as unobserved",
		paused(function* () {
			for (let i = 0; i < 3; i++) {
				yield* attempt(
					scope(function* (s) {
						s.spawn(failAfter(1, new Error("a")));
						s.spawn(failAfter(2, new Error("b")));
					}),
				);
			}
			yield* sleep(10_000);
		}),
	);

	it(
		"is that of the scope alone where the body or a sibling waits for the child as well",
		paused(function* () {
			for (const [body, sibling] of [
				[true, false],
				[false, true],
				[true, true],
			]) {
				const error = new Error("child");
				const outcome = yield* attempt(
					scope(function* (s) {
						const child = s.spawn(failAfter(1, error));
						if (sibling) s.spawn(() => child);
						if (body) yield* child;
					}),
				);
				expect(outcome.ok ? undefined : outcome.error).toBe(error);
				expect(error.cause).toBe(undefined);
			}
			yield* sleep(10_000);
		}),
	);
});

it(
	"a scope of many children releases the permits that nobody took, once, and leaves those that were taken",
	paused(function* () {
		const semaphore = new Semaphore(300);
		const taken = yield* scope(function* (s) {
			const handles = Array.from({ length: 300 }, () => s.spawn(semaphore.acquire()));
			const permits = yield* join(handles.slice(0, 200));
			expect(semaphore.availablePermits).toBe(0);
			return permits;
		});
		expect(semaphore.availablePermits).toBe(100);
		for (const permit of taken) permit.release();
		expect(semaphore.availablePermits).toBe(300);
	}),
);

describe("an async body that waits for a child that fails", () => {
	for (const [how, body] of [
		["passes the failure on", (child: PromiseLike<unknown>) => child],
		[
			"fails with it as the cause",
			(child: PromiseLike<unknown>) => child.then(null, (cause) => Promise.reject(new Error("body", { cause }))),
		],
	] as const)
		it(`and ${how} is no failure of cleanup: it is told once`, async () => {
			const told: unknown[] = [];
			const runtime = new Runtime({ onUnhandled: (failure: unknown) => told.push(failure) } as never);
			const error = new Error("child");
			let reason: unknown;
			const outcome = runtime.blockOn(
				scope(async ({ spawn: begin, signal }) => {
					signal.addEventListener("abort", () => {
						reason = signal.reason.reason;
					});
					await body(
						begin(async () => {
							await null;
							throw error;
						}),
					);
				}),
			);
			await expect(outcome).rejects.toBe(error);
			await runtime.shutdown();
			expect(told).toEqual([]);
			expect(reason).toBe(error);
		});
});

describe("cancelling a scope", () => {
	it(
		"is told with its reason to a body and a child that ask for their signal in their cleanup only",
		paused(function* () {
			const reasons: unknown[] = [];
			const cleans = function* (task: TaskContext) {
				try {
					yield* pending();
				} finally {
					reasons.push(task.signal.reason.reason);
				}
			};
			yield* attempt(
				scope(function* (s) {
					s.spawn(cleans);
					s.spawn(function* () {
						yield* sleep(1);
						s.cancel("why");
					});
					yield* cleans(s);
				}),
				CancelledError,
			);
			expect(reasons).toEqual(["why", "why"]);
		}),
	);

	it(
		"from outside cancels body and children, and waits for their cleanup",
		paused(function* () {
			const start = Instant.now();
			const log: string[] = [];
			const first = yield* select({
				work: scope(function* (s) {
					s.spawn(stays(log, "child", 10));
					yield* stays(log, "body", 5);
				}),
				tick: sleep(1),
			});
			expect(first.key).toBe("tick");
			expect(log).toEqual(["body cancelled", "child cancelled"]);
			assertElapsed(start, 11);
		}),
	);

	it(
		"by abort of its task does the same",
		paused(function* () {
			const log: string[] = [];
			const task = spawn(
				scope(function* (s) {
					s.spawn(stays(log, "child", 10));
				}),
			);
			yield* sleep(1);
			task.abort();
			yield* attempt(task);
			expect(log).toEqual(["child cancelled"]);
		}),
	);

	it(
		"by itself throws a CancelledError with the reason, when cleanup has ended",
		paused(function* () {
			const start = Instant.now();
			const log: string[] = [];
			const result = yield* attempt(
				scope(function* (s) {
					s.spawn(stays(log, "child", 10));
					yield* sleep(1);
					s.cancel("enough");
					log.push("goes on to its next wait");
					yield* pending();
				}),
				CancelledError,
			);
			expect(result).toMatchObject({ ok: false, error: { reason: "enough" } });
			expect(log).toEqual(["goes on to its next wait", "child cancelled"]);
			assertElapsed(start, 11);
		}),
	);

	it(
		"by a child works too",
		paused(function* () {
			const log: string[] = [];
			const result = yield* attempt(
				scope(function* (s) {
					s.spawn(function* () {
						yield* sleep(1);
						s.cancel();
						yield* pending();
					});
					yield* stays(log, "body");
				}),
				CancelledError,
			);
			expect(result.ok).toBe(false);
			expect(log).toEqual(["body cancelled"]);
		}),
	);

	it(
		"abortAll aborts the children alone, and the scope gives its value",
		paused(function* () {
			const log: string[] = [];
			const value = yield* scope(function* (s) {
				s.spawn(stays(log, "worker"));
				s.spawn(stays(log, "another"));
				yield* sleep(5);
				s.abortAll();
				return "served";
			});
			expect(value).toBe("served");
			expect(log).toEqual(["worker cancelled", "another cancelled"]);
		}),
	);

	it(
		"of a finished one does nothing, and starting a child in it is refused",
		paused(function* () {
			let kept: Scope | undefined;
			yield* scope(function* (s) {
				kept = s;
			});
			kept?.cancel();
			expect(() => kept?.spawn(sleep(1))).toThrow(ScopeClosedError);
		}),
	);

	it(
		"releases what the body or a child had got and nobody receives",
		paused(function* () {
			const semaphore = new Semaphore(3);
			yield* scope(function* (s) {
				s.spawn(semaphore.acquire());
				yield* sleep(1);
				expect(semaphore.availablePermits).toBe(2);
			});
			expect(semaphore.availablePermits).toBe(3);
			yield* attempt(
				scope(function* (s) {
					s.spawn(failAfter(1, new Error("no")));
					return yield* semaphore.acquire();
				}),
			);
			expect(semaphore.availablePermits).toBe(3);
			const permit = yield* scope(function* (s) {
				return yield* s.spawn(semaphore.acquire());
			});
			expect(semaphore.availablePermits).toBe(2);
			permit.release();
		}),
	);
});

describe("the deadline of a scope", () => {
	it(
		"cancels all of it, and throws Elapsed",
		paused(function* () {
			const log: string[] = [];
			const result = yield* attempt(
				scope(
					function* (s) {
						s.spawn(stays(log, "child"));
						yield* pending();
					},
					{ deadline: 50 },
				),
				Elapsed,
			);
			expect(result).toMatchObject({ ok: false, error: { ms: 50 } });
			expect(log).toEqual(["child cancelled"]);
		}),
	);

	it(
		"may be an instant",
		paused(function* () {
			const start = Instant.now();
			yield* attempt(
				scope(() => pending(), { deadline: start.plus(30) }),
				Elapsed,
			);
			assertElapsed(start, 30);
		}),
	);

	it(
		"does not matter if the scope ends in time",
		paused(function* () {
			const value = yield* scope(
				function* (s) {
					s.spawn(sleep(5));
					return 1;
				},
				{ deadline: 50 },
			);
			expect(value).toBe(1);
		}),
	);

	it(
		"is seen by its children, and by theirs, as the nearest one",
		paused(function* () {
			const start = Instant.now();
			const seen: (number | undefined)[] = [];
			const look = (): void => void seen.push(currentDeadline()?.since(start));
			yield* timeout(
				100,
				scope(function* (s) {
					look();
					s.spawn(function* () {
						look();
						yield* timeout(
							70,
							scope(function* (inner) {
								inner.spawn(function* () {
									look();
								});
							}),
						);
						yield* timeout(
							500,
							asyncFn(function* () {
								look();
							})(),
						);
					});
					spawn(function* () {
						look();
					});
				}),
			);
			expect(seen).toEqual([100, 100, undefined, 70, 100]);
		}),
	);
});

describe("a scope with limited concurrency", () => {
	it(
		"runs so many children at once, the others in their order",
		paused(function* () {
			let running = 0;
			let most = 0;
			const order: number[] = [];
			yield* scope(
				function* (s) {
					for (let n = 0; n < 6; n++) {
						s.spawn(function* () {
							order.push(n);
							most = Math.max(most, ++running);
							yield* sleep(10);
							running--;
						});
					}
				},
				{ concurrency: 2 },
			);
			expect(most).toBe(2);
			expect(order).toEqual([0, 1, 2, 3, 4, 5]);
		}),
	);

	it("of Infinity, runs all of them", async () => {
		const started = await run(
			scope(
				function* (s) {
					for (let n = 0; n < 3; n++) s.spawn(pending());
					yield* yieldNow();
					s.abortAll();
					return s.size;
				},
				{ concurrency: Infinity },
			),
		);
		expect(started).toBe(3);
	});
});

describe("scopes by the thousand", () => {
	it("cancels 100,000 children, and nothing is left", { timeout: 60_000 }, async () => {
		await paused(function* () {
			const child = asyncFn(function* () {
				yield* pending();
			});
			const result = yield* attempt(
				scope(function* (s) {
					for (let i = 0; i < 100_000; i++) s.spawn(child());
					yield* sleep(1);
					expect(s.size).toBe(100_000);
					s.cancel();
				}),
				CancelledError,
			);
			expect(result.ok).toBe(false);
		})();
	});

	it("has no trouble with 1,000 scopes inside each other", async () => {
		await paused(function* () {
			let deepest = 0;
			const nest = asyncFn(function* (depth: number): Async<void> {
				deepest = Math.max(deepest, depth);
				if (depth === 1_000) return;
				yield* join([
					scope(function* (s) {
						s.spawn(nest(depth + 1));
					}),
				]);
			});
			yield* nest(0);
			expect(deepest).toBe(1_000);
		})();
	});
});
