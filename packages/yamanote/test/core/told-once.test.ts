// Rule 7, and its other half: a failure that somebody is thrown is not reported as well, by a loser that waited for the same.
import { describe, expect, it } from "vitest";
import {
	attempt,
	each,
	type Future,
	FuturesUnordered,
	type IntoFuture,
	type JoinHandle,
	JoinSet,
	join,
	joinSettled,
	mapConcurrent,
	pending,
	Runtime,
	race,
	run,
	scope,
	select,
	shared,
	spawn,
	type TaskContext,
	timeout,
	tryJoin,
	yieldNow,
} from "yamanote";
import { cancelled, reporting } from "../support/failures.ts";
import { deferred, gate } from "../support/gate.ts";
import { hostTurns } from "../support/host.ts";

/** A page has no AsyncLocalStorage: nobody can tell whose a native `await` is, so that a cancellation does not end it. */
const inPage = !("process" in globalThis);

type Failing = JoinHandle<never, Error>;
type Body = (handle: Failing) => IntoFuture;

const CLEANS_NATIVELY = "an async function that waits for it in its cleanup";

/** Ways of a loser to be given the failure of a handle, and to pass it on. */
const losers: Readonly<Record<string, Body>> = {
	"a generator": (handle) =>
		function* () {
			yield* handle;
		},
	"a generator that waits for it in its cleanup": (handle) =>
		function* () {
			try {
				yield* pending();
			} finally {
				yield* handle;
			}
		},
	"an async function": (handle) => async () => {
		await handle;
	},
	"an async function that waits by `run`": (handle) => async (task: TaskContext) => {
		await task.run(handle);
	},
	"an async function that takes some time to pass it on": (handle) => async () => {
		try {
			await handle;
		} finally {
			for (let i = 0; i < 20; i++) await null;
		}
	},
	[CLEANS_NATIVELY]: (handle) => async () => {
		try {
			await pending();
		} finally {
			await handle;
		}
	},
	"an async function in a timeout": (handle) => timeout(60_000, async () => handle.then()),
	"an async function in another tryJoin": (handle) => tryJoin([pending(), async () => handle.then()]),
	"an async function that an async function waits for": (handle) => async (task: TaskContext) => {
		await task.run(async () => {
			await handle;
		});
	},
	"a generator that owns a task": (handle) =>
		function* () {
			yield* spawn(handle).abortOnDrop();
		},
	"the body of a scope": (handle) =>
		scope(async () => {
			await handle;
		}),
	"the body of a scope, in its cleanup": (handle) =>
		scope(function* (s) {
			s.spawn(function* () {
				yield* handle;
			});
			try {
				yield* pending();
			} finally {
				yield* handle;
			}
		}),
	"a scope that fails with it, and then takes its time": (handle) =>
		scope(function* (s) {
			s.spawn(function* () {
				try {
					yield* pending();
				} finally {
					for (let i = 0; i < 20; i++) yield* yieldNow();
				}
			});
			yield* handle;
		}),
	"a child of a scope": (handle) =>
		scope(function* (s) {
			s.spawn(async () => {
				await handle;
			});
			yield* pending();
		}),
};

/** The first of them fails first. */
const combinators: Readonly<Record<string, (bodies: readonly IntoFuture[]) => IntoFuture>> = {
	tryJoin: (bodies) => tryJoin(bodies as IntoFuture[]),
	select: (bodies) => select(Object.fromEntries(bodies.entries()) as Record<string, IntoFuture>, { biased: true }),
	race: (bodies) => race(bodies as IntoFuture[]),
	mapConcurrent: (bodies) => mapConcurrent(bodies as IntoFuture[], Infinity, (body) => tryJoin([body])),
	"a scope": (bodies) =>
		scope(function* (s) {
			for (const body of bodies) s.spawn(body);
		}),
	"joinAll of a JoinSet": (bodies) =>
		function* () {
			const set = new JoinSet();
			for (const body of bodies) set.spawn(body as () => Promise<unknown>);
			yield* set.joinAll();
		},
	"a tryJoin in a tryJoin": (bodies) => tryJoin([tryJoin(bodies as IntoFuture[]), pending()]),
};

