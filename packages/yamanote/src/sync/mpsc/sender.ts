/** The sending end of a bounded channel. */
import type { Future } from "../../core/future.ts";
import type { SendError } from "../error/send-error.ts";
import { TrySendError } from "../error/try-send-error.ts";
import { checkCount, checkMessage } from "../message.ts";
import { SendingEnd } from "../sending-end.ts";
import { Permit, Permits, Reserve, Send } from "./permit.ts";

/**
 * The sending end of a bounded {@link channel}. Tasks may share one, or {@link Sender.clone} it. The channel ends for the receiver when all
 * ends are released (`using`, `close()`); it never ends since one was forgotten.
 *
 * @source `tokio::sync::mpsc::Sender`
 */
export class Sender<T> extends SendingEnd<T> {
	/**
	 * Waits for a free slot, then sends the message. Senders are served in their order.
	 *
	 * @throws {@link TypeError} at the call for `undefined`
	 * @errors {@link SendError} (`YAMANOTE_SEND`) with the message, if the receiver is gone or has closed the channel
	 * @cancelSafety the message is not sent, and the place in the queue is lost; the caller still has the message
	 * @source `tokio::sync::mpsc::Sender::send`
	 */
	send(value: T): Future<void, SendError<T>> {
		checkMessage(value, "send");
		return new Send(this.chan, value);
	}

	/**
	 * Sends the message, if there is a free slot.
	 *
	 * @throws {@link TrySendError} (`YAMANOTE_TRY_SEND`) with the message, if there is none (`kind` `"full"`), or nobody receives (`"closed"`)
	 * @throws {@link TypeError} for `undefined`
	 * @source `tokio::sync::mpsc::Sender::try_send`
	 */
	trySend(value: T): void {
		checkMessage(value, "trySend");
		this.#take(1, value);
		this.chan.put(value);
	}

	/**
	 * Waits for a free slot, and keeps it for one message: what is not sent yet cannot be lost to a cancellation.
	 *
	 * @returns a {@link Permit}: `(yield* tx.reserve()).send(value)`
	 * @errors {@link SendError} (`YAMANOTE_SEND`) if the receiver is gone or has closed the channel
	 * @cancelSafety cancel safe: no slot is lost, only the place in the queue
	 * @source `tokio::sync::mpsc::Sender::reserve`
	 */
	reserve(): Future<Permit<T>, SendError<undefined>> {
		return new Reserve(this.chan, 1, Permit) as never;
	}

	/**
	 * Waits for `n` free slots, and keeps them for `n` messages.
	 *
	 * @param n - a whole number, 0 to {@link Sender.maxCapacity}
	 * @returns {@link Permits}
	 * @throws {@link RangeError} at the call, if `n` is no such number: the slots could never be free
	 * @errors {@link SendError} (`YAMANOTE_SEND`) if the receiver is gone or has closed the channel
	 * @cancelSafety cancel safe: no slot is lost, only the place in the queue
	 * @source `tokio::sync::mpsc::Sender::reserve_many`
	 */
	reserveMany(n: number): Future<Permits<T>, SendError<undefined>> {
		checkCount("reserveMany: n", n, 0, this.maxCapacity);
		return new Reserve(this.chan, n, Permits) as never;
	}

	/**
	 * Keeps a free slot for one message, if there is one.
	 *
	 * @throws {@link TrySendError} (`YAMANOTE_TRY_SEND`) if there is none, or nobody receives
	 * @source `tokio::sync::mpsc::Sender::try_reserve`
	 */
	tryReserve(): Permit<T> {
		this.#take(1, undefined);
		return new Permit(this.chan);
	}

	/**
	 * Keeps `n` free slots for `n` messages, if there are as many.
	 *
	 * @param n - a whole number, 0 to {@link Sender.maxCapacity}
	 * @throws {@link TrySendError} (`YAMANOTE_TRY_SEND`) if there are not, or nobody receives; {@link RangeError} if `n` is no such number
	 * @source `tokio::sync::mpsc::Sender::try_reserve_many`
	 */
	tryReserveMany(n: number): Permits<T> {
		checkCount("tryReserveMany: n", n, 0, this.maxCapacity);
		this.#take(n, undefined);
		return new Permits(this.chan, n);
	}

	#take(n: number, value: T | undefined): void {
		const { chan } = this;
		if (!chan.tryTake(n)) throw new TrySendError(chan.closed ? "closed" : "full", value);
	}

	/** How many slots are free now: neither used nor reserved. */
	get capacity(): number {
		return this.chan.free();
	}

	/** How many slots there are. */
	get maxCapacity(): number {
		return this.chan.capacity;
	}

	/** Another end of the same channel, to be released on its own. */
	clone(): Sender<T> {
		return new Sender(this.another());
	}
}
