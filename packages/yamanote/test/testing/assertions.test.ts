import { describe, expect, it } from "vitest";
import { Instant, Pending, sleep } from "yamanote";
import {
	AssertionError,
	assertElapsed,
	assertFails,
	assertPending,
	assertReady,
	assertReadyEq,
	paused,
} from "yamanote/testing";

describe("assertReady", () => {
	it("gives the value of a poll that is ready", () => {
		expect(assertReady("value")).toBe("value");
		expect(assertReady(undefined)).toBe(undefined);
	});

	it("throws an error that test runners know when the poll is pending", () => {
		expect(() => assertReady(Pending)).toThrow(AssertionError);
		expect(() => assertReady(Pending)).toThrow(expect.objectContaining({ name: "AssertionError" }));
	});
});

describe("assertPending", () => {
	it("accepts a poll that is pending", () => {
		assertPending(Pending);
	});

	it("throws when the poll is ready, and says with what", () => {
		expect(() => assertPending("soup")).toThrow(/ready with "soup"/);
		expect(() => assertPending(undefined)).toThrow(AssertionError);
	});
});

describe("assertReadyEq", () => {
	it("accepts the very value", () => {
		assertReadyEq(7, 7);
		assertReadyEq(Number.NaN, Number.NaN);
	});

	it("throws when the poll is pending, and when the value is another", () => {
		expect(() => assertReadyEq(Pending, 7)).toThrow(AssertionError);
		expect(() => assertReadyEq(8, 7)).toThrow(expect.objectContaining({ actual: 8, expected: 7 }));
	});
});

describe("assertFails", () => {
	const fails = (): never => {
		throw new RangeError("too far");
	};

	it("gives the failure", () => {
		expect(assertFails(fails)).toBeInstanceOf(RangeError);
		expect(assertFails(fails, RangeError).message).toBe("too far");
	});

	it("lets a failure of another class through", () => {
		expect(() => assertFails(fails, TypeError)).toThrow(RangeError);
	});

	it("throws when nothing fails", () => {
		expect(() => assertFails(() => 1)).toThrow(/ready with 1/);
		expect(() => assertFails(() => Pending)).toThrow(/Pending/);
	});
});

describe("assertElapsed", () => {
	it(
		"accepts the time that has passed, give or take a millisecond",
		paused(function* () {
			const start = Instant.now();
			yield* sleep(100);
			assertElapsed(start, 100);
			assertElapsed(start, 99);
			assertElapsed(start, { milliseconds: 101 });
		}),
	);

	it(
		"throws when more or less has passed",
		paused(function* () {
			const start = Instant.now();
			yield* sleep(100);
			expect(() => assertElapsed(start, 98)).toThrow(/100 ms have/);
			expect(() => assertElapsed(start, 102)).toThrow(AssertionError);
		}),
	);
});