/** A task that fails when all others wait. */
function failing(error: Error): Failing {
	const door = gate<never>();
	void hostTurns(2).then(() => door.fail(error));
	return spawn(door) as Failing;
}

describe("rule 7: what a combinator throws is not reported as the failure of a loser's cleanup", () => {
	for (const [where, combined] of Object.entries(combinators))
		for (const [loser, body] of Object.entries(losers))
			it.skipIf(inPage && loser === CLEANS_NATIVELY)(
				`${where} whose losers wait for the same handle: ${loser}`,
				async () => {
					const error = new Error("told once");
					const reported = await reporting(async (soFar) => {
						const handle = failing(error);
						const winner = handle;
						await expect(run(combined([winner, body(handle), body(handle)]) as never)).rejects.toBe(error);
						await hostTurns(3);
						return soFar;
					});
					expect(reported.map((failure) => failure.error)).toEqual([]);
					expect(error.cause).toBe(undefined);
				},
			);

	it("nor where they wait for tasks of their own that have failed with it", async () => {
		const error = new Error("told once");
		const reported = await reporting(async (soFar) => {
			const handle = failing(error);
			await expect(run(tryJoin([spawn(handle), spawn(handle), spawn(handle)]))).rejects.toBe(error);
			await hostTurns(3);
			return soFar;
		});
		expect(reported).toEqual([]);
	});

	it("nor where they wait for the same promise", async () => {
		const error = new Error("told once");
		const reported = await reporting(async (soFar) => {
			const { promise, reject } = deferred();
			const both = run(tryJoin([async () => promise, async () => promise]));
			reject(error);
			await expect(both).rejects.toBe(error);
			await hostTurns(3);
			return soFar;
		});
		expect(reported).toEqual([]);
	});

	it.skipIf(inPage)("a loser's signal says for what it was cancelled, as that of a scope's body does", async () => {
		const error = new Error("the first");
		const reasons: unknown[] = [];
		const cleans = async ({ signal }: TaskContext) => {
			signal.addEventListener("abort", () => reasons.push(signal.reason.reason));
			await pending();
		};
		const handle = failing(error);
		await expect(run(tryJoin([handle, cleans, timeout(60_000, cleans)]))).rejects.toBe(error);
		expect(reasons).toEqual([error, error]);
		const task = spawn(tryJoin([pending(), cleans]));
		await hostTurns(1);
		task.abort("why");
		await expect(task).rejects.toMatchObject({ reason: "why" });
		expect(reasons).toEqual([error, error, "why"]);
	});
});

describe("rule 7: what nobody is thrown is reported", () => {
	const other = new Error("another");

	for (const [how, loser] of [
		[
			"a generator",
			function* (handle: Failing) {
				try {
					yield* handle;
				} finally {
					// biome-ignore lint/correctness/noUnsafeFinally: the test is about it
					throw other;
				}
			},
		],
		[
			"an async function",
			async (handle: Failing) => {
				await handle.catch(() => Promise.reject(other));
			},
		],
	] as const)
		it(`another error than the one that is thrown: ${how}`, async () => {
			const error = new Error("told once");
			const reported = await reporting(async (soFar) => {
				const handle = failing(error);
				const winner = handle;
				await expect(run(tryJoin([winner, () => loser(handle) as never]))).rejects.toBe(error);
				await hostTurns(3);
				return soFar;
			});
			expect(reported.map((failure) => failure.error)).toEqual([other]);
		});

	for (const [where, combined] of Object.entries(combinators))
		it(`a failure that was to be thrown when all cleanup had ended, and then its owner was cancelled: ${where}`, async () => {
			const error = new Error("on its way");
			const ended = gate<never>();
			const [won, cleaned] = [gate(), gate()];
			const reported = await reporting(async (soFar) => {
				const cleans = function* () {
					try {
						yield* pending();
					} finally {
						yield* cleaned;
					}
				};
				const first = run(select({ failed: combined([ended, cleans]), won }));
				await hostTurns(2);
				ended.fail(error);
				await hostTurns(2);
				won.open();
				await hostTurns(2);
				expect(soFar).toEqual([]);
				cleaned.open();
				expect((await first).key).toBe("won");
				return soFar;
			});
			expect(reported.map((failure) => failure.error)).toEqual([error]);
		});
});

