/**
 * Both sides of a channel between two threads.
 *
 * Messages go one way, from a {@link Source} or a {@link LinkedChan} to a {@link Sink}; room for more is told the other way. A source takes
 * from a channel whose receiver was sent away; a linked channel is what a sender that was sent away sends to. A sink sends on to a channel of its
 * own thread, as its sender or in place of the one that was sent away.
 */
import { discard } from "../../core/discard.ts";
import { type Context, Pending, type Poll, type Waker } from "../../core/poll.ts";
import type { RuntimeCore } from "../../core/runtime-core.ts";
import type { Acquire } from "../../sync/batch-semaphore.ts";
import { Chan } from "../../sync/chan.ts";
import { Permit, Reserve } from "../../sync/mpsc/permit.ts";
import { Sender } from "../../sync/mpsc/sender.ts";
import { Recv } from "../../sync/recv.ts";
import { type Packed, packValue, unpackValue } from "../codec/pack.ts";
import { CLOSED, CREDIT, END, GONE, type Half, ITEM, type Links } from "./links.ts";

/** So many messages of a channel without a bound are on their way at most. */
const UNBOUNDED_WINDOW = 256;
const MOST = 1_024;

/** @internal How many messages may be on their way: as many as the channel has slots. */
export const windowOf = (capacity: number): number =>
	Math.min(capacity === Number.POSITIVE_INFINITY ? UNBOUNDED_WINDOW : capacity, MOST);

/** @internal A message, as it is now. */
export function packMessage(value: unknown, links: Links): Packed {
	return links.detach(packValue(value, "the message", true));
}

/** @internal Waits for nobody in particular: futures that are polled outside of tasks. */
export function look<T>(future: { poll(cx: Context): Poll<T> }, waker: Waker): Poll<T> {
	return future.poll({ waker });
}

/** @internal Takes messages from a channel, and sends them over, as the other side has room. */
export class Source<T> implements Half, Waker {
	readonly #chan: Chan<T>;
	readonly #links: Links;
	readonly #runtime: RuntimeCore;
	readonly #id: number;
	#credit: number;
	#next: Recv<T> | null = null;
	#done = false;
	#busy = false;

	constructor(chan: Chan<T>, links: Links, id: number, window: number) {
		this.#chan = chan;
		this.#links = links;
		this.#runtime = links.runtime;
		this.#id = id;
		this.#credit = window;
	}

