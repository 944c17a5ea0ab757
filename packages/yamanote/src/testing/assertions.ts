/** Assertions about polls and time, for any test runner. */

import { type Duration, toMs } from "../core/duration.ts";
import { checkFunction, describe, YamanoteError } from "../core/error.ts";
import { Pending, type Poll } from "../core/poll.ts";
import type { Instant } from "../time/instant.ts";
import { checkInstant } from "../time/instant.ts";

/** An assertion of `yamanote/testing` did not hold. `name` is `"AssertionError"`, which test runners know. */
export class AssertionError extends YamanoteError {
	declare readonly name: "AssertionError";
	declare readonly code: "YAMANOTE_ASSERTION";
	/** What was there, for the runner's report. */
	readonly actual: unknown;
	/** What should have been there. */
	readonly expected: unknown;

	/** @internal */
	static override get called(): string {
		return "AssertionError";
	}

	constructor(message: string, actual?: unknown, expected?: unknown) {
		super(message);
		this.actual = actual;
		this.expected = expected;
	}
}

/**
 * Asserts that a poll was not ready.
 *
 * @throws {@link AssertionError} if it was
 * @source `tokio_test::assert_pending!`
 *
 * @example
 * ```ts
 * import { pending } from "yamanote";
 * import { assertPending, mockTask } from "yamanote/testing";
 *
 * assertPending(mockTask(pending()).poll());
 * ```
 */
export function assertPending(poll: Poll<unknown>): asserts poll is Pending {
	if (poll !== Pending)
		throw new AssertionError(`expected Pending, but it is ready with ${describe(poll)}`, poll, Pending);
}

/**
 * Asserts that a poll was ready, and gives its value.
 *
 * @throws {@link AssertionError} if it was pending
 * @source `tokio_test::assert_ready!`, `assert_ready_ok!`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ready } from "yamanote";
 * import { assertReady, mockTask } from "yamanote/testing";
 *
 * assert.equal(assertReady(mockTask(ready(7)).poll()), 7);
 * ```
 */
export function assertReady<T>(poll: Poll<T>): T {
	if (poll === Pending) throw new AssertionError("expected a value, but it is Pending", Pending);
	return poll as T;
}

/**
 * Asserts that a poll was ready with this value (`Object.is`).
 *
 * @throws {@link AssertionError} if it was pending, or ready with another value
 * @source `tokio_test::assert_ready_eq!`
 *
 * @example
 * ```ts
 * import { ready } from "yamanote";
 * import { assertReadyEq, mockTask } from "yamanote/testing";
 *
 * assertReadyEq(mockTask(ready("yes")).poll(), "yes");
 * ```
 */
export function assertReadyEq<T>(poll: Poll<T>, expected: T): void {
	const value = assertReady(poll);
	if (!Object.is(value, expected))
		throw new AssertionError(`expected ${describe(expected)}, but it is ${describe(value)}`, value, expected);
}

/**
 * Asserts that a poll fails, and gives the failure.
 *
 * @param poll - polls: `() => task.poll()`
 * @param kind - the class that the failure must be of
 * @throws {@link AssertionError} if it does not fail; the failure itself, if it is of another class
 * @source `tokio_test::assert_ready_err!`
 *
 * @example
 * ```ts
 * import { lazy } from "yamanote";
 * import { assertFails, mockTask } from "yamanote/testing";
 *
 * const task = mockTask(lazy(() => {
 *   throw new RangeError("too far");
 * }));
 * assertFails(() => task.poll(), RangeError);
 * ```
 */
export function assertFails<E = unknown>(poll: () => Poll<unknown>, kind?: abstract new (...args: never) => E): E {
	checkFunction("assertFails", poll);
	let result: Poll<unknown>;
	try {
		result = poll();
	} catch (error) {
		if (kind !== undefined && !(error instanceof kind)) throw error;
		return error as E;
	}
	throw new AssertionError(
		`expected a failure, but it is ${result === Pending ? "Pending" : `ready with ${describe(result)}`}`,
		result,
	);
}

/**
 * Asserts that a duration has passed since an instant, give or take one millisecond.
 *
 * @throws {@link AssertionError} if it is more or less
 * @source `tokio_test::assert_elapsed!`
 *
 * @example
 * ```ts
 * import { Instant, Runtime, sleep } from "yamanote";
 * import { assertElapsed } from "yamanote/testing";
 *
 * await using runtime = new Runtime({ startPaused: true });
 * await runtime.blockOn(function* () {
 *   const start = Instant.now();
 *   yield* sleep({ minutes: 1 });
 *   assertElapsed(start, { minutes: 1 });
 * });
 * ```
 */
export function assertElapsed(start: Instant, duration: Duration): void {
	const ms = toMs(duration);
	const elapsed = checkInstant("assertElapsed", start).elapsed();
	if (Math.abs(elapsed - ms) > 1)
		throw new AssertionError(`expected ${ms} ms to have passed, but ${elapsed} ms have`, elapsed, ms);
}
