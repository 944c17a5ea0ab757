/** The sending end of a watch channel. */
import { checkFunction } from "../../core/error.ts";
import type { Future } from "../../core/future.ts";
import { Closed } from "../closed.ts";
import { SendError } from "../error/send-error.ts";
import { type Carried, checkMessage } from "../message.ts";
import { Releasable } from "../releasable.ts";
import { tell } from "../tell.ts";
import { Cell } from "./cell.ts";
import { Receiver } from "./receiver.ts";

/** The way to the value for {@link Sender.sendModify}: `value` is the latest value, and can be set; `undefined` is refused. */
export interface Ref<T> {
	value: T;
}

class Way<T> implements Ref<T> {
	readonly cell: Cell<T>;

	constructor(cell: Cell<T>) {
		this.cell = cell;
	}

	get value(): T {
		return this.cell.value;
	}

	set value(value: T) {
		checkMessage(value, "watch");
		this.cell.value = value;
	}
}

/**
 * The sending end of a watch {@link channel}. The channel is closed for the receivers when all senders are released (`using`, `close()`).
 *
 * @source `tokio::sync::watch::Sender`
 */
export class Sender<T> extends Releasable {
	/** @internal */
	readonly cell: Cell<T>;
	/** @internal */
	open = true;

	/**
	 * A sender without a receiver; see {@link Sender.subscribe}.
	 *
	 * @param value - the first value
	 * @throws {@link TypeError} for `undefined`
	 * @source `tokio::sync::watch::Sender::new`
	 */
	constructor(value: Carried<T>);
	/** @internal */
	constructor(value: T, cell: Cell<T>);
	constructor(value: T, cell?: unknown) {
		super();
		checkMessage(value, "watch");
		this.cell = (cell as Cell<T> | undefined) ?? new Cell(value, 1, 0);
		tell("open", this.cell, this);
	}

	/**
	 * Replaces the value, and wakes who waits for a change.
	 *
	 * @throws {@link SendError} (`YAMANOTE_SEND`) with the value, which is not kept, if there is no receiver, or this end was released
	 * @throws {@link TypeError} for `undefined`
	 * @source `tokio::sync::watch::Sender::send`
	 */
	send(value: T): void {
		checkMessage(value, "send");
		const { cell } = this;
		if (cell.receivers === 0 || !this.open) throw new SendError(value);
		cell.value = value;
		cell.changed();
	}

	/**
	 * Replaces the value, also when there is no receiver.
	 *
	 * @returns the value that it replaced
	 * @throws {@link SendError} (`YAMANOTE_SEND`) with the value, which is not kept, if this end was released
	 * @throws {@link TypeError} for `undefined`
	 * @source `tokio::sync::watch::Sender::send_replace`
	 */
	sendReplace(value: T): T {
		checkMessage(value, "sendReplace");
		const { cell } = this;
		if (!this.open) throw new SendError(value);
		const old = cell.value;
		cell.value = value;
		cell.changed();
		return old;
	}

	/**
	 * Changes the value, in place or by another, and wakes who waits for a change, also when there is no receiver.
	 *
	 * @param modify - is given the way to the value; what it throws is thrown, what it has changed stays changed, and nobody is woken
	 * @throws {@link SendError} (`YAMANOTE_SEND`), without a value, if this end was released: `modify` is not called
	 * @source `tokio::sync::watch::Sender::send_modify`
	 */
	sendModify(modify: (ref: Ref<T>) => void): void {
		checkFunction("sendModify", modify);
		this.sendIfModified((ref) => {
			modify(ref);
			return true;
		});
	}

	/**
	 * As {@link Sender.sendModify}, but wakes only if `modify` says that there was a change.
	 *
	 * @param modify - is given the way to the value; says whether it has changed it
	 * @returns what `modify` returned
	 * @throws {@link SendError} (`YAMANOTE_SEND`), without a value, if this end was released: `modify` is not called
	 * @source `tokio::sync::watch::Sender::send_if_modified`
	 */
	sendIfModified(modify: (ref: Ref<T>) => boolean): boolean {
		checkFunction("sendIfModified", modify);
		if (!this.open) throw new SendError(undefined);
		const { cell } = this;
		const modified = modify(new Way(cell));
		if (modified) cell.changed();
		return modified;
	}

	/** The latest value. */
	borrow(): T {
		return this.cell.value;
	}

	/** Whether there is no receiver. */
	get isClosed(): boolean {
		return this.cell.receivers === 0;
	}

	/**
	 * Waits until there is no receiver.
	 *
	 * @cancelSafety cancel safe: nothing is lost
	 * @source `tokio::sync::watch::Sender::closed`
	 */
	closed(): Future<void> {
		return new Closed(this.cell);
	}

	/** A new receiver, which has seen the latest value. */
	subscribe(): Receiver<T> {
		this.cell.receivers++;
		return new Receiver(this.cell, this.cell.version);
	}

	/** How many receivers there are. */
	get receiverCount(): number {
		return this.cell.receivers;
	}

	/** How many senders there are. */
	get senderCount(): number {
		return this.cell.senders;
	}

	/** Another end of the same channel, to be released on its own; of an end that was released, one that is released. */
	clone(): Sender<T> {
		this.cell.senders++;
		const other = new Sender(this.cell.value, this.cell);
		if (!this.open) other.release();
		return other;
	}

	/** Releases this end. When all are released the receivers see the last value, then the end. */
	release(): void {
		if (!this.open) return;
		this.open = false;
		tell("shut", this.cell, this);
		this.cell.senderGone();
	}

	/** As {@link Sender.release}. */
	close(): void {
		this.release();
	}
}
