import { describe, expect, it } from "vitest";
import {
	type Async,
	asyncFn,
	CancelledError,
	type Future,
	type JoinHandle,
	join,
	Pending,
	pending,
	pollFn,
	race,
	ready,
	run,
	select,
	spawn,
	tryJoin,
	yieldNow,
} from "yamanote";
import { cancelled } from "../support/failures.ts";
import { gate } from "../support/gate.ts";
import { hostTurn, microtasks } from "../support/host.ts";

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
