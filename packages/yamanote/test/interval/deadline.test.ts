import { describe, expect, it } from "vitest";
import {
	asyncFn,
	attempt,
	currentDeadline,
	deadline,
	Elapsed,
	Instant,
	join,
	pending,
	run,
	scope,
	select,
	sleep,
	spawn,
	timeout,
	timeoutAt,
	yieldNow,
} from "yamanote";
import { assertElapsed, paused } from "yamanote/testing";

/** Milliseconds until the deadline of the code that calls it. */
const left = asyncFn(function* () {
	return currentDeadline()?.since(Instant.now());
});

describe("currentDeadline", () => {
	it("is none outside of tasks, and outside of timeouts", async () => {
		expect(currentDeadline()).toBe(undefined);
		expect(await run(left())).toBe(undefined);
	});

	it(
		"is that of the timeout around the code",
		paused(function* () {
			expect(yield* timeout(50, left())).toBe(50);
			expect(yield* timeoutAt(Instant.now().plus(70), left())).toBe(70);
			expect(yield* left()).toBe(undefined);
		}),
	);

	it(
		"is the nearest of nested ones, and the outer one again after the inner",
		paused(function* () {
			const seen = yield* timeout(100, function* () {
				const before = yield* left();
				const nearer = yield* timeout(30, left());
				const later = yield* timeout(500, left());
				return [before, nearer, later, yield* left()];
			});
			expect(seen).toEqual([100, 30, 100, 100]);
		}),
	);

	it(
		"comes nearer as time passes, also after waits deep in calls",
		paused(function* () {
			const deep = asyncFn(function* () {
				yield* sleep(40);
				return yield* left();
			});
			const outer = asyncFn(function* () {
				yield* yieldNow();
				return yield* deep();
			});
			expect(yield* timeout(100, outer())).toBe(60);
		}),
	);

	it(
		"is that of each branch's own",
		paused(function* () {
			const seen = yield* timeout(
				1_000,
				join([
					left(),
					timeout(10, left()),
					select({ a: timeout(20, left()) }),
					timeout(Number.POSITIVE_INFINITY, left()),
				]),
			);
			expect(seen).toEqual([1_000, 10, { key: "a", value: 20 }, 1_000]);
		}),
	);

	it(
		"is none in an independent task",
		paused(function* () {
			const seen = yield* timeout(100, function* () {
				return yield* spawn(left());
			});
			expect(seen).toBe(undefined);
		}),
	);

	it(
		"is what it was when the timed code has failed",
		paused(function* () {
			yield* timeout(100, function* () {
				yield* attempt(
					timeout(10, function* () {
						throw new Error("no");
					}),
				);
				expect(yield* left()).toBe(100);
				yield* attempt(timeout(10, pending()));
				expect(yield* left()).toBe(90);
			});
			expect(yield* left()).toBe(undefined);
		}),
	);
});

describe("deadline", () => {
	it(
		"ends a future at its limit, by duration or instant",
		paused(function* () {
			const start = Instant.now();
			const first = yield* attempt(deadline(20, pending()), Elapsed);
			expect(first).toMatchObject({ ok: false, error: { ms: 20 } });
			assertElapsed(start, 20);
			yield* attempt(deadline(start.plus(50), pending()), Elapsed);
			assertElapsed(start, 50);
		}),
	);

	it(
		"gives the value of a future that is in time",
		paused(function* () {
			expect(
				yield* deadline({ seconds: 1 }, function* () {
					yield* sleep(5);
					return "value";
				}),
			).toBe("value");
		}),
	);

	it(
		"takes the one around it, if that is nearer: and the code can still answer",
		paused(function* () {
			const start = Instant.now();
			const answer = yield* timeout(30, function* () {
				const found = yield* attempt(deadline({ seconds: 10 }, pending()), Elapsed);
				return found.ok ? "found" : "not in time";
			});
			expect(answer).toBe("not in time");
			assertElapsed(start, 30);
		}),
	);

	it(
		"leaves out that of a scope whose time is over, in the cleanup of its children",
		paused(function* () {
			const start = Instant.now();
			const seen: unknown[] = [];
			const limited = scope(
				function* (s) {
					s.spawn(function* () {
						try {
							yield* pending();
						} finally {
							seen.push(currentDeadline());
							yield* deadline(50, sleep(10));
							seen.push("cleaned");
						}
					});
				},
				{ deadline: 5 },
			);
			yield* attempt(limited, Elapsed);
			expect(seen).toEqual([undefined, "cleaned"]);
			assertElapsed(start, 15);
		}),
	);

	it("refuses what is neither a duration nor an instant", () => {
		expect(() => deadline(Number.NaN, pending())).toThrow(RangeError);
		expect(() => deadline("soon" as never, pending())).toThrow(TypeError);
		expect(() => deadline(5, 7 as never)).toThrow(TypeError);
	});
});
