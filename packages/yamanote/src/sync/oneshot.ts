/**
 * A channel for one message: `oneshot.channel()`.
 *
 * All state is in the receiver, which is the future of the message; the sender refers to it. The state only moves forward: open, then SENT
 * or CLOSED by the one side or the other, then TAKEN.
 */
import { discard, kRelease } from "../core/discard.ts";
import type { Driver } from "../core/driver.ts";
import { FutureConsumedError } from "../core/error.ts";
import { created, Future, inherit } from "../core/future.ts";
import { MessageIterator } from "../core/message-iterator.ts";
import { type Context, Pending, type Poll, type Waker } from "../core/poll.ts";
import { S as shared } from "../core/shared.ts";
import { noValue, RecvError } from "./error/recv-error.ts";
import { SendError } from "./error/send-error.ts";
import { TryRecvError } from "./error/try-recv-error.ts";
import { checkMessage, type Message, type Some } from "./message.ts";
import { claim, detour, polledBy, ready } from "./prompt.ts";
import { tell } from "./tell.ts";
import { Waiting, WaitList } from "./wait-list.ts";

export { RecvError } from "./error/recv-error.ts";
export { SendError } from "./error/send-error.ts";
export { TryRecvError } from "./error/try-recv-error.ts";

// A constant of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;

const OPEN = 0;
/** The message is there. */
const SENT = 1;
/** The sender is gone, nothing was sent. */
const UNSENT = 2;
/** The receiver takes nothing any more. */
const CLOSED = 3;
/** The outcome was given out. */
const TAKEN = 4;

/**
 * The sending end of a {@link channel}. It sends once; disposing it (`using`, `close()`) before makes the receiver fail.
 *
 * @source `tokio::sync::oneshot::Sender`
 */
export class Sender<T> implements Disposable {
	/** @internal */
	readonly rx: Receiver<T>;

	/** @internal */
	constructor(rx: Receiver<T>) {
		this.rx = rx;
		tell("open", rx, this);
	}

	/**
	 * Sends the message. It does not wait, and that it does not fail does not prove that the message will be received.
	 *
	 * @throws {@link SendError} (`YAMANOTE_SEND`) with the message, if the receiver is gone or closed, or this sender was used before
	 * @throws {@link TypeError} for `undefined`
	 * @source `tokio::sync::oneshot::Sender::send`
	 */
	send(value: T): void {
		checkMessage(value, "oneshot send");
		const { rx } = this;
		if (rx.state !== OPEN) throw new SendError(value);
		rx.message = value;
		this.#settle(SENT);
	}

	/** Whether a send would fail. */
	get isClosed(): boolean {
		return this.rx.state !== OPEN;
	}

	/**
	 * Waits until the receiver is gone or closed: nobody is interested in the message any more.
	 *
	 * @cancelSafety cancel safe: nothing is lost
	 * @source `tokio::sync::oneshot::Sender::closed`
	 */
	closed(): Future<void> {
		return new Closed(this.rx);
	}

	/** Gives up sending: the receiver fails. After a send it does nothing. */
	close(): void {
		if (this.rx.state === OPEN) this.#settle(UNSENT);
	}

	#settle(state: number): void {
		const { rx } = this;
		tell("shut", rx, this);
		tell("shut", rx, rx);
		rx.settle(state);
	}

	[Symbol.dispose](): void {
		this.close();
	}

	/** @internal */
	[kRelease](): void {
		this.close();
	}
}

class Closed extends Waiting<void> {
	readonly rx: Receiver<unknown>;

	constructor(rx: Receiver<unknown>) {
		super();
		this.rx = rx;
	}

	poll(cx: Context): Poll<void> {
		const { rx } = this;
		if (rx.state !== OPEN) return this.leave();
		rx.closers ??= new WaitList();
		this.wait(rx.closers, cx);
		return Pending;
	}
}

/** The receiver is a future of the message. */
export interface Receiver<out T> extends Future<T, RecvError> {}

