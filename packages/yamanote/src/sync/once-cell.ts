/** A value that is made once: `OnceCell`. */

import { delegate } from "../core/delegate.ts";
import { keep, unkeep } from "../core/discard.ts";
import { FnFuture } from "../core/frame.ts";
import type { Future } from "../core/future.ts";
import type { Err, Out, Starred, Waitable } from "../core/types.ts";
import { Acquire, BatchSemaphore } from "./batch-semaphore.ts";
import { SetError } from "./error/set-error.ts";
import { type Carried, checkMessage, type Message } from "./message.ts";

/** The turn to initialize; refused when somebody else has done it. */
class Turn extends Acquire<boolean> {
	got(): boolean {
		return true;
	}

	override refused(): boolean {
		return false;
	}
}

function* init(cell: OnceCell<Message>, make: Iterable<unknown, unknown>): Generator<unknown, unknown> {
	try {
		while (cell.value === undefined) {
			const { turn } = cell;
			// Refused: another has set it, and it may have been taken since.
			if (!(yield* new Turn(turn))) continue;
			try {
				const value = (yield* make) as Message;
				checkMessage(value, "getOrInit");
				cell.value = value;
				keep(value);
				return value;
			} finally {
				// The others see the value, or the next one makes it.
				if (cell.value === undefined) turn.give(1);
				else turn.close();
			}
		}
		return cell.value;
	} finally {
		dropUnpolled(make);
	}
}

/** A future that was handed over and not needed is dropped, so that nobody takes it for one that was forgotten. */
function dropUnpolled(make: unknown): void {
	const future = make as Partial<Iterator<unknown>> & { readonly owner?: unknown };
	if ("owner" in future && future.owner === undefined) future.return?.();
}

/**
 * A cell for a value that is made once, when it is first wanted, though many may want it at the same time.
 *
 * @typeParam T - the value: anything but `undefined`, which stands for "not yet"
 * @source `tokio::sync::OnceCell`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { join, run, sleep } from "yamanote";
 * import { OnceCell } from "yamanote/sync";
 *
 * let connections = 0;
 * const cell = new OnceCell<string>();
 * const connection = () => cell.getOrInit(function* () {
 *   yield* sleep(1);
 *   return `connection ${++connections}`;
 * });
 * assert.deepEqual(await run(join([connection(), connection()])), ["connection 1", "connection 1"]);
 * ```
 */
export class OnceCell<T> {
	/** @internal */
	value: T | undefined;
	/** @internal One permit: the turn to initialize. Closed when there is a value. */
	turn: BatchSemaphore = new BatchSemaphore(1, this);

	/** @param value - the value, if it is there already */
	constructor(value?: Carried<T>) {
		this.value = value as T | undefined;
		keep(value);
		if (value !== undefined) this.turn.close();
	}

	/** Whether it has a value. */
	get initialized(): boolean {
		return this.value !== undefined;
	}

	/** The value; `undefined` if there is none yet. */
	get(): T | undefined {
		return this.value;
	}

	/**
	 * Sets the value.
	 *
	 * @throws {@link SetError} (`YAMANOTE_SET`) with the value, if there is one, or somebody is about to make it; {@link TypeError} for `undefined`
	 * @source `tokio::sync::OnceCell::set`
	 */
	set(value: T): void {
		checkMessage(value, "set");
		if (this.value !== undefined) throw new SetError("initialized", value);
		if (!this.turn.tryTake(1)) throw new SetError("initializing", value);
		this.value = value;
		keep(value);
		this.turn.close();
	}

	/**
	 * The value; if there is none yet, makes it. One makes it at a time, the others wait for that one's value; if it fails or is
	 * cancelled, the next makes its own. A body that asks for the value of its own cell waits for ever.
	 *
	 * @param make - makes the value: whatever can be waited for; it is not begun if it is not needed
	 * @throws {@link TypeError} at the call, if it is nothing that can be waited for
	 * @errors the failures of `make`, which leave the cell empty; a `TypeError` if it gives `undefined`
	 * @cancelSafety cancel safe if `make` is: another makes the value then
	 * @source `tokio::sync::OnceCell::get_or_try_init`
	 */
	getOrInit<const F extends Waitable>(make: F & Starred<F>): Future<Out<F> & T, Err<F>> {
		return new FnFuture(init(this as unknown as OnceCell<Message>, delegate(make))) as never;
	}

	/**
	 * Takes the value out: the cell is empty again.
	 *
	 * @source `tokio::sync::OnceCell::take`
	 */
	take(): T | undefined {
		const { value } = this;
		if (value !== undefined) {
			this.value = undefined;
			unkeep(value);
			this.turn = new BatchSemaphore(1, this);
		}
		return value;
	}
}
