/**
 * Those who wait at a primitive, in their order: a doubly linked list, so that leaving costs the same wherever one stands.
 *
 * A future takes a place in the list only when it has to wait, and the list keeps some used places for those who come next: waiting in a
 * steady state allocates nothing but the future, and the places grow old, so that to link them costs no barrier of the collector.
 *
 * The order of things in every primitive: first all state is as it will be, then wakers are called. So a waker may do anything with the
 * primitive, and with those who wait, at once.
 */
import { Future } from "../core/future.ts";
import type { Context, Waker } from "../core/poll.ts";

/** So many used places a list keeps. */
const MOST_SPARE = 64;

/** @internal A place in a {@link WaitList}. */
export class Place {
	/** Whom to wake; null when that was done. */
	waker: Waker | null = null;
	/** In the list as long as it is positive; what it says then, and otherwise, is up to the primitive. */
	need = 0;
	before: Place | null = null;
	after: Place | null = null;
	readonly list: WaitList;

	constructor(list: WaitList) {
		this.list = list;
	}
}

/** @internal */
export class WaitList {
	head: Place | null = null;
	tail: Place | null = null;
	/** Places that are out of use, linked by `after`; `need` of each is how many come behind it, below 0. */
	spare: Place | null = null;

	/** Takes a place at the end. */
	enter(waker: Waker | null, need: number): Place {
		let p = this.spare;
		if (p === null) p = new Place(this);
		else {
			this.spare = p.after;
			p.after = null;
		}
		p.waker = waker;
		p.need = need;
		const { tail } = this;
		if (tail === null) this.head = p;
		else {
			tail.after = p;
			p.before = tail;
		}
		this.tail = p;
		return p;
	}

	remove(p: Place): void {
		const { before, after } = p;
		if (before === null) this.head = after;
		else before.after = after;
		if (after === null) this.tail = before;
		else after.before = before;
		p.before = p.after = null;
	}

	/** Gives up a place, in the list or not. Nobody may use it any more. */
	leave(p: Place): void {
		if (p.need > 0) {
			p.need = 0;
			this.remove(p);
		} else if (p.waker !== null) {
			// It stands in a chain that is being woken: it is passed over, but cannot be used again.
			p.waker = null;
			return;
		}
		p.waker = null;
		const { spare } = this;
		const behind = spare === null ? 0 : spare.need - 1;
		if (behind === -MOST_SPARE) return;
		p.need = behind;
		p.after = spare;
		this.spare = p;
	}

	/** Wakes all who wait now: what they need is negative then. */
	wakeAll(): void {
		const first = this.head;
		if (first === null) return;
		this.head = this.tail = null;
		for (let p: Place | null = first; p !== null; p = p.after) p.need = -p.need;
		wakeChain(first);
	}
}

/** @internal Wakes a chain of places that was taken out of its list. A waker that throws keeps nobody else from being woken. */
export function wakeChain(first: Place | null): void {
	let thrown: { readonly error: unknown } | null = null;
	for (let p = first; p !== null; ) {
		const next: Place | null = p.after;
		const { waker } = p;
		p.before = p.after = null;
		p.waker = null;
		try {
			waker?.wake();
		} catch (error) {
			thrown ??= { error };
		}
		p = next;
	}
	if (thrown !== null) throw thrown.error;
}

/**
 * A future that waits for a state: each poll looks, and takes a place if it has to wait. Whoever changes the state wakes all.
 *
 * @internal
 */
export abstract class Waiting<out T, out E = never> extends Future<T, E> {
	place: Place | null;

	// Written out: the compiler's own would pass `arguments` on, which costs more than the rest.
	constructor() {
		super();
		this.place = null;
	}

	/** Waits in the list, at its end: all are woken at once. */
	wait(list: WaitList, cx: Context): void {
		if (this.place !== null) this.leave();
		this.place = list.enter(cx.waker, 1);
	}

	/** Does not wait any more. */
	leave(): void {
		const p = this.place;
		if (p === null) return;
		this.place = null;
		p.list.leave(p);
	}

	protected override drop(): void {
		this.leave();
	}
}

/** Waits at an end of a channel, which counts those who do: if it is released meanwhile, they are woken. */
export abstract class WaitingAt<out R extends { waits: number }, out T, out E = never> extends Waiting<T, E> {
	readonly rx: R;

	constructor(rx: R) {
		super();
		this.rx = rx;
	}

	override wait(list: WaitList, cx: Context): void {
		super.wait(list, cx);
		this.rx.waits++;
	}

	override leave(): void {
		if (this.place !== null) this.rx.waits--;
		super.leave();
	}
}
