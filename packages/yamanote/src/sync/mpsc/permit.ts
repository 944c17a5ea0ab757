/** The right to send: `reserve`, `reserveMany`. */
import type { Driver } from "../../core/driver.ts";
import { created, inherit } from "../../core/future.ts";
import { S as shared } from "../../core/shared.ts";
import { Acquire } from "../batch-semaphore.ts";
import type { Chan } from "../chan.ts";
import { ReleasedError } from "../error/released-error.ts";
import { SendError } from "../error/send-error.ts";
import { checkMessage } from "../message.ts";
import { detour, ready } from "../prompt.ts";
import { Releasable } from "../releasable.ts";
import { tell } from "../tell.ts";
import type { Place } from "../wait-list.ts";

// A constant of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;

/** Slots of a channel that are held. */
abstract class Slots<T> extends Releasable {
	/** @internal */
	readonly chan: Chan<T>;
	/** @internal */
	n: number;

	/** @internal */
	constructor(chan: Chan<T>, n = 1) {
		super();
		this.chan = chan;
		this.n = n;
		if (n > 0) tell("hold", chan, this);
	}

	/** @internal They are not held any more. */
	use(n: number): void {
		this.n -= n;
		if (this.n === 0) tell("release", this.chan, this);
	}

	/** Frees the slots that are left. After that, and after they were used, it does nothing. */
	release(): void {
		const { n } = this;
		if (n === 0) return;
		this.use(n);
		this.chan.giveBack(n);
	}
}

/**
 * The right to send one message without waiting. It keeps the channel open for the receiver. Disposing it (`using`, `release()`) frees the slot.
 *
 * @source `tokio::sync::mpsc::Permit`
 */
export class Permit<T> extends Slots<T> {
	/**
	 * Sends the message. If the receiver is gone meanwhile, it is dropped.
	 *
	 * @throws {@link ReleasedError} if the permit was used or released; {@link TypeError} for `undefined`
	 * @source `tokio::sync::mpsc::Permit::send`
	 */
	send(value: T): void {
		checkMessage(value, "permit.send");
		if (this.n === 0) throw new ReleasedError("permit");
		this.use(1);
		this.chan.put(value);
	}
}

/**
 * Several permits: an iterator of {@link Permit}. Disposing it (`using`, `release()`) frees those that were not taken out of it.
 *
 * @source `tokio::sync::mpsc::PermitIterator`
 */
export class Permits<T> extends Slots<T> implements IterableIterator<Permit<T>> {
	/** How many are left. */
	get len(): number {
		return this.n;
	}

	/** Takes one out. */
	next(): IteratorResult<Permit<T>, undefined> {
		if (this.n === 0) return { done: true, value: undefined };
		this.use(1);
		return { done: false, value: new Permit(this.chan) };
	}

	[Symbol.iterator](): this {
		return this;
	}
}

/** @internal Takes a slot of a channel, and sends. */
export interface Send<T, R = void> extends Acquire<R, SendError<T>> {}

/** @internal */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: it inherits without `extends`, see `inherit`
export class Send<T, R = void> {
	done = false;
	value: unknown = undefined;
	owner: Driver | undefined = undefined;
	place: Place | null = null;
	readonly sem: Chan<T>;
	readonly message: T;

	constructor(chan: Chan<T>, message: T) {
		this.sem = chan;
		this.message = message;
		if (S.hooks !== null) created(this);
	}

	next(): IteratorResult<never, R> {
		const state = this.step();
		return state > 0 ? ready(this, this.got()) : state < 0 ? detour(this) : (this as never);
	}

	got(): R {
		return this.sem.put(this.message) as R;
	}

	refused(): R {
		throw new SendError(this.message);
	}
}

inherit(Send, Acquire);

/** @internal Takes `n` of them, and keeps them. */
export class Reserve<T, P> extends Send<T, P> {
	readonly n: number;
	readonly Kept: new (
		chan: Chan<T>,
		n: number,
	) => P;

	constructor(chan: Chan<T>, n: number, Kept: new (chan: Chan<T>, n: number) => P) {
		super(chan, undefined as T);
		this.n = n;
		this.Kept = Kept;
	}

	override wanted(): number {
		return this.n;
	}

	override got(): P {
		return new this.Kept(this.sem, this.n);
	}
}
