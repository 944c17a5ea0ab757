// Rule 3: native stack use never grows with logical depth. From some depth on a branch of combinators within combinators has a stack of its
// own, and whoever runs in it finds what it would have found.
import { describe, expect, it } from "vitest";
import {
	type Async,
	attempt,
	CancelledError,
	currentDeadline,
	currentTask,
	deadline,
	type Elapsed,
	each,
	type Future,
	Instant,
	type IntoFuture,
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
	sleep,
	spawn,
	taskLocal,
	timeout,
	tryJoin,
	withLimits,
	yieldNow,
} from "yamanote";
import { paused } from "../support/clock.ts";
import { reporting } from "../support/failures.ts";
import { gate } from "../support/gate.ts";
import { Guard } from "../support/guard.ts";
import { hostTurns, until } from "../support/host.ts";
import { liveTasks } from "../support/state.ts";

const DEPTH = 5_000;

type Nested = Async<number, Elapsed>;
/** A future in one combinator more. */
type Wrap = (inner: () => Nested) => Nested;
const wraps = {
	*join(inner) {
		return (yield* join([inner()]))[0];
	},
	*tryJoin(inner) {
		return (yield* tryJoin({ inner })).inner;
	},
	*joinSettled(inner) {
		const [settled] = yield* joinSettled([inner()]);
		if (settled.status === "rejected") throw settled.reason;
		return settled.value;
	},
	*select(inner) {
		return (yield* select({ inner, never: pending() })).value;
	},
	*race(inner) {
		return yield* race([inner(), pending()]);
	},
	*timeout(inner) {
		return yield* timeout(Infinity, inner);
	},
	*attempt(inner) {
		return ((yield* attempt(inner, SyntaxError)) as { value: number }).value;
	},
	*mapConcurrent(inner) {
		return (yield* mapConcurrent([0], 1, inner))[0] as number;
	},
	*each(inner) {
		let value = 0;
		const body = function* () {
			value = yield* inner();
		};
		yield* each([0], body, { concurrency: 2 });
		return value;
	},
	*scope(inner) {
		return yield* scope(inner);
	},
	*withLimits(inner) {
		return yield* withLimits({}, inner);
	},
} satisfies Record<string, Wrap>;
const all: readonly Wrap[] = Object.values(wraps);

/** Calls within calls, each in a combinator; the innermost is `leaf`. */
function nested(depth: number, wrap: (level: number) => Wrap, leaf: () => Nested) {
	const count = { begun: 0, cleaned: 0 };
	const call = function* (level: number): Nested {
		count.begun++;
		try {
			if (level === 0) return yield* leaf();
			return (yield* wrap(level)(() => call(level - 1))) + 1;
		} finally {
			count.cleaned++;
		}
	};
	return { count, future: () => call(depth) };
}

describe(`rule 3: combinators nested ${DEPTH} deep`, () => {
	for (const [name, wrap] of [...Object.entries<Wrap>(wraps), ["all of them in turn", null] as const]) {
		const at = (level: number): Wrap => wrap ?? (all[level % all.length] as Wrap);

		it(`give their value: ${name}`, async () => {
			const { count, future } = nested(DEPTH, at, function* () {
				yield* yieldNow();
				return 0;
			});
			expect(await run(future)).toBe(DEPTH);
			expect(count).toEqual({ begun: DEPTH + 1, cleaned: DEPTH + 1 });
		}, 30_000);

		it(`throw, and nothing is reported: ${name}`, async () => {
			const error = new Error("from the bottom");
			const { count, future } = nested(DEPTH, at, function* () {
				yield* yieldNow();
				throw error;
			});
			await reporting(async (soFar) => {
				await expect(run(future)).rejects.toBe(error);
				expect(soFar).toEqual([]);
			});
			expect(count).toEqual({ begun: DEPTH + 1, cleaned: DEPTH + 1 });
		}, 30_000);

		it(`are cancelled, each cleaned once: ${name}`, async () => {
			const leaf = gate<number>();
			const { count, future } = nested(DEPTH, at, () => leaf as unknown as Nested);
			const task = spawn(future);
			await until(() => leaf.waitedFor);
			task.abort("why");
			await expect(task).rejects.toMatchObject({ code: "YAMANOTE_CANCELLED", reason: "why", suppressed: undefined });
			expect(count).toEqual({ begun: DEPTH + 1, cleaned: DEPTH + 1 });
			expect(leaf.drops).toBe(1);
		}, 30_000);
	}

	it("a walk of a tree that is a list", async () => {
		interface Node {
			readonly children: readonly Node[];
		}
		let tree: Node = { children: [] };
		for (let i = 0; i < 5_000; i++) tree = { children: [tree] };
		let seen = 0;
		function* walk(node: Node): Async<void> {
			seen++;
			yield* join(node.children.map(walk));
		}
		await run(walk(tree));
		expect(seen).toBe(5_001);
	});

	it("are cancelled by the end of their runtime", async () => {
		const runtime = new Runtime();
		const leaf = gate<number>();
		const { count, future } = nested(
			2_000,
			() => wraps.tryJoin,
			() => leaf as unknown as Nested,
		);
		const task = runtime.spawn(future);
		await until(() => leaf.waitedFor);
		await runtime.shutdown();
		await expect(task).rejects.toThrow(CancelledError);
		expect(count).toEqual({ begun: 2_001, cleaned: 2_001 });
	});
});

/** Deeper than what is polled on one stack. */
const DEEP = 350;

/** The future, as deep in `tryJoin`s. */
function deeply(future: IntoFuture, depth: number = DEEP): Future<unknown, unknown> {
	let all = tryJoin([future]) as Future<unknown[], unknown>;
	for (let i = 1; i < depth; i++) {
		const inner = all;
		all = tryJoin([
			function* () {
				return (yield* inner)[0];
			},
		]) as never;
	}
	return all;
}

