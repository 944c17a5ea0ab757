/** Both sides of a oneshot channel between two threads. */
import { discard } from "../../core/discard.ts";
import { FutureConsumedError } from "../../core/error.ts";
import { Pending, type Waker } from "../../core/poll.ts";
import type { RuntimeCore } from "../../core/runtime-core.ts";
import { TryRecvError } from "../../sync/error/try-recv-error.ts";
import * as oneshot from "../../sync/oneshot.ts";
import { unpackValue } from "../codec/pack.ts";
import { look, packMessage, report } from "./channel.ts";
import { CLOSED, END, GONE, type Half, ITEM, type Links } from "./links.ts";

/** A receiver that was sent away: it still holds the state for its sender, but gives its user nothing. */
class Away<T> extends oneshot.Receiver<T> {
	override next(): never {
		throw new FutureConsumedError();
	}
	override tryRecv(): never {
		throw new TryRecvError("closed");
	}
	override close(): void {}
	protected override drop(): void {}
	override return(value?: unknown): IteratorResult<never, T> {
		return { done: true, value: value as T };
	}
	override [Symbol.dispose](): void {}
}

/** As in the channel itself. */
const OPEN = 0;
const { take, close } = oneshot.Receiver.prototype;

/** @internal Takes a receiver from its user. */
export function sendAway(rx: oneshot.Receiver<unknown>): void {
	Object.setPrototypeOf(rx, Away.prototype);
}

/** @internal Sends the message over when it is there. */
export class OneSource implements Half, Waker {
	readonly #rx: oneshot.Receiver<unknown>;
	readonly #links: Links;
	readonly #runtime: RuntimeCore;
	readonly #id: number;
	#done = false;

	constructor(rx: oneshot.Receiver<unknown>, links: Links, id: number) {
		this.#rx = rx;
		this.#links = links;
		this.#runtime = links.runtime;
		this.#id = id;
		rx.waker = this;
	}

	wake(): void {
		if (this.#done || this.#rx.state === OPEN) return;
		this.#done = true;
		let value: unknown;
		try {
			value = take.call(this.#rx);
		} catch {
			// Its sender was released.
			return this.#end();
		}
		try {
			this.#links.sayItem(this.#id, packMessage(value, this.#links));
			this.#links.remove(this.#id);
		} catch (error) {
			report(error, this.#runtime);
			this.#end();
		}
	}

	#end(): void {
		this.#links.say(this.#id, END);
		this.#links.remove(this.#id);
	}

	hear(what: number): void {
		if (what === CLOSED || what === GONE) this.lost();
	}

	lost(): void {
		if (this.#done) return;
		this.#done = true;
		this.#links.remove(this.#id);
		close.call(this.#rx);
	}
}

/** @internal Hands on the message when it comes. */
export class OneSink implements Half, Waker {
	readonly #tx: oneshot.Sender<unknown>;
	readonly #links: Links;
	readonly #runtime: RuntimeCore;
	readonly #id: number;
	readonly #closed: { poll(cx: { waker: Waker }): unknown; leave(): void };
	#done = false;

	constructor(tx: oneshot.Sender<unknown>, links: Links, id: number) {
		this.#tx = tx;
		this.#links = links;
		this.#runtime = links.runtime;
		this.#id = id;
		this.#closed = tx.closed() as never;
	}

	/** The receiver may be gone. */
	wake(): void {
		if (this.#done || look(this.#closed, this) === Pending) return;
		this.#links.say(this.#id, CLOSED);
		this.#end();
	}

	#end(): void {
		this.#done = true;
		this.#closed.leave();
		this.#links.remove(this.#id);
	}

	hear(what: number, [bytes, extras, ids]: readonly unknown[]): void {
		if (what !== ITEM) return this.lost();
		if (this.#done) return this.#links.drop(ids as number[] | null);
		this.#end();
		try {
			const value = unpackValue({ bytes, extras } as never, this.#links);
			if (this.#tx.isClosed) discard(value);
			else this.#tx.send(value as never);
		} catch (error) {
			this.#tx.close();
			report(error, this.#runtime);
		} finally {
			this.#links.drop(ids as number[] | null);
		}
	}

	lost(): void {
		if (this.#done) return;
		this.#end();
		this.#tx.close();
	}
}