describe("rule 7: failures that wait for others to end are reported, when those who were to throw them are cancelled", () => {
	/** What is reported when the task is aborted while one member has failed, and another waits. */
	async function dropped(body: (failing: IntoFuture) => IntoFuture): Promise<unknown[]> {
		const error = new Error("on its way");
		const reported = await reporting(async (soFar) => {
			const fails = gate<never>();
			const task = spawn(body(fails) as () => Promise<void>);
			await hostTurns(2);
			fails.fail(error);
			await hostTurns(2);
			expect(soFar).toEqual([]);
			task.abort();
			await expect(task).rejects.toMatchObject({ name: "AbortError", suppressed: undefined });
			return soFar;
		});
		return reported.map((failure) => failure.error === error);
	}

	it("a join", async () => {
		expect(await dropped((fails) => timeout(60_000, join([fails, pending()]) as never))).toEqual([true]);
	});

	it("a joinSettled, which nobody is given either", async () => {
		expect(await dropped((fails) => joinSettled([fails, pending()]))).toEqual([true]);
	});

	it("but not of futures that have made values of them", async () => {
		expect(await dropped((fails) => joinSettled([attempt(fails), pending()]))).toEqual([]);
	});

	it("a FuturesUnordered from which nobody has taken it", async () => {
		const body = (fails: IntoFuture) =>
			function* () {
				const both = shared(fails as Future<never>);
				const set = new FuturesUnordered<IntoFuture>([attempt(both), both]);
				yield* set.next();
				yield* pending();
			};
		expect(await dropped(body)).toEqual([true]);
	});
});

it.skipIf(inPage)(
	"rule 7: an async function that is cancelled does not lose the failures in the cause of another task's cancellation, which came first",
	async () => {
		const lost = new Error("the second");
		const reported = await reporting(async (soFar) => {
			const [cleaned, second] = [gate(), gate<never>()];
			const first = spawn(pending());
			const task = spawn(
				timeout(60_000, async () => {
					try {
						await join([first, second]);
					} finally {
						await cleaned.catch(() => {});
					}
				}),
			);
			await hostTurns(1);
			first.abort();
			await hostTurns(1);
			second.fail(lost);
			await hostTurns(1);
			task.abort();
			await expect(task).rejects.toMatchObject({ name: "AbortError" });
			return soFar;
		});
		expect(reported.map(({ error }) => ((error as Error).cause as AggregateError).errors)).toEqual([[lost]]);
	},
);

it.skipIf(inPage)(
	"rule 7: an error that the cancellation of another task carries is not taken for the cancellation of an async function",
	async () => {
		const lost = new Error("in the cleanup of the other");
		const task = spawn(async () => {
			try {
				await pending();
			} finally {
				const other = spawn(function* () {
					try {
						yield* pending();
					} finally {
						// biome-ignore lint/correctness/noUnsafeFinally: the test is about it
						throw lost;
					}
				});
				await hostTurns(1);
				other.abort();
				await other;
			}
		});
		await hostTurns(1);
		task.abort();
		await expect(task).rejects.toMatchObject({
			name: "AbortError",
			suppressed: { name: "AbortError", suppressed: lost },
		});
	},
);

/** The end of an async function that is cancelled in its cleanup, when it was given the cancellation of a task that was cancelled for `failure`. */
async function cancelledInCleanup(failure: Error, through: (other: JoinHandle<never>) => Future<unknown>) {
	const reports: unknown[] = [];
	const runtime = new Runtime({ onUnhandled: ({ error }) => void reports.push(error) });
	const error = await runtime.blockOn(async () => {
		const other = spawn(pending());
		const task = spawn(async () => {
			try {
				await through(other);
			} finally {
				await pending().catch(() => {});
			}
		});
		await hostTurns(1);
		other.abort(failure);
		await hostTurns(1);
		task.abort();
		return cancelled(task);
	});
	await runtime.shutdown();
	return { error, reports };
}