describe("what runs so deep finds what it would find elsewhere", () => {
	it("the task that it belongs to", async () => {
		let deep: unknown;
		const task = spawn(
			deeply(function* () {
				deep = currentTask();
				yield* yieldNow();
				expect(currentTask()?.id).toBe((deep as { id: number }).id);
			}),
			{ name: "owner" },
		);
		await task;
		expect(deep).toMatchObject({ id: task.id, name: "owner" });
	});

	it("task locals, those that are inherited as well", async () => {
		const [plain, inherited] = [taskLocal<string>(), taskLocal<string>({ inherit: true })];
		const seen: unknown[] = [];
		const look = (): void => void seen.push(plain.tryGet(), inherited.tryGet());
		await run(
			plain.scope(
				"a",
				inherited.scope(
					"b",
					deeply(function* () {
						look();
						yield* yieldNow();
						look();
						yield* deeply(
							plain.scope(
								"c",
								deeply(function* () {
									try {
										yield* yieldNow();
										yield* timeout(0, pending());
									} catch {
										look();
									}
								}),
							),
						);
						look();
					}),
				),
			),
		);
		expect(seen).toEqual(["a", "b", "a", "b", "c", "b", "a", "b"]);
		expect(plain.tryGet()).toBe(undefined);
	});

	it("the deadline, and none in its cleanup", () =>
		paused(async (clock) => {
			const seen: unknown[] = [];
			const from = Instant.now();
			const look = (): void => void seen.push(currentDeadline()?.since(from));
			const late = timeout(
				100,
				deeply(function* () {
					look();
					yield* sleep(10);
					look();
					try {
						yield* pending();
					} finally {
						yield* deadline(50, sleep(20));
						look();
					}
				}),
			);
			const end = run(late).catch((error: Error) => error.name);
			await hostTurns(2);
			await clock.advance(10);
			await clock.advance(90);
			await hostTurns(2);
			await clock.advance(20);
			expect(await end).toBe("TimeoutError");
			expect(seen).toEqual([100, 100, undefined]);
		}));

	it("a shared future, at any depth: it stands still while nobody waits for it, and goes on where it was", async () => {
		const yields = function* (n: number) {
			for (let i = 0; i < n; i++) yield* yieldNow();
		};
		for (let depth = 95; depth < 105; depth++) {
			let turns = 0;
			let open = false;
			const future = shared(function* () {
				for (; !open; turns++) yield* yieldNow();
				return turns;
			});
			await run(race([deeply(() => future, depth), yields(10)]));
			expect(turns).toBeGreaterThan(0);
			const before = turns;
			await run(yields(10));
			expect(turns).toBe(before);
			open = true;
			expect(await run(future)).toBe(before + 1);
		}
	});

	it("limits of cleanup", async () => {
		const reported = await reporting(async (soFar) => {
			const task = spawn(
				withLimits(
					{ cleanupTimeout: 0 },
					deeply(function* () {
						try {
							yield* pending();
						} finally {
							yield* pending();
						}
					}),
				),
			);
			await hostTurns(3);
			task.abort();
			await expect(task).rejects.toThrow(CancelledError);
			await until(() => liveTasks().length === 0);
			return soFar;
		});
		expect(new Set(reported.map(({ error }) => (error as Error).name))).toEqual(new Set(["CleanupTimeout"]));
	});
});

describe("nothing is lost so deep", () => {
	it("an error of its cleanup is reported, once, as of the task that it belongs to", async () => {
		const error = new Error("in cleanup");
		const reported = await reporting(async (soFar) => {
			const task = spawn(
				deeply(function* () {
					try {
						yield* pending();
					} finally {
						// biome-ignore lint/correctness/noUnsafeFinally: the test is about it
						throw error;
					}
				}),
				{ name: "owner" },
			);
			await hostTurns(3);
			task.abort();
			await expect(task).rejects.toMatchObject({ suppressed: undefined });
			return soFar;
		});
		expect(reported.map((f) => [f.error, f.when, /"owner"/.test(f.task)])).toEqual([[error, "cleanup", true]]);
	});

	it("what a winner throws is known to losers that lie deeper: it is told once", async () => {
		const error = new Error("told once");
		const reported = await reporting(async (soFar) => {
			const fails = gate<never>();
			const handle = spawn(fails);
			const loser = deeply(function* () {
				try {
					yield* pending();
				} finally {
					yield* handle;
				}
			});
			const end = run(tryJoin([handle, loser, deeply(async () => handle.then())]));
			end.catch(() => {});
			await hostTurns(3);
			fails.fail(error);
			await expect(end).rejects.toBe(error);
			await hostTurns(3);
			return soFar;
		});
		expect(reported).toEqual([]);
	});

	for (const how of ["value", "failure"] as const)
		it(`a ${how} on its way up, when it is cancelled`, async () => {
			const [held, error] = [new Guard(), new Error("on its way")];
			const runtime = new Runtime({ onUnhandled: (failure) => void told.push(failure.error) });
			const told: unknown[] = [];
			const leaf = gate<Guard>();
			const other = gate();
			const task = runtime.spawn(select({ deep: deeply(leaf), other }, { biased: true }));
			await until(() => leaf.waitedFor);
			// The inner stack runs first, and by then the outer one is decided.
			runtime.spawn(function* () {
				if (how === "value") leaf.open(held);
				else leaf.fail(error);
				other.open();
			});
			expect(await task).toMatchObject({ key: "other" });
			await runtime.shutdown();
			expect([held.released, told]).toEqual(how === "value" ? [1, []] : [0, [error]]);
		});
});
