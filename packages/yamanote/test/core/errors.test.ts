import { describe, expect, it } from "vitest";
import * as yamanote from "yamanote";
import {
	AsyncCleanupError,
	asyncFn,
	attempt,
	CancelledError,
	CleanupTimeout,
	ClockHeld,
	Elapsed,
	EventOverflowError,
	ForeignClockError,
	FutureConsumedError,
	FutureInUseError,
	fail,
	join,
	NoBranchError,
	NotIterableError,
	NotPausedError,
	pending,
	RuntimeClosedError,
	ready,
	run,
	SignalError,
	SuppressedError,
	spawn,
	timeout,
	tryJoin,
	YamanoteError,
	YieldError,
	yieldNow,
} from "yamanote";
import { codeOf } from "../../src/core/error.ts";
import { paused } from "../support/clock.ts";
import { microtasks } from "../support/host.ts";

describe("rule 12: errors are classes, with a stable name and a literal code", () => {
	const made: [YamanoteError, string, string][] = [
		[new CancelledError(), "AbortError", "YAMANOTE_CANCELLED"],
		[new FutureInUseError(), "FutureInUseError", "YAMANOTE_FUTURE_IN_USE"],
		[new FutureConsumedError(), "FutureConsumedError", "YAMANOTE_FUTURE_CONSUMED"],
		[new NotIterableError(), "NotIterableError", "YAMANOTE_NOT_ITERABLE"],
		[new RuntimeClosedError("r"), "RuntimeClosedError", "YAMANOTE_RUNTIME_CLOSED"],
		[new YieldError(5), "YieldError", "YAMANOTE_YIELD"],
		[new AsyncCleanupError(), "AsyncCleanupError", "YAMANOTE_ASYNC_CLEANUP"],
		[new CleanupTimeout(100, "a task"), "CleanupTimeout", "YAMANOTE_CLEANUP_TIMEOUT"],
		[new SuppressedError(1, 2), "SuppressedError", "YAMANOTE_SUPPRESSED"],
		[new Elapsed(5), "TimeoutError", "YAMANOTE_ELAPSED"],
		[new NotPausedError("resume"), "NotPausedError", "YAMANOTE_NOT_PAUSED"],
		[new ClockHeld(["a promise"]), "ClockHeld", "YAMANOTE_CLOCK_HELD"],
		[new ForeignClockError("a", "b"), "ForeignClockError", "YAMANOTE_FOREIGN_CLOCK"],
		[new NoBranchError("select"), "NoBranchError", "YAMANOTE_NO_BRANCH"],
		[new EventOverflowError("data", 3), "EventOverflowError", "YAMANOTE_EVENT_OVERFLOW"],
		[new SignalError("SIGINT"), "SignalError", "YAMANOTE_SIGNAL"],
	];
	for (const [error, name, code] of made) {
		it(`${error.constructor.name} is "${name}", ${code}`, () => {
			expect([error.name, error.code]).toEqual([name, code]);
			expect(error).toBeInstanceOf(Error);
			expect(error).toBeInstanceOf(YamanoteError);
			expect(error.message).not.toBe("");
			expect(error.stack).toContain(error.message);
			// Not by accident an instance of another class of ours.
			for (const [other] of made) {
				const same = other.constructor === error.constructor;
				expect(error instanceof (other.constructor as typeof Error)).toBe(same);
			}
		});
	}

	it("each exported error class has a code of its own", () => {
		const classes = Object.entries(yamanote).filter(
			([, v]) => typeof v === "function" && v.prototype instanceof Error && v !== YamanoteError,
		);
		const codes = classes.map(([, c]) => codeOf((c as unknown as { called: string }).called));
		expect(classes.length).toBeGreaterThanOrEqual(made.length);
		for (const code of codes) expect(code).toMatch(/^YAMANOTE_[A-Z_]+$/);
		expect(new Set(codes).size).toBe(codes.length);
	});

	it("instanceof goes by the code, so that another copy's errors are recognised, and refuses look-alikes", () => {
		const foreign = Object.assign(new Error("from another copy"), { code: "YAMANOTE_ELAPSED" });
		expect(foreign).toBeInstanceOf(Elapsed);
		expect(foreign).toBeInstanceOf(YamanoteError);
		expect(foreign).not.toBeInstanceOf(CancelledError);
		expect({ code: "YAMANOTE_ELAPSED" }).not.toBeInstanceOf(Elapsed);
		expect(Object.assign(new Error(""), { code: "ENOENT" })).not.toBeInstanceOf(YamanoteError);
		class Mine extends Elapsed {}
		expect(new Elapsed(1)).not.toBeInstanceOf(Mine);
		expect(new Mine(1)).toBeInstanceOf(Elapsed);
		expect(new Mine(1)).toBeInstanceOf(Mine);
	});

	it("says what to do", () => {
		expect(new CleanupTimeout(100, 'task "x"').message).toMatch(/100 ms/);
		expect(new CleanupTimeout(100, 'task "x"').message).toMatch(/task "x"/);
		expect(new YieldError({ a: 1 }).message).toMatch(/`yield\*`/);
		expect(new NotPausedError("advance").message).toMatch(/advance.*pause\(\)/);
		expect(new ClockHeld([]).message).toMatch(/host work/);
		expect(new ClockHeld(["1", "2", "3", "4", "5", "6", "7"]).message).toMatch(/5 and 2 more/);
		expect(new RuntimeClosedError("jobs").message).toMatch(/jobs/);
	});

	it("keeps the cause and what was given", () => {
		const reason = new Error("why");
		expect(new CancelledError(reason)).toMatchObject({ reason, cause: reason });
		expect("cause" in new CancelledError()).toBe(false);
		expect(new Elapsed(1.5).ms).toBe(1.5);
		const both = new SuppressedError("later", "earlier");
		expect([both.error, both.suppressed]).toEqual(["later", "earlier"]);
	});
});

