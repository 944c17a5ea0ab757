/** Waking tasks, without a value: `Notify`. */
import type { Driver } from "../core/driver.ts";
import { FutureConsumedError } from "../core/error.ts";
import { CONSUMED, created, Future, inherit } from "../core/future.ts";
import { type Context, Pending, type Poll, type Waker } from "../core/poll.ts";
import { S as shared } from "../core/shared.ts";
import { tell } from "./tell.ts";
import { type Place, WaitList, wakeChain } from "./wait-list.ts";

// A constant of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;

// The `need` of a place: 1 while it waits, -1 when all were notified, else how it alone was.
const BY_ONE = -2;
const BY_LAST = -3;

const NOBODY: Waker = { wake() {} };

/**
 * A wait for a notification: what {@link Notify.notified} gives.
 *
 * @source `tokio::sync::futures::Notified`
 */
export interface Notified extends Future<void> {
	/**
	 * Waits from now on, before the first poll: the next `notifyOne` counts for it. Call it before looking at the state that the notification
	 * is about.
	 *
	 * @returns whether it was notified already: waiting for it will not suspend
	 * @throws {@link FutureConsumedError} if it was dropped
	 * @source `tokio::sync::futures::Notified::enable`
	 */
	enable(): boolean;
}

// biome-ignore lint/correctness/noUnusedVariables: the class is merged with it
interface NotifiedFuture extends Notified {}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: it inherits without `extends`, see `inherit`
class NotifiedFuture {
	done = false;
	value: unknown = undefined;
	owner: Driver | undefined = undefined;
	readonly notify: Notify;
	/** How often all had been notified when it was made. */
	readonly rounds: number;
	place: Place | null = null;
	notified = false;

	constructor(notify: Notify) {
		this.notify = notify;
		this.rounds = notify.rounds;
		if (S.hooks !== null) created(this);
	}

	enable(): boolean {
		if (this.owner === CONSUMED && !this.notified) throw new FutureConsumedError();
		return this.look(null);
	}

	poll(cx: Context): Poll<void> {
		return this.look(cx.waker) ? undefined : Pending;
	}

	look(waker: Waker | null): boolean {
		const { notify, place } = this;
		if (this.notified) return true;
		if (place === null) {
			if (notify.rounds === this.rounds) {
				if (!notify.permit) {
					this.place = notify.list.enter(waker ?? NOBODY, 1);
					tell("wait", notify, this);
					return false;
				}
				notify.permit = false;
			}
		} else {
			if (place.need > 0) {
				if (waker !== null) place.waker = waker;
				return false;
			}
			this.place = null;
			notify.list.leave(place);
		}
		this.notified = true;
		return true;
	}

	protected drop(): void {
		const { notify, place } = this;
		if (place === null) return;
		this.place = null;
		const { need } = place;
		notify.list.leave(place);
		// A notification that was meant for one is passed on.
		if (need === BY_ONE) notify.notifyOne();
		else if (need === BY_LAST) notify.notifyLast();
		else tell("leave", notify, this);
	}

	return(value?: unknown): IteratorResult<never, void> {
		if (this.owner === undefined) this.drop();
		return Future.prototype.return.call(this, value) as never;
	}
}

inherit(NotifiedFuture, Future);

/**
 * Wakes tasks that wait for something to be looked at. It carries no value; it remembers at most one notification that nobody waited for.
 *
 * @source `tokio::sync::Notify`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run, spawn } from "yamanote";
 * import { Notify } from "yamanote/sync";
 *
 * const jobs: string[] = [];
 * const changed = new Notify();
 * await run(function* () {
 *   const worker = spawn(function* () {
 *     while (jobs.length === 0) yield* changed.notified();
 *     return jobs.pop();
 *   });
 *   jobs.push("paint");
 *   changed.notifyOne();
 *   assert.equal(yield* worker, "paint");
 * });
 * ```
 */
export class Notify {
	/** @internal */
	readonly list: WaitList = new WaitList();
	/** @internal A notification that nobody waited for. */
	permit = false;
	/** @internal How often all were notified. */
	rounds = 0;

	/**
	 * Waits for a notification. It takes the remembered one at its first poll, and waits from then on, in order; but
	 * {@link Notify.notifyWaiters} reaches it from this call on.
	 *
	 * @cancelSafety cancel safe: a notification by `notifyOne` that it got is passed on; the place in the queue is lost
	 * @source `tokio::sync::Notify::notified`
	 */
	notified(): Notified {
		return new NotifiedFuture(this);
	}

	/**
	 * Wakes the one who has waited longest. If nobody waits it is remembered, once, for the next who comes.
	 *
	 * @source `tokio::sync::Notify::notify_one`
	 */
	notifyOne(): void {
		this.#wake(this.list.head, BY_ONE);
	}

	/**
	 * Wakes the one who came last. If nobody waits it is remembered, once, for the next who comes.
	 *
	 * @source `tokio::sync::Notify::notify_last`
	 */
	notifyLast(): void {
		this.#wake(this.list.tail, BY_LAST);
	}

	/**
	 * Wakes all who wait now, and all futures of {@link Notify.notified} that were made before. It is not remembered.
	 *
	 * @source `tokio::sync::Notify::notify_waiters`
	 */
	notifyWaiters(): void {
		this.rounds++;
		this.list.wakeAll();
	}

	#wake(place: Place | null, by: number): void {
		if (place === null) {
			this.permit = true;
			return;
		}
		this.list.remove(place);
		place.need = by;
		wakeChain(place);
	}
}
