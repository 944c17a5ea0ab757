/** The cooperative budget: `unconstrained`, `cooperative`, `consumeBudget`, `hasBudgetRemaining`. */
import { Future } from "../core/future.ts";
import { into } from "../core/into.ts";
import { OneBranch } from "../core/one-branch.ts";
import { type Context, Pending, type Poll } from "../core/poll.ts";
import { S } from "../core/shared.ts";
import type { Err, Out, Starred, Waitable } from "../core/types.ts";

class Consume extends Future<void> {
	/** As every future that waits for something of the runtime, it spends one unit when it is ready: that is all it does. */
	poll(): Poll<void> {}
}

/**
 * Spends one unit of the budget, and gives way when it is used up: a task that computes for long calls it now and then, so that others get
 * their turn. Waits for locks, channels, timers and tasks do so by themselves; a poll has 128 units.
 *
 * @cancelSafety cancel safe: nothing is lost
 * @source `tokio::task::coop::consume_budget`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { consumeBudget, run } from "yamanote";
 *
 * const sum = await run(function* () {
 *   let sum = 0;
 *   for (let i = 0; i < 1_000; i++) {
 *     sum += i;
 *     yield* consumeBudget();
 *   }
 *   return sum;
 * });
 * assert.equal(sum, 499_500);
 * ```
 */
export function consumeBudget(): Future<void> {
	return new Consume();
}

/**
 * Whether the running poll has budget left: false when the next wait will give way although it is ready. True outside of tasks.
 *
 * @source `tokio::task::coop::has_budget_remaining`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { hasBudgetRemaining } from "yamanote";
 *
 * assert.equal(hasBudgetRemaining(), true);
 * ```
 */
export function hasBudgetRemaining(): boolean {
	return S.current === null || S.budget > 0;
}

/** Nobody uses that up in one poll; and it is a small integer for every engine. */
const PLENTY = 0x3fff_ffff;

class Unconstrained<T, E> extends OneBranch<T, E> {
	poll(cx: Context): Poll<T> {
		const { budget } = S;
		S.budget = PLENTY;
		try {
			return this.run(cx) as Poll<T>;
		} finally {
			S.budget = budget;
		}
	}
}

/**
 * Runs a future without a budget: its waits never give way when they are ready. A future that is always ready holds the loop then.
 *
 * @throws {@link TypeError} at the call, if it is no future
 * @errors the failures of the future
 * @cancelSafety cancel safe if the future is
 * @source `tokio::task::coop::unconstrained`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { consumeBudget, hasBudgetRemaining, run, unconstrained } from "yamanote";
 *
 * await run(unconstrained(function* () {
 *   for (let i = 0; i < 1_000; i++) yield* consumeBudget();
 *   assert.equal(hasBudgetRemaining(), true);
 * }));
 * ```
 */
export function unconstrained<const F extends Waitable>(future: F & Starred<F>): Future<Out<F>, Err<F>> {
	return new Unconstrained(into(future));
}

class Cooperative<T, E> extends OneBranch<T, E> {
	poll(cx: Context): Poll<T> {
		if (S.current !== null && S.budget <= 0) {
			cx.waker.wake();
			return Pending;
		}
		const value = this.run(cx) as Poll<T>;
		if (value !== Pending && S.current !== null) S.budget--;
		return value;
	}
}

/**
 * Makes a future spend one unit of the budget when it is ready, and give way when the budget is used up: for futures of your own that wait for
 * something which is often there already, and do not extend `Future`.
 *
 * @throws {@link TypeError} at the call, if it is no future
 * @errors the failures of the future
 * @cancelSafety cancel safe if the future is
 * @source `tokio::task::coop::cooperative`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { cooperative, run } from "yamanote";
 *
 * const parsed = await run(cooperative(function* () {
 *   return JSON.parse("[1]");
 * }));
 * assert.deepEqual(parsed, [1]);
 * ```
 */
export function cooperative<const F extends Waitable>(future: F & Starred<F>): Future<Out<F>, Err<F>> {
	return new Cooperative(into(future));
}
