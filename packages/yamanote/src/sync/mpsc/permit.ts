/** The right to send: `reserve`, `reserveMany`. */
import { type Context, Pending, type Poll } from "../../core/poll.ts";
import { Acquire, GRANTED, WAITS } from "../batch-semaphore.ts";
import type { Chan } from "../chan.ts";
import { ReleasedError } from "../error/released-error.ts";
import { SendError } from "../error/send-error.ts";
import { checkMessage } from "../message.ts";
import { Releasable } from "../releasable.ts";
import { tell } from "../tell.ts";

/**
 * The right to send one message without waiting. It keeps the channel open for the receiver. Disposing it (`using`, `release()`) frees the slot.
 *
 * @source `tokio::sync::mpsc::Permit`
 */
export class Permit<T> extends Releasable {
	/** @internal */
	chan: Chan<T> | null;

	/** @internal */
	constructor(chan: Chan<T>) {
		super();
		this.chan = chan;
		tell("hold", chan, this);
	}

	/**
	 * Sends the message. If the receiver is gone meanwhile, it is dropped.
	 *
	 * @throws {@link ReleasedError} if the permit was used or released; {@link TypeError} for `undefined`
	 * @source `tokio::sync::mpsc::Permit::send`
	 */
	send(value: T): void {
		checkMessage(value, "permit.send");
		const { chan } = this;
		if (chan === null) throw new ReleasedError("permit");
		this.chan = null;
		tell("release", chan, this);
		chan.put(value);
	}

	/** Frees the slot. After a send, and the second time, it does nothing. */
	release(): void {
		const { chan } = this;
		if (chan === null) return;
		this.chan = null;
		tell("release", chan, this);
		chan.giveBack(1);
	}
}

/**
 * Several permits: an iterator of {@link Permit}. Disposing it (`using`, `release()`) frees those that were not taken out of it.
 *
 * @source `tokio::sync::mpsc::PermitIterator`
 */
export class Permits<T> extends Releasable implements IterableIterator<Permit<T>> {
	/** @internal */
	readonly chan: Chan<T>;
	/** @internal */
	n: number;

	/** @internal */
	constructor(chan: Chan<T>, n: number) {
		super();
		this.chan = chan;
		this.n = n;
		if (n > 0) tell("hold", chan, this);
	}

	/** How many are left. */
	get len(): number {
		return this.n;
	}

	/** Takes one out. */
	next(): IteratorResult<Permit<T>, undefined> {
		if (this.n === 0) return { done: true, value: undefined };
		if (--this.n === 0) tell("release", this.chan, this);
		return { done: false, value: new Permit(this.chan) };
	}

	[Symbol.iterator](): this {
		return this;
	}

	/** Frees the slots of those that are left. */
	release(): void {
		const { n } = this;
		this.n = 0;
		if (n === 0) return;
		tell("release", this.chan, this);
		this.chan.giveBack(n);
	}
}

/** @internal Takes slots of a channel. */
export abstract class TakeSlots<T, R, V> extends Acquire<R, SendError<V>> {
	get chan(): Chan<T> {
		return this.sem as Chan<T>;
	}

	override back(n: number): void {
		this.chan.giveBack(n);
	}
}

/** @internal Takes `n` of them, and keeps them. */
export class Reserve<T, P> extends TakeSlots<T, P, undefined> {
	readonly n: number;
	readonly Kept: new (
		chan: Chan<T>,
		n: number,
	) => P;

	constructor(chan: Chan<T>, n: number, Kept: new (chan: Chan<T>, n: number) => P) {
		super(chan);
		this.n = n;
		this.Kept = Kept;
	}

	override wanted(): number {
		return this.n;
	}

	poll(cx: Context): Poll<P> {
		const state = this.acquired(cx);
		if (state === GRANTED) return new this.Kept(this.chan, this.n);
		if (state === WAITS) return Pending;
		throw new SendError(undefined);
	}
}