it.skipIf(inPage)(
	"rule 7: nor is the failure for which another task was cancelled, which a combinator throws in its place",
	async () => {
		const failure = new Error("of a set that shared the task");
		const { error, reports } = await cancelledInCleanup(failure, (other) => tryJoin([other]));
		expect(error).toMatchObject({ name: "AbortError", suppressed: { name: "AbortError", reason: failure } });
		expect(reports).toEqual([]);
	},
);

it.skipIf(inPage)(
	"rule 7: who takes the cancellation of another task from its handle has nothing to tell",
	async () => {
		const { error, reports } = await cancelledInCleanup(new Error("no longer wanted"), (other) => other);
		expect(error).toMatchObject({ name: "AbortError", suppressed: undefined });
		expect(reports).toEqual([]);
	},
);

it.skipIf(inPage)("rule 7: but one that was cancelled for the same reason is", async () => {
	const reason = new Error("enough");
	const other = spawn(pending());
	const task = spawn(async () => {
		try {
			await pending();
		} finally {
			other.abort(reason);
			await other;
		}
	});
	await hostTurns(1);
	task.abort(reason);
	await expect(task).rejects.toMatchObject({ name: "AbortError", reason, suppressed: undefined });
});

describe("rule 7: who is cancelled just when a handle that it waits for fails is as one that has dropped the handle", () => {
	const waits: Readonly<Record<string, (handle: Failing) => IntoFuture>> = {
		"a generator": (handle) =>
			function* () {
				yield* handle;
			},
		"an async function": (handle) => async () => {
			await handle;
		},
	};

	/** Aborts so many tasks that wait as the handle fails. Gives what is reported, the end of the runtime included. */
	async function cut(wait: (handle: Failing) => IntoFuture, many: number, observed: boolean) {
		const reported: unknown[] = [];
		const runtime = new Runtime({ onUnhandled: (failure) => void reported.push(failure.error) });
		const error = new Error("told once");
		const [fails, aborts] = [gate<never>(), gate()];
		const handle = runtime.spawn(fails) as Failing;
		const tasks = Array.from({ length: many }, () => runtime.spawn(wait(handle) as () => Promise<void>));
		if (observed) handle.catch(() => {});
		runtime.spawn(function* () {
			yield* aborts;
			for (const task of tasks) task.abort();
		});
		await hostTurns(2);
		fails.fail(error);
		aborts.open();
		for (const task of tasks) await expect(task).rejects.toMatchObject({ name: "AbortError", suppressed: undefined });
		await runtime.shutdown();
		return reported.map((one) => one === error);
	}

	for (const [how, wait] of Object.entries(waits)) {
		const told = it.skipIf(inPage && how === "an async function");
		told(`${how}: the failure is told once, if nobody else was given it`, async () => {
			expect(await cut(wait, 1, false)).toEqual([true]);
			expect(await cut(wait, 3, false)).toEqual([true]);
		});

		told(`${how}: and not at all, if somebody was`, async () => {
			expect(await cut(wait, 1, true)).toEqual([]);
			expect(await cut(wait, 3, true)).toEqual([]);
		});
	}
});

