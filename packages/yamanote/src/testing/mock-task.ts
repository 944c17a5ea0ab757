/** A task that is polled by hand: `mockTask`. */

import { Branch } from "../core/branch.ts";
import { checkFunction } from "../core/error.ts";
import { BUDGET } from "../core/flags.ts";
import { into } from "../core/into.ts";
import { Pending, type Poll, type Waker } from "../core/poll.ts";
import { S } from "../core/shared.ts";
import type { Out, Starred, Waitable } from "../core/types.ts";
import { AssertionError } from "./assertions.ts";

const nobody: Waker = { wake() {} };

/** Counts the wakes of what it drives. */
class Harness extends Branch {
	wakes = 0;

	override wake(): void {
		this.wakes++;
		this.woken = true;
	}
}

/**
 * A future with a task around it that runs only when it is told to.
 *
 * @source `tokio_test::task::Spawn`
 */
export class MockTask<T> implements Disposable {
	readonly #harness: Harness;
	#polls = 0;
	#ended = false;
	#polled = false;

	/** @internal */
	constructor(root: Iterator<unknown, unknown>) {
		this.#harness = new Harness(root, nobody);
	}

	/** Its waker, to be given to what is written by hand. */
	get waker(): Waker {
		return this.#harness;
	}

	/** Whether it was woken since its last poll; false before the first one. */
	get isWoken(): boolean {
		return this.#polled && !this.#ended && this.#harness.woken;
	}

	/** How often it was woken, in all: twice between two polls counts twice. */
	get wakes(): number {
		return this.#harness.wakes;
	}

	/** How often it was polled. */
	get polls(): number {
		return this.#polls;
	}

	/** Whether it has completed, failed, or was dropped. */
	get isEnded(): boolean {
		return this.#ended;
	}

	/**
	 * Polls it once, whether it was woken or not. A poll gets the full cooperative budget.
	 *
	 * @returns its value, or `Pending`
	 * @throws its failure; `FutureConsumedError` when it has ended
	 */
	poll(): Poll<T> {
		this.#polls++;
		this.#polled = true;
		let result: unknown;
		try {
			result = this.enter(() => this.#harness.run());
		} catch (error) {
			this.#ended = true;
			throw error;
		}
		if (result !== Pending) this.#ended = true;
		return result as Poll<T>;
	}

	/**
	 * Polls it as long as it is woken, at least once.
	 *
	 * @param limit - the most polls
	 * @throws its failure; `AssertionError` when it is still woken after `limit` polls
	 * @source `tokio_test::task::Spawn::poll_until_idle`
	 */
	pollUntilIdle(limit = 1_000): Poll<T> {
		for (let i = 0; i < limit; i++) {
			const result = this.poll();
			if (result !== Pending || !this.isWoken) return result;
		}
		throw new AssertionError(`the task is still woken after ${limit} polls: it wakes itself without end`);
	}

	/** Runs `f` with the full cooperative budget, as a poll does. */
	enter<R>(f: () => R): R {
		checkFunction("enter", f);
		const { budget, suspended, top } = S;
		S.budget = BUDGET;
		try {
			return f();
		} finally {
			S.budget = budget;
			S.suspended = suspended;
			S.top = top;
		}
	}

	/** Drops it, as a lost `select` would. False while its cleanup waits: call it again when it was woken. */
	drop(): boolean {
		if (this.#ended) return true;
		this.#ended = this.enter(() => this.#harness.cancel());
		return this.#ended;
	}

	[Symbol.dispose](): void {
		this.drop();
	}
}

/**
 * Wraps a future in a task that runs only when it is told to, and counts its polls and wakes: for tests of futures, locks and channels to the
 * single poll.
 *
 * @param future - a future, a generator, a generator function, an async function, or a promise
 * @throws {@link TypeError} at the call, if it is no future
 * @source `tokio_test::task::spawn`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { yieldNow } from "yamanote";
 * import { assertPending, assertReady, mockTask } from "yamanote/testing";
 *
 * const task = mockTask(function* () {
 *   yield* yieldNow();
 *   return "done";
 * });
 * assertPending(task.poll());
 * assert.ok(task.isWoken);
 * assert.equal(assertReady(task.poll()), "done");
 * assert.equal(task.polls, 2);
 * ```
 */
export function mockTask<const F extends Waitable>(future: F & Starred<F>): MockTask<Out<F>> {
	return new MockTask(into(future));
}
