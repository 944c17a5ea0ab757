// Futures polled by hand, and seeded randomness: what the tests of the primitives are made of.
import { expect } from "vitest";
import { type Async, type Context, type Future, Pending, type Poll, Runtime, type Waker } from "yamanote";

/** A future polled by hand, with a waker that counts. */
export class Mock<T> {
	readonly future: Future<T, unknown>;
	/** Wakes in all. */
	wakes = 0;
	#seen = 0;
	readonly waker: Waker = { wake: () => void this.wakes++ };

	/** How many waits it consists of. */
	readonly waits: number;

	constructor(future: Future<T, unknown>, waits = 1) {
		this.future = future;
		this.waits = waits;
	}

	/** Whether it was woken since its last poll. */
	get isWoken(): boolean {
		return this.wakes > this.#seen;
	}

	/** A wait is woken once, not twice, between two polls; what has several of them, by each. */
	poll(waker: Waker = this.waker): Poll<T> {
		if (this.wakes - this.#seen > this.waits) expect.fail(`woken ${this.wakes - this.#seen} times between two polls`);
		this.#seen = this.wakes;
		return this.future.poll({ waker } satisfies Context);
	}

	/** Polls: it must wait. */
	pending(): this {
		expect(this.poll()).toBe(Pending);
		return this;
	}

	/** Polls: it must be ready. */
	ready(): T {
		const value = this.poll();
		if (value === Pending) expect.fail("expected it to be ready: it is pending");
		return value;
	}

	/** Polls: it must fail so. */
	fails<E extends Error>(Class: new (...args: never[]) => E): E {
		try {
			const value = this.poll();
			expect.fail(`expected a failure: it is ${value === Pending ? "pending" : "ready"}`);
		} catch (error) {
			expect(error).toBeInstanceOf(Class);
			return error as E;
		}
	}

	/** Must have been woken since its last poll, and be ready. */
	wokenReady(): T {
		expect(this.isWoken, "woken").toBe(true);
		return this.ready();
	}

	drop(): void {
		this.future[Symbol.dispose]();
	}
}

export const mock = <T>(future: Future<T, unknown>, waits = 1): Mock<T> => new Mock(future, waits);

/** Polls once: it must be ready. */
export const now = <T>(future: Future<T, unknown>): T => mock(future).ready();

/** What `f` throws, which must be one of `Class`. */
export function thrown<E extends Error>(Class: new (...args: never[]) => E, f: () => unknown): E {
	try {
		f();
	} catch (error) {
		expect(error).toBeInstanceOf(Class);
		return error as E;
	}
	return expect.fail(`expected ${Class.name} to be thrown`);
}

/** A failure of the tests' own. */
export class Oops extends Error {
	readonly code = "OOPS";
}

/** As `expect(got).toBe(want)`, for loops that ask a million times. */
export function same(got: unknown, want: unknown): void {
	if (!Object.is(got, want)) expect(got).toBe(want);
}

/** A random generator that a seed determines. */
export class Random {
	#state: number;

	constructor(seed: number) {
		this.#state = (seed * 2654435769) >>> 0;
	}

	/** A number from 0 to 1. */
	next(): number {
		this.#state = (this.#state + 0x6d2b79f5) >>> 0;
		let t = this.#state;
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	}

	/** A whole number from 0 to n - 1. */
	below(n: number): number {
		return Math.floor(this.next() * n);
	}

	chance(p: number): boolean {
		return this.next() < p;
	}

	pick<T>(items: readonly T[]): T {
		return items[this.below(items.length)] as T;
	}
}

/** Runs `f` for so many seeds; a failure names its seed. */
export function seeds(n: number, f: (random: Random, seed: number) => void): void {
	for (let seed = 1; seed <= n; seed++) {
		try {
			f(new Random(seed), seed);
		} catch (error) {
			throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
		}
	}
}

/** Runs a body on a runtime of its own with a paused clock; nothing may be left over. */
export async function onRuntime(body: () => Async<void, unknown>): Promise<void> {
	const failures: unknown[] = [];
	const runtime = new Runtime({ startPaused: true, onUnhandled: (failure) => void failures.push(failure.error) });
	try {
		await runtime.blockOn(body);
	} finally {
		await runtime.shutdown();
		expect(failures).toEqual([]);
	}
}

/** What waiting for it throws; it must. */
export function* catching(future: { [Symbol.iterator](): Iterator<unknown, unknown> }): Async<unknown> {
	try {
		yield* future as Future<unknown>;
	} catch (error) {
		return error;
	}
	return expect.fail("expected a failure");
}

/** A send in a model of a channel. */
export interface Send {
	readonly value: number;
	readonly mock: Mock<void>;
	state: "new" | "waiting" | "granted";
}

/** A receive in a model of a channel. */
export interface Recv {
	readonly mock: Mock<number | undefined>;
	state: "new" | "waiting" | "promised";
}