/**
 * The receiving end of a {@link channel}: a future of the message. Wait for it once, lend it with `byRef` where it must survive a lost
 * `select`, or look with {@link Receiver.tryRecv}.
 *
 * Dropping it (`using`, a lost `select`, an elapsed `timeout`) closes the channel.
 *
 * @source `tokio::sync::oneshot::Receiver`
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: it inherits without `extends`, see `inherit`
export class Receiver<out T> implements Disposable, AsyncIterable<T> {
	/** @internal */
	done = false;
	/** @internal */
	value: unknown = undefined;
	/** @internal */
	owner: Driver | undefined = undefined;
	/** @internal */
	state: number = OPEN;
	/** @internal */
	message: T | undefined = undefined;
	/** @internal */
	waker: Waker | null = null;
	/** @internal */
	closers: WaitList | null = null;

	/** @internal */
	constructor() {
		if (S.hooks !== null) created(this);
	}

	/** @internal */
	next(): IteratorResult<never, T> {
		if (this.state !== SENT || polledBy(this) === null) return detour(this);
		claim(this);
		return ready(this, this.take());
	}

	poll(cx: Context): Poll<T> {
		if (this.state === OPEN) {
			this.waker = cx.waker;
			return Pending;
		}
		return this.take();
	}

	/** @internal The message, or a throw. */
	take(): T {
		const { state, message } = this;
		this.state = TAKEN;
		this.message = undefined;
		if (state === SENT) return message as T;
		throw state === TAKEN ? new FutureConsumedError() : new RecvError();
	}

	/**
	 * The message, if it is there.
	 *
	 * @throws {@link TryRecvError} (`YAMANOTE_TRY_RECV`) if it was not sent yet (`kind` `"empty"`), or will never be (`"closed"`), also when it
	 * was taken before
	 * @source `tokio::sync::oneshot::Receiver::try_recv`
	 */
	tryRecv(): T {
		const { state } = this;
		if (state === OPEN) throw new TryRecvError("empty");
		if (state !== SENT) {
			this.state = TAKEN;
			throw new TryRecvError("closed");
		}
		return this.take();
	}

	/** Takes nothing that is not sent yet. What was sent can still be received. */
	close(): void {
		if (this.state !== OPEN) return;
		tell("shut", this, this);
		this.settle(CLOSED);
	}

	/** @internal It is open no more: whoever waits at either end goes on. */
	settle(state: number): void {
		const { waker } = this;
		this.state = state;
		this.waker = null;
		try {
			waker?.wake();
		} finally {
			this.closers?.wakeAll();
		}
	}

	/** Whether the outcome was given out: waiting for it again would fail. */
	get isTerminated(): boolean {
		return this.state === TAKEN;
	}

	/** Whether there is no message to take: not yet, or not any more. */
	get isEmpty(): boolean {
		return this.state !== SENT;
	}

	/** The message, or nothing if the sender gives up: `for await (const value of rx)` runs once at most. */
	[Symbol.asyncIterator](): AsyncIterableIterator<T> {
		let over = false;
		return new MessageIterator(async () => {
			if (over) return undefined;
			over = true;
			return this.then(undefined, noValue);
		});
	}

	protected drop(): void {
		this.waker = null;
		this.close();
		const { message } = this;
		this.state = TAKEN;
		this.message = undefined;
		discard(message);
	}

	/** @internal A receiver closes its channel also when it is dropped before it was ever polled. */
	return(value?: unknown): IteratorResult<never, T> {
		if (this.owner === undefined) this.drop();
		return Future.prototype.return.call(this, value) as never;
	}

	/** @internal */
	[kRelease](): void {
		this[Symbol.dispose]();
	}
}

inherit(Receiver, Future);

/**
 * A channel for one message.
 *
 * @typeParam T - the message: anything but `undefined`
 * @returns the sender, and the receiver, which is a future
 * @source `tokio::sync::oneshot::channel`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run, spawn } from "yamanote";
 * import { oneshot } from "yamanote/sync";
 *
 * const answer = await run(function* () {
 *   const [tx, rx] = oneshot.channel<number>();
 *   spawn(function* () {
 *     tx.send(42);
 *   });
 *   return yield* rx;
 * });
 * assert.equal(answer, 42);
 * ```
 */
export function channel<T extends Message<Some>>(): [tx: Sender<T>, rx: Receiver<T>] {
	const rx = new Receiver<T>();
	tell("open", rx, rx);
	return [new Sender(rx), rx];
}
