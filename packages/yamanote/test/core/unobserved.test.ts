import { describe, expect, it } from "vitest";
import {
	type Async,
	attempt,
	fail,
	join,
	joinSettled,
	Runtime,
	race,
	ready,
	run,
	select,
	spawn,
	type TaskFailure,
	timeout,
	tryJoin,
	yieldNow,
} from "yamanote";
import { gate } from "../support/gate.ts";
import { hostTurn, hostTurns, microtasks } from "../support/host.ts";
import { runtimes } from "../support/state.ts";

class Bad extends Error {
	readonly code = "BAD";
}

/** Runs the body in a runtime of its own; gives back what that reported, and what its shutdown reported. */
async function watched(
	body: (runtime: Runtime, reported: TaskFailure[]) => Promise<void>,
): Promise<{ during: TaskFailure[]; shutdown: TaskFailure[] }> {
	const reported: TaskFailure[] = [];
	const runtime = new Runtime({ name: "watched", onUnhandled: (failure) => void reported.push(failure) });
	await body(runtime, reported);
	const during = reported.splice(0);
	await runtime.shutdown();
	return { during, shutdown: reported };
}

const unobserved = (): number => runtimes().reduce((n, r) => n + r.unobserved.size, 0);

describe("rule 7: a task that fails with no awaiter enters the set of unobserved failures", () => {
	it("and is reported when the runtime ends, once, with its name and the error itself", async () => {
		const error = new Bad("nobody looked");
		const { during, shutdown } = await watched(async (runtime) => {
			const handle = runtime.spawn(fail(error), { name: "lonely" });
			await hostTurns(2);
			expect(handle.isFinished).toBe(true);
			expect(unobserved()).toBe(1);
		});
		expect(during).toEqual([]);
		expect(shutdown.map((f) => [f.error, f.when, f.runtime])).toEqual([[error, "shutdown", "watched"]]);
		expect(shutdown[0]?.task).toMatch(/^"lonely" \(#\d+\)$/);
	});

	it("names a task without a name by its number", async () => {
		const { shutdown } = await watched(async (runtime) => {
			const handle = runtime.spawn(fail(new Bad()));
			await hostTurn();
			expect(handle.id).toBeGreaterThan(0);
		});
		expect(shutdown[0]?.task).toMatch(/^#\d+$/);
	});
});

describe("rule 7: observing it removes it", () => {
	const ways: Record<string, (handle: ReturnType<typeof spawn<ReturnType<typeof fail<Bad>>>>) => Promise<unknown>> = {
		"await before the end": (h) => h.catch(() => {}),
		"await after the end": async (h) => {
			await hostTurn();
			expect(unobserved()).toBe(1);
			await h.catch(() => {});
		},
		"yield* before the end": (h) => run(attempt(h)),
		"yield* after the end": async (h) => {
			await hostTurn();
			await run(attempt(h));
		},
		"a join": (h) => run(joinSettled([h])),
		"await in a microtask, later than the failure": async (h) => {
			await microtasks();
			await h.catch(() => {});
		},
	};
	for (const [what, look] of Object.entries(ways)) {
		it(`by ${what}`, async () => {
			const { during, shutdown } = await watched(async (runtime) => {
				await look(runtime.spawn(fail(new Bad())));
				expect(unobserved()).toBe(0);
			});
			expect([...during, ...shutdown]).toEqual([]);
		});
	}

	it("by the failure of whoever awaited it, which is a task of its own", async () => {
		const { during, shutdown } = await watched(async (runtime) => {
			const error = new Bad();
			const inner = runtime.spawn(fail(error));
			const outer = runtime.spawn(function* () {
				yield* inner;
			});
			await expect(outer).rejects.toBe(error);
		});
		expect([...during, ...shutdown]).toEqual([]);
	});
});

describe("rule 7: it is reported at detach()", () => {
	it("at once, if it has failed already", async () => {
		const { during, shutdown } = await watched(async (runtime, reported) => {
			const handle = runtime.spawn(fail(new Bad("detached")));
			await hostTurn();
			expect(reported).toEqual([]);
			handle.detach();
			expect(reported.map((f) => f.when)).toEqual(["detached"]);
			handle.detach();
		});
		expect(during.length).toBe(1);
		expect(shutdown).toEqual([]);
	});

	it("when it fails, if it was detached before", async () => {
		const { during, shutdown } = await watched(async (runtime) => {
			runtime.spawn(fail(new Bad("later"))).detach();
			await hostTurn();
		});
		expect(during.map((f) => [f.when, (f.error as Error).message])).toEqual([["detached", "later"]]);
		expect(shutdown).toEqual([]);
	});
});

describe("rule 7: it is not lost", () => {
	it("when the awaiter is cancelled between the failure and its look", async () => {
		const error = new Bad("not lost");
		const { during, shutdown } = await watched(async (runtime) => {
			const door = gate();
			const failing = runtime.spawn(function* () {
				yield* door;
				yield* fail(error);
			});
			const awaiting = runtime.spawn(function* () {
				yield* failing;
			});
			await microtasks();
			door.open();
			runtime.spawn(function* () {
				awaiting.abort();
			});
			await hostTurn();
			expect([failing.isFinished, awaiting.isFinished]).toEqual([true, true]);
		});
		expect([...during, ...shutdown].map((f) => f.error)).toEqual([error]);
	});

	it("when several awaited it, and all have left before it fails", async () => {
		const error = new Bad("nobody is left");
		const { during, shutdown } = await watched(async (runtime) => {
			const door = gate();
			const failing = runtime.spawn(function* () {
				yield* door;
				yield* fail(error);
			});
			const awaiting = [0, 1, 2].map(() =>
				runtime.spawn(function* () {
					yield* failing;
				}),
			);
			await microtasks();
			for (const one of awaiting) one.abort();
			await hostTurn();
			door.open();
			await hostTurn();
			expect(failing.isFinished).toBe(true);
		});
		expect([...during, ...shutdown].map((f) => f.error)).toEqual([error]);
	});

	it("when another branch of the select that awaited it has won", async () => {
		const error = new Bad("not lost either");
		const { during, shutdown } = await watched(async (runtime) => {
			const door = gate();
			const failing = runtime.spawn(function* () {
				yield* door;
				yield* fail(error);
			});
			const selecting = runtime.spawn(select({ door: secondGate(door), failing }, { biased: true }));
			await microtasks();
			door.open();
			expect((await selecting).key).toBe("door");
		});
		expect([...during, ...shutdown].map((f) => f.error)).toEqual([error]);
	});

	it("when its handle was dropped by an elapsed timeout before it failed", async () => {
		const error = new Bad("after the timeout");
		const { during, shutdown } = await watched(async (runtime) => {
			await runtime.blockOn(function* () {
				const door = gate();
				const failing = spawn(function* () {
					yield* door;
					yield* fail(error);
				});
				yield* attempt(timeout(0, failing));
				door.open();
				while (!failing.isFinished) yield* yieldNow();
			});
		});
		expect([...during, ...shutdown].map((f) => f.error)).toEqual([error]);
	});
});

/** Ready when the other one is, one poll later at most. */
function secondGate(door: ReturnType<typeof gate>): () => Async<void> {
	return function* () {
		while (door.polls < 2) yield* yieldNow() as unknown as Async<void>;
	};
}

describe("rule 7: what is never reported", () => {
	it("a cancelled task", async () => {
		const { during, shutdown } = await watched(async (runtime) => {
			const task = runtime.spawn(gate());
			await microtasks();
			task.abort();
			await hostTurn();
			runtime.spawn(gate()).abort();
			await hostTurn();
		});
		expect([...during, ...shutdown]).toEqual([]);
	});

	it("a failure that a combinator takes and gives on, or leaves behind with its losers", async () => {
		const { during, shutdown } = await watched(async (runtime) => {
			const failing = function* () {
				yield* yieldNow();
				yield* fail(new Bad());
			};
			await runtime.blockOn(function* () {
				yield* attempt(tryJoin([failing, failing, failing]));
				yield* attempt(join([failing, failing]));
				yield* attempt(race([failing, failing]));
				yield* joinSettled([failing]);
				yield* race([failing, ready(1)]);
			});
		});
		expect([...during, ...shutdown]).toEqual([]);
	});

	it("a failure that the promise of run or blockOn gives: that is the promise's affair", async () => {
		const { during, shutdown } = await watched(async (runtime) => {
			await expect(runtime.blockOn(fail(new Bad()))).rejects.toBeInstanceOf(Bad);
		});
		expect([...during, ...shutdown]).toEqual([]);
	});
});

describe("rule 7: the policy is an option", () => {
	it("that is told error, task, runtime and reason, and nothing is printed", async () => {
		const { during } = await watched(async (runtime) => {
			runtime.spawn(fail(new Bad("told")), { name: "teller" }).detach();
			await hostTurn();
		});
		expect(Object.keys(during[0] ?? {}).sort()).toEqual(expect.arrayContaining(["error", "runtime", "task", "when"]));
	});
});