describe("rule 12: a handle rethrows the task's own error object", () => {
	const values: unknown[] = [new Error("an error"), Object.freeze(new Error("frozen")), "a string", undefined, null, 5];
	for (const value of values) {
		it(`as it is: ${String(value)}`, async () => {
			const handle = spawn(async () => {
				throw value;
			});
			await handle.then(
				() => expect.unreachable(),
				(e: unknown) => expect(e).toBe(value),
			);
			const seen = await run(attempt(handle));
			expect(seen).toStrictEqual({ ok: false, error: value });
		});
	}

	it("through frames and combinators as well", async () => {
		const error = Object.freeze(new Error("frozen, through frames"));
		const inner = asyncFn(function* () {
			yield* yieldNow();
			throw error;
		});
		const outer = asyncFn(function* () {
			yield* tryJoin([inner()]);
		});
		await expect(run(outer())).rejects.toBe(error);
	});

	it("CancelledError is what it adds, with the reason", async () => {
		const handle = spawn(pending());
		handle.abort({ why: "because" });
		const error = await handle.catch((e: unknown) => e);
		expect(error).toBeInstanceOf(CancelledError);
		expect(error).toMatchObject({ name: "AbortError", reason: { why: "because" }, cause: { why: "because" } });
		const again = await handle.catch((e: unknown) => e);
		expect(again).toBe(error);
	});

	it("a CancelledError given as the reason is the error itself", async () => {
		const reason = new CancelledError("from elsewhere");
		const handle = spawn(pending());
		handle.abort(reason);
		await expect(handle).rejects.toBe(reason);
	});
});

describe("rule 12: cancellation and deadlines look to foreign code like what it knows", () => {
	it("a signal of a body is aborted with an AbortError", async () => {
		let signal: AbortSignal | undefined;
		const task = spawn(async (t) => {
			({ signal } = t);
			await t.run(pending());
		});
		await microtasks();
		task.abort("stop");
		await expect(task).rejects.toThrow();
		expect(signal?.aborted).toBe(true);
		expect(signal?.reason).toMatchObject({ name: "AbortError", reason: "stop" });
	});

	it("also when the reason is an error: the signal and the wait have one CancelledError, which has it as its cause", async () => {
		const why = new RangeError("why");
		let caught: unknown;
		let signal: AbortSignal | undefined;
		const task = spawn(async (t) => {
			({ signal } = t);
			try {
				await t.run(pending());
			} catch (error) {
				caught = error;
				throw error;
			}
		});
		await microtasks();
		task.abort(why);
		await expect(task).rejects.toMatchObject({ name: "AbortError", reason: why });
		expect(caught).toBeInstanceOf(CancelledError);
		expect(caught).toMatchObject({ reason: why, cause: why });
		expect(signal?.reason).toBe(caught);
	});

	it("run rejects with the signal's own reason", async () => {
		const stop = new AbortController();
		const promise = run(pending(), { signal: stop.signal });
		stop.abort("the caller's reason");
		await expect(promise).rejects.toBe("the caller's reason");
		const plain = new AbortController();
		const other = run(pending(), { signal: plain.signal });
		plain.abort();
		await expect(other).rejects.toMatchObject({ name: "AbortError" });
	});

	it("Elapsed is a TimeoutError", async () => {
		await paused(async () => {
			await expect(run(timeout(5, pending()))).rejects.toMatchObject({ name: "TimeoutError", ms: 5 });
		});
	});
});