	wake(): void {
		// A message that brings ends of this very channel may come back here.
		if (this.#busy) return;
		this.#busy = true;
		try {
			while (this.#credit > 0 && !this.#done && this.#step());
		} finally {
			this.#busy = false;
		}
	}

	#step(): boolean {
		this.#next ??= new Recv(this.#chan);
		const value = look(this.#next, this);
		if (value === Pending) return false;
		this.#next = null;
		if (value === undefined) {
			this.#links.say(this.#id, END);
			this.#over();
			return false;
		}
		try {
			this.#links.sayItem(this.#id, packMessage(value, this.#links));
			this.#credit--;
		} catch (error) {
			report(error, this.#runtime);
		}
		return true;
	}

	hear(what: number, [n]: readonly unknown[]): void {
		if (what === CREDIT) {
			this.#credit += n as number;
			this.wake();
		} else if (what === CLOSED) this.#chan.close();
		else if (what === GONE) this.lost();
	}

	lost(): void {
		if (this.#done) return;
		this.#over();
	}

	#over(): void {
		this.#done = true;
		this.#links.remove(this.#id);
		this.#next?.leave();
		this.#next = null;
		this.#chan.takerGone();
	}
}

/** @internal What a sender sends to when the channel is on another thread: its slots are what the other side has room for. */
export class LinkedChan<T> extends Chan<T> implements Half {
	readonly #links: Links;
	readonly #id: number;
	/** Messages whose slots are not free yet. */
	#away = 0;
	#done = false;

	constructor(capacity: number, links: Links, id: number) {
		super(capacity);
		this.#links = links;
		this.#id = id;
	}

	override put(value: T): void {
		if (this.#done) {
			discard(value);
			return this.giveBack(1);
		}
		let packed: Packed;
		try {
			packed = packMessage(value, this.#links);
		} catch (error) {
			this.giveBack(1);
			throw error;
		}
		this.#away++;
		this.#links.sayItem(this.#id, packed);
	}

	override out(): number {
		return this.capacity === Number.POSITIVE_INFINITY ? 0 : this.slots - this.permits - this.#away;
	}

	/** All senders are gone, and nothing is out: the other side may go as well. */
	override checkEnd(): void {
		if (this.out() > 0 || this.#done) return;
		this.#done = true;
		this.close();
		this.#links.say(this.#id, END);
		this.#links.remove(this.#id);
	}

	hear(what: number, [n]: readonly unknown[]): void {
		if (what === CREDIT) {
			this.#away -= n as number;
			this.giveBack(n as number);
		} else if (what === CLOSED) this.close();
		else if (what === GONE) this.lost();
	}

	lost(): void {
		if (this.#done) return;
		this.#done = true;
		this.#links.remove(this.#id);
		this.close();
	}
}

/** Sinks that may still send to a channel: it has not ended before they have. */
const sinks = new WeakMap<Chan<never>, Set<object>>();

function attach(chan: Chan<never>, sink: object): void {
	const known = sinks.get(chan);
	if (known !== undefined) return void known.add(sink);
	const all = new Set([sink]);
	sinks.set(chan, all);
	const ends = chan.checkEnd;
	chan.checkEnd = function (this: Chan<never>): void {
		if (all.size === 0 || this.takers === 0) ends.call(this);
	};
}

/** @internal Sends on what comes, to a channel of this thread, and says when there is room for more. */
export class Sink<T> implements Half, Waker {
	readonly #chan: Chan<T>;
	readonly #tx: Sender<T>;
	readonly #links: Links;
	readonly #runtime: RuntimeCore;
	readonly #id: number;
	readonly #inbox: T[] = [];
	readonly #closed: Acquire<void>;
	#reserve: Reserve<T, Permit<T>> | null = null;
	/** The other side has ended: no more comes. */
	#ended = false;
	/** The other side was told that this one is closed. */
	#told = false;
	#busy = false;
	#freed = 0;

	/** @param chan - one of its senders is this one */
	constructor(chan: Chan<T>, links: Links, id: number) {
		this.#chan = chan;
		this.#tx = new Sender(chan);
		this.#links = links;
		this.#runtime = links.runtime;
		this.#id = id;
		this.#closed = this.#tx.closed() as Acquire<void>;
		attach(chan as never, this);
	}

	wake(): void {
		if (this.#busy) return;
		this.#busy = true;
		try {
			this.#pump();
		} finally {
			this.#busy = false;
		}
	}

	#pump(): void {
		const chan = this.#chan;
		while (this.#inbox.length > 0 && this.#sendsOn(chan)) this.#freed++;
		if (this.#ended) {
			if (this.#inbox.length === 0) this.#release();
			return;
		}
		if (look(this.#closed, this) !== Pending) {
			if (chan.takers === 0) {
				this.#links.say(this.#id, GONE);
				this.#end();
				return this.#release();
			}
			if (!this.#told) this.#links.say(this.#id, CLOSED);
			this.#told = true;
		}
		if (this.#freed === 0) return;
		this.#links.say(this.#id, CREDIT, this.#freed);
		this.#freed = 0;
	}

	#end(): void {
		this.#ended = true;
		this.#links.remove(this.#id);
	}

	#release(): void {
		this.#closed.leave();
		const chan = this.#chan;
		if (sinks.get(chan as never)?.delete(this) !== true) return;
		this.#tx.release();
		if (chan.closed || chan.senders === 0) chan.checkEnd();
	}

	/** Sends on one message. False if it has to wait. */
	#sendsOn(chan: Chan<T>): boolean {
		// What was sent before the channel was closed is still wanted.
		if (chan.capacity === Number.POSITIVE_INFINITY || chan.closed) {
			chan.push(this.#inbox.shift() as T);
			return true;
		}
		this.#reserve ??= new Reserve(chan, 1, Permit);
		let permit: Poll<Permit<T>>;
		try {
			permit = look(this.#reserve, this);
		} catch {
			this.#reserve = null;
			return this.#sendsOn(chan);
		}
		if (permit === Pending) return false;
		this.#reserve = null;
		permit.send(this.#inbox.shift() as T);
		return true;
	}

	hear(what: number, [bytes, extras, ids]: readonly unknown[]): void {
		if (what === ITEM) {
			try {
				this.#inbox.push(unpackValue({ bytes, extras } as never, this.#links) as T);
			} catch (error) {
				this.#freed++;
				report(error, this.#runtime);
			} finally {
				this.#links.drop(ids as number[] | null);
			}
			this.wake();
		} else if (what === END || what === GONE) this.lost();
	}

	lost(): void {
		if (this.#ended) return;
		this.#end();
		this.wake();
	}
}

/** @internal Something has failed where nobody waits. */
export function report(error: unknown, runtime: RuntimeCore): void {
	runtime.report(error, "a channel between threads", "unobserved");
}
