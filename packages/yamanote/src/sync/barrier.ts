/** A meeting point of tasks: `Barrier`. */
import type { Future } from "../core/future.ts";
import { type Context, Pending, type Poll } from "../core/poll.ts";
import { checkCount } from "./message.ts";
import { Waiting, WaitList } from "./wait-list.ts";

/**
 * What a {@link Barrier.wait} gives.
 *
 * @source `tokio::sync::BarrierWaitResult`
 */
export interface BarrierWaitResult {
	/** True for one of those that met: the one that came last. */
	readonly isLeader: boolean;
}

class Arrival extends Waiting<BarrierWaitResult> {
	readonly barrier: Barrier;
	/** The round that it has come to; -1 before the first poll. */
	round = -1;

	constructor(barrier: Barrier) {
		super();
		this.barrier = barrier;
	}

	poll(cx: Context): Poll<BarrierWaitResult> {
		const { barrier } = this;
		if (this.round < 0) {
			this.round = barrier.round;
			if (++barrier.arrived >= barrier.size) {
				barrier.arrived = 0;
				barrier.round++;
				barrier.list.wakeAll();
				return { isLeader: true };
			}
		}
		if (this.round !== barrier.round) {
			this.leave();
			return { isLeader: false };
		}
		this.wait(barrier.list, cx);
		return Pending;
	}
}

/**
 * Lets a number of tasks meet: each waits until all have come, then all go on. It can be used again and again.
 *
 * @source `tokio::sync::Barrier`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { join, run } from "yamanote";
 * import { Barrier } from "yamanote/sync";
 *
 * const barrier = new Barrier(3);
 * const results = await run(join([barrier.wait(), barrier.wait(), barrier.wait()]));
 * assert.equal(results.filter((r) => r.isLeader).length, 1);
 * ```
 */
export class Barrier {
	/** How many have to come. */
	readonly size: number;
	/** @internal */
	arrived = 0;
	/** @internal */
	round = 0;
	/** @internal */
	readonly list: WaitList = new WaitList();

	/**
	 * @param size - how many have to come; a whole number of at least 0, which is the same as 1: nobody waits
	 * @throws {@link RangeError} if it is no such number
	 */
	constructor(size: number) {
		checkCount("a barrier's size", size);
		this.size = size;
	}

	/**
	 * Comes to the meeting point (at the first poll), and waits until all have come.
	 *
	 * @cancelSafety not cancel safe: who has come stays counted when the wait is dropped, and the others meet without it
	 * @source `tokio::sync::Barrier::wait`
	 */
	wait(): Future<BarrierWaitResult> {
		return new Arrival(this);
	}
}
