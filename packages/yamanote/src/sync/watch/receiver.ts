/** The receiving end of a watch channel. */

import type { Driver } from "../../core/driver.ts";
import { checkFunction } from "../../core/error.ts";
import { FnFuture } from "../../core/frame.ts";
import { created, type Future, inherit } from "../../core/future.ts";
import { MessageIterator } from "../../core/message-iterator.ts";
import { type Context, Pending, type Poll } from "../../core/poll.ts";
import { S as shared } from "../../core/shared.ts";
import { noValue, RecvError } from "../error/recv-error.ts";
import { claim, detour, polledBy, ready } from "../prompt.ts";
import { Releasable } from "../releasable.ts";
import { tell } from "../tell.ts";
import { type Place, WaitingAt } from "../wait-list.ts";
import { Cell } from "./cell.ts";

// A constant of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;

type Wait<T> = WaitingAt<Receiver<T>, void, RecvError>;

class Changed<T> {
	done = false;
	value: unknown = undefined;
	owner: Driver | undefined = undefined;
	place: Place | null = null;
	readonly rx: Receiver<T>;

	constructor(rx: Receiver<T>) {
		this.rx = rx;
		if (S.hooks !== null) created(this);
	}

	next(this: Wait<T>): IteratorResult<never, void> {
		const { rx } = this;
		const { cell } = rx;
		const d = polledBy(this);
		const fresh = rx.seen !== cell.version;
		if (d === null || (!fresh && cell.senders === 0)) return detour(this);
		if (fresh) {
			claim(this);
			rx.seen = cell.version;
			return ready(this, this.leave());
		}
		this.owner = d;
		this.wait(cell.changes, d);
		S.suspended = this;
		return this as never;
	}

	poll(this: Wait<T>, cx: Context): Poll<void> {
		const { rx } = this;
		const { cell } = rx;
		if (rx.seen !== cell.version) {
			rx.seen = cell.version;
			return this.leave();
		}
		if (cell.senders === 0) {
			this.leave();
			throw new RecvError();
		}
		this.wait(cell.changes, cx);
		return Pending;
	}
}

inherit(Changed, WaitingAt);

class WaitFor<T> extends WaitingAt<Receiver<T>, T, RecvError> {
	readonly condition: (value: T) => boolean;
	/** The version that the condition was last asked about. */
	asked = -1;

	constructor(rx: Receiver<T>, condition: (value: T) => boolean) {
		super(rx);
		this.condition = condition;
	}

	poll(cx: Context): Poll<T> {
		const { rx } = this;
		let { cell } = rx;
		const fresh = rx.seen !== cell.version;
		rx.seen = cell.version;
		if (fresh || this.asked !== cell.version) {
			this.asked = cell.version;
			const { value } = cell;
			// It may throw, send, and release the receiver.
			this.leave();
			if (this.condition(value)) return value;
		}
		cell = rx.cell;
		if (cell.senders === 0) {
			this.leave();
			throw new RecvError();
		}
		this.wait(cell.changes, cx);
		if (rx.seen !== cell.version) cx.waker.wake();
		return Pending;
	}
}

/**
 * The receiving end of a watch {@link channel}. Each has its own notion of what it has seen.
 *
 * @source `tokio::sync::watch::Receiver`
 */
export class Receiver<T> extends Releasable implements AsyncIterable<T> {
	/** @internal */
	cell: Cell<T>;
	/** @internal The version that it has seen. */
	seen: number;
	/** @internal How many wait here. */
	waits = 0;

	/** @internal */
	constructor(cell: Cell<T>, seen: number) {
		super();
		this.cell = cell;
		this.seen = seen;
		tell("open", cell, this);
	}

	/** The latest value. It does not count as seen. */
	borrow(): T {
		return this.cell.value;
	}

	/** The latest value, which counts as seen from now on. */
	borrowAndUpdate(): T {
		this.markUnchanged();
		return this.cell.value;
	}

	/**
	 * Whether there is a value that was not seen.
	 *
	 * @throws {@link RecvError} (`YAMANOTE_RECV`) if all senders are gone
	 * @source `tokio::sync::watch::Receiver::has_changed`
	 */
	hasChanged(): boolean {
		if (this.cell.senders === 0) throw new RecvError();
		return this.seen !== this.cell.version;
	}

	/** The value counts as not seen: the next {@link Receiver.changed} is ready at once. */
	markChanged(): void {
		this.seen = this.cell.version - 1;
	}

	/** The value counts as seen. */
	markUnchanged(): void {
		this.seen = this.cell.version;
	}

	/**
	 * Waits for a value that was not seen, which counts as seen then. It skips values that were replaced meanwhile.
	 *
	 * @errors {@link RecvError} (`YAMANOTE_RECV`) if the value was seen and all senders are gone
	 * @cancelSafety cancel safe: what was not seen stays so
	 * @source `tokio::sync::watch::Receiver::changed`
	 */
	changed(): Future<void, RecvError> {
		return new Changed(this) as never;
	}

	/**
	 * Waits for a value of which the condition holds, the latest one first. What it was asked about counts as seen.
	 *
	 * @param condition - is asked about the latest value, once for each change that it sees; what it throws is thrown
	 * @returns the value
	 * @errors {@link RecvError} (`YAMANOTE_RECV`) if all senders are gone, and it does not hold of the last value
	 * @cancelSafety cancel safe
	 * @source `tokio::sync::watch::Receiver::wait_for`
	 */
	waitFor(condition: (value: T) => boolean): Future<T, RecvError> {
		checkFunction("waitFor", condition);
		return new WaitFor(this, condition);
	}

	/** Another end of the same channel, which has seen what this one has, to be released on its own. */
	clone(): Receiver<T> {
		this.cell.receivers++;
		return new Receiver(this.cell, this.seen);
	}

	/** The latest value, then the values that it changes to, for `for await`, until all senders are gone. */
	[Symbol.asyncIterator](): AsyncIterableIterator<T> {
		let first = true;
		const rx = this;
		function* later(now: T | undefined): Generator<unknown, T | undefined> {
			if (now !== undefined) return now;
			try {
				yield* rx.changed();
			} catch (error) {
				return noValue(error);
			}
			return rx.borrowAndUpdate();
		}
		return new MessageIterator<T>(() => {
			const now = first ? this.borrowAndUpdate() : undefined;
			first = false;
			return new FnFuture(later(now));
		});
	}

	/** Releases this end: it keeps the latest value, and sees no change any more. */
	release(): void {
		const { cell } = this;
		if (cell.senders === 0 && cell.receivers === 0) return;
		this.cell = new Cell(cell.value, 0, 0);
		this.markUnchanged();
		tell("shut", cell, this);
		try {
			cell.receiverGone();
		} finally {
			if (this.waits > 0) cell.changes.wakeAll();
		}
	}
}
