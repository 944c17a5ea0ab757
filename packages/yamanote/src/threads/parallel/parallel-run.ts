/** One operation over many items, as a future: done in place where that is quickest (`small.ts`), else spread over threads (`spread.ts`). */
import type { Branch } from "../../core/branch.ts";
import { Future } from "../../core/future.ts";
import type { Context, Poll } from "../../core/poll.ts";
import { rethrown } from "../../core/stack.ts";
import type { WorkerLost } from "../error.ts";
import { runsHere } from "../thread-state.ts";
import { note, paceOf } from "./chunking.ts";
import { combine } from "./combine.ts";
import { readItems } from "./items.ts";
import type { Plan } from "./plan.ts";
import { isSmall, small } from "./small.ts";
import { Spread } from "./spread.ts";

/** @internal */
export class ParallelRun<out T> extends Future<T, WorkerLost> {
	readonly #plan: Plan;
	/** Null: it has not begun, or was over at once. */
	#spread: Spread | null = null;

	constructor(plan: Plan) {
		super();
		this.#plan = plan;
	}

	poll(cx: Context): Poll<T> {
		try {
			if (this.#spread !== null) return this.#spread.poll(cx) as Poll<T>;
			return this.#begin(cx) as Poll<T>;
		} catch (error) {
			throw rethrown(error, this.next, true);
		}
	}

	#begin(cx: Context): Poll<unknown> {
		const plan = this.#plan;
		const { fn, op } = plan;
		const items = readItems(plan.items, plan.whole);
		const pace = paceOf(fn, plan.whole);
		const started = isSmall(plan, items, pace) && !runsHere(fn.table) ? small(plan, items) : null;
		if (Array.isArray(started) && started[0] === items.n) {
			note(pace, started);
			plan.onProgress?.({ done: items.n, total: items.n });
			return combine(op, [[0, started[4]]], items);
		}
		this.#spread = new Spread(plan, items, pace, started);
		return this.#spread.poll(cx);
	}

	protected override drop(cx: Context): Poll<void> {
		return this.#spread?.drop(cx);
	}

	/** @internal The drivers within, for dumps. */
	branches(): Iterable<Branch> {
		return this.#spread?.branches() ?? [];
	}
}