describe("rule 12: native try, catch, finally and using see every failure", () => {
	it("in generators", async () => {
		const log: string[] = [];
		const value = await run(function* () {
			using _resource = { [Symbol.dispose]: () => void log.push("disposed") };
			try {
				yield* fail(Object.assign(new Error("seen"), { code: "SEEN" }));
			} catch (e) {
				log.push((e as Error).message);
			} finally {
				log.push("finally");
			}
			return "went on";
		});
		expect(value).toBe("went on");
		expect(log).toEqual(["seen", "finally", "disposed"]);
	});

	it("in async functions", async () => {
		const log: string[] = [];
		await run(async () => {
			try {
				await fail(Object.assign(new Error("seen"), { code: "SEEN" }));
			} catch (e) {
				log.push((e as Error).message);
			}
		});
		expect(log).toEqual(["seen"]);
	});

	it("a failure thrown in a frame that has suspended reaches the catch of its caller", async () => {
		const inner = asyncFn(function* () {
			yield* yieldNow();
			throw new Error("inner");
		});
		const middle = asyncFn(function* () {
			try {
				return yield* inner();
			} finally {
				yield* yieldNow();
			}
		});
		const seen = await run(function* () {
			try {
				yield* middle();
			} catch (e) {
				return (e as Error).message;
			}
			return "nothing";
		});
		expect(seen).toBe("inner");
	});
});

describe("rule 6: join throws the failure that came first, with the others in the AggregateError of its cause", () => {
	const failing = (message: string, waits: number, cause?: unknown) =>
		function* () {
			for (let i = 0; i < waits; i++) yield* yieldNow();
			throw new Error(message, cause === undefined ? undefined : { cause });
		};

	it("in the order of time", async () => {
		const error = (await run(join([failing("third", 3), failing("first", 1), failing("second", 2)])).catch(
			(e: unknown) => e,
		)) as Error;
		expect(error.message).toBe("first");
		expect(error.cause).toBeInstanceOf(AggregateError);
		expect((error.cause as AggregateError).errors.map((e: Error) => e.message)).toEqual(["second", "third"]);
	});

	it("keeps a cause that it had", async () => {
		const error = (await run(join([failing("first", 0, "its own"), failing("second", 0)])).catch(
			(e: unknown) => e,
		)) as Error;
		expect((error.cause as Error).cause).toBe("its own");
	});

	it("adds none if there are no others, and lets all end", async () => {
		let ended = 0;
		const error = (await run(
			join([
				failing("only", 0),
				function* () {
					yield* yieldNow();
					ended++;
				},
			]),
		).catch((e: unknown) => e)) as Error;
		expect("cause" in error).toBe(false);
		expect(ended).toBe(1);
	});

	const odd: Record<string, unknown> = {
		frozen: Object.freeze(new Error("first")),
		"not extensible": Object.preventExtensions(new Error("first")),
		"with a cause that is read only": Object.defineProperty(new Error("first"), "cause", { get: () => "mine" }),
		"no error at all": "first",
	};
	for (const [what, first] of Object.entries(odd)) {
		it(`throws a first failure that is ${what} as it is`, async () => {
			const thrown = await run(
				join([
					async () => {
						throw first;
					},
					failing("second", 30),
				]),
			).catch((e: unknown) => e);
			expect(thrown).toBe(first);
		});
	}
});

it("a ready value is given back by none of this", async () => {
	expect(await run(ready("fine"))).toBe("fine");
});