describe("rule 7: the same failure is told once, when several that pass it on are cancelled from outside in the instant in which they get it", () => {
	const CLEANS = "an async function that waits for it in its cleanup";
	const helpers: Readonly<Record<string, Body>> = {
		"a wait by `run`": (handle) => async (task: TaskContext) => {
			await task.run(handle);
		},
		"a task that is owned": (handle) =>
			function* () {
				yield* spawn(handle).abortOnDrop();
			},
		"the body of an `each` that owns a task": (handle) => each([1], () => spawn(handle).abortOnDrop()),
		"the body of an `each` with concurrency": (handle) =>
			each([1], () => spawn(handle).abortOnDrop(), { concurrency: 2 }),
		"a mapConcurrent of owned tasks": (handle) => mapConcurrent([1], 1, () => spawn(handle).abortOnDrop()),
		"a join of owned tasks": (handle) => join([spawn(handle).abortOnDrop(), spawn(handle).abortOnDrop()]),
		"a child of a scope": (handle) =>
			scope(function* (s) {
				s.spawn(function* () {
					yield* handle;
				});
				yield* pending();
			}),
		"a task of a JoinSet": (handle) =>
			function* () {
				const set = new JoinSet();
				set.spawn(handle);
				yield* set.joinAll();
			},
		"a generator that waits for it in its cleanup": (handle) =>
			function* () {
				try {
					yield* pending();
				} finally {
					yield* handle;
				}
			},
		[CLEANS]: (handle) => async () => {
			try {
				await pending();
			} finally {
				await handle;
			}
		},
	};

	/** What is reported, when a task that holds so many of them is aborted. */
	async function cut(helper: Body, many: number, abortFirst: boolean): Promise<unknown[]> {
		const reported: unknown[] = [];
		const runtime = new Runtime({ onUnhandled: (failure) => void reported.push(failure.error) });
		const [fails, aborts] = [gate<never>(), gate()];
		const error = new Error("told once");
		const task = runtime.spawn(function* () {
			const handle = spawn(fails) as Failing;
			yield* tryJoin(Array.from({ length: many }, () => helper(handle)) as IntoFuture[]);
		});
		runtime.spawn(function* () {
			yield* aborts;
			task.abort();
		});
		await hostTurns(2);
		if (abortFirst) aborts.open();
		fails.fail(error);
		aborts.open();
		await expect(task).rejects.toMatchObject({ name: "AbortError", suppressed: undefined });
		await runtime.shutdown();
		return reported.map((one) => one === error);
	}

	for (const [how, helper] of Object.entries(helpers))
		it.skipIf(inPage && how === CLEANS)(how, async () => {
			for (const many of [1, 2, 3])
				for (const abortFirst of [false, true]) expect(await cut(helper, many, abortFirst)).toEqual([true]);
		});

	/** A handle that fails with the cancellation of a scope, and a set of tasks that own it, and hand on its failure. */
	async function owned(members: readonly ("waits" | "owns")[], abortAfter: number | undefined): Promise<number> {
		const reported: unknown[] = [];
		const runtime = new Runtime({ onUnhandled: (failure) => void reported.push(failure.error) });
		const cancels = gate();
		const task = runtime.spawn(function* () {
			const handle = spawn(
				scope(function* (s) {
					yield* cancels;
					s.cancel("told once");
					yield* pending();
				}),
			);
			const set = new JoinSet();
			for (const member of members)
				set.spawn(function* () {
					yield* member === "waits" ? handle : handle.abortOnDrop();
				});
			yield* set.joinAll();
		});
		await hostTurns(2);
		runtime.spawn(function* () {
			cancels.open();
			if (abortAfter === undefined) return;
			for (let i = 0; i < abortAfter; i++) yield* yieldNow();
			task.abort("outside");
		});
		const outcome = await task.catch((error: unknown) => error);
		await runtime.shutdown();
		expect(reported).not.toContain(outcome);
		return reported.length;
	}

	it("a scope's cancellation, with which a handle fails that tasks of a JoinSet own: not again by joinAll, nor at the end", async () => {
		for (const members of [["owns"], ["waits", "owns"], ["owns", "waits"], ["owns", "owns", "waits"]] as const) {
			expect(await owned(members, undefined)).toBe(0);
			for (let after = 0; after < 8; after++) expect(await owned(members, after)).toBeLessThanOrEqual(1);
		}
	});

	it("but twice, when it is left behind in two turns of the host, or one has two failures", async () => {
		const reported: unknown[] = [];
		const runtime = new Runtime({ onUnhandled: (failure) => void reported.push(failure.error) });
		const errors = [new Error("one"), new Error("another")];
		const leaves = async (error: unknown): Promise<void> => {
			const task = runtime.spawn(
				timeout(Infinity, function* () {
					try {
						yield* pending();
					} finally {
						// biome-ignore lint/correctness/noUnsafeFinally: the test is about it
						throw error;
					}
				}),
			);
			await hostTurns(1);
			task.abort();
			await expect(task).rejects.toMatchObject({ name: "AbortError" });
		};
		await leaves(errors[0]);
		await hostTurns(1);
		await leaves(errors[0]);
		await leaves(errors[1]);
		await runtime.shutdown();
		expect(reported).toEqual([errors[0], errors[0], errors[1]]);
	});
});
