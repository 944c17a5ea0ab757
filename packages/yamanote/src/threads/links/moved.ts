/** Ends of channels, and tokens, as they leave a thread and come to another. */

import type { CancellationToken } from "../../sync/cancellation-token.ts";
import { Chan, dead } from "../../sync/chan.ts";
import * as oneshot from "../../sync/oneshot.ts";
import type { Packed } from "../codec/pack.ts";
import { LinkedChan, Sink, Source, windowOf } from "./channel.ts";
import { type Descriptor, Links, type Moved } from "./links.ts";
import { FIRST_RECEIVER, kindOfEnd, ONE_RECEIVER, ONE_SENDER, receivers, senders, TOKEN } from "./movable.ts";
import { OneSink, OneSource, sendAway } from "./oneshot.ts";
import { TokenAway, TokenHome } from "./token.ts";

type AnyChan = Chan<NonNullable<unknown>>;

/** What every moved end does but once: it goes, or is dropped. */
abstract class Going implements Moved {
	#gone = false;
	#activate: (() => void) | null = null;

	bind(links: Links): Descriptor {
		this.#gone = true;
		const id = links.reserve();
		const [descriptor, activate] = this.go(links, id);
		this.#activate = activate;
		return descriptor;
	}

	activate(): void {
		this.#activate?.();
	}

	abandon(): void {
		if (this.#gone) return;
		this.#gone = true;
		this.drop();
	}

	/** Makes the half that stays here; and what begins when the message is on its way. */
	protected abstract go(links: Links, id: number): [Descriptor, (() => void) | null];
	protected abstract drop(): void;
}

/** Of a channel without a bound. */
const UNBOUNDED = 0;
/** What the other side is told of the slots. */
const said = (capacity: number): number => (capacity === Number.POSITIVE_INFINITY ? UNBOUNDED : windowOf(capacity));

interface End {
	chan: AnyChan;
}

/** An end of a channel that may carry many messages. */
abstract class GoingChan extends Going {
	protected readonly chan: AnyChan;
	protected readonly kind: number;

	constructor(end: End) {
		super();
		this.kind = kindOfEnd(end);
		this.chan = end.chan;
		end.chan = dead;
	}
}

class GoingSender extends GoingChan {
	protected go(links: Links, id: number): [Descriptor, () => void] {
		const { capacity } = this.chan;
		const sink = new Sink(this.chan, links, id);
		links.add(id, sink, true);
		return [[this.kind, id, said(capacity)], () => sink.wake()];
	}

	protected drop(): void {
		this.chan.senderGone();
	}
}

class GoingReceiver extends GoingChan {
	protected go(links: Links, id: number): [Descriptor, () => void] {
		const { capacity } = this.chan;
		const source = new Source(this.chan, links, id, windowOf(capacity));
		links.add(id, source, true);
		return [[this.kind, id, said(capacity)], () => source.wake()];
	}

	protected drop(): void {
		this.chan.takerGone();
	}
}

class GoingOneSender extends Going {
	readonly #tx: oneshot.Sender<unknown>;

	constructor(end: { rx: oneshot.Receiver<unknown> }) {
		super();
		this.#tx = new oneshot.Sender(end.rx);
		const dead = new oneshot.Receiver<unknown>();
		dead.close();
		end.rx = dead;
	}

	protected go(links: Links, id: number): [Descriptor, () => void] {
		const sink = new OneSink(this.#tx, links, id);
		links.add(id, sink, true);
		return [[ONE_SENDER, id, 1], () => sink.wake()];
	}

	protected drop(): void {
		this.#tx.close();
	}
}

class GoingOneReceiver extends Going {
	readonly #rx: oneshot.Receiver<unknown>;

	constructor(end: oneshot.Receiver<unknown>) {
		super();
		this.#rx = end;
		sendAway(end);
	}

	protected go(links: Links, id: number): [Descriptor, () => void] {
		const source = new OneSource(this.#rx, links, id);
		links.add(id, source, true);
		return [[ONE_RECEIVER, id, 1], () => source.wake()];
	}

	protected drop(): void {
		oneshot.Receiver.prototype.close.call(this.#rx);
	}
}

/** A token stays where it is, and is shared. */
class SharedToken implements Moved {
	readonly #token: CancellationToken;
	#home: TokenHome | null = null;

	constructor(token: CancellationToken) {
		this.#token = token;
	}

	bind(links: Links): Descriptor {
		const token = this.#token;
		let id = links.tokens.get(token);
		if (id === undefined) {
			id = links.reserve();
			links.tokens.set(token, id);
			links.add(id, new TokenHome(token, links, id), false);
		}
		this.#home = links.half(id) as TokenHome;
		this.#home.uses++;
		return [TOKEN, id, 0];
	}

	activate(): void {
		this.#home?.wake();
	}

	abandon(): void {}
}

/** @internal Takes the ends that a message brings from their owners, who have released ends from now on. */
export function detach(packed: Packed): Packed {
	if (packed.ends === null) return packed;
	const moved = packed.ends.map(({ at, end }) => ({ at, end: movedOf(end) }));
	return { ...packed, ends: null, moved };
}

function movedOf(end: object): Moved {
	switch (kindOfEnd(end)) {
		case TOKEN:
			return new SharedToken(end as CancellationToken);
		case ONE_SENDER:
			return new GoingOneSender(end as never);
		case ONE_RECEIVER:
			return new GoingOneReceiver(end as never);
	}
	return kindOfEnd(end) < FIRST_RECEIVER ? new GoingSender(end as End) : new GoingReceiver(end as End);
}

/** @internal The links between a pool and a thread. */
export class ThreadLinks extends Links {
	override detach(packed: Packed): Packed {
		return detach(packed);
	}

	override revive([kind, id, window]: Descriptor): object {
		if (kind < ONE_SENDER) return this.#end(kind, id, window === UNBOUNDED ? Number.POSITIVE_INFINITY : window);
		if (kind === TOKEN) return TokenAway.token(this, id);
		const [tx, rx] = oneshot.channel<NonNullable<unknown>>();
		const sink = kind === ONE_RECEIVER ? new OneSink(tx as never, this, id) : null;
		this.add(id, sink ?? new OneSource(rx, this, id), true);
		sink?.wake();
		return kind === ONE_RECEIVER ? rx : tx;
	}

	#end(kind: number, id: number, capacity: number): object {
		if (kind < FIRST_RECEIVER) {
			const chan = new LinkedChan<NonNullable<unknown>>(capacity, this, id);
			this.add(id, chan, true);
			return new (senders[kind] as (typeof senders)[0])(chan);
		}
		const chan: AnyChan = new Chan(capacity);
		const sink = new Sink(chan, this, id);
		this.add(id, sink, true);
		sink.wake();
		return new (receivers[kind - FIRST_RECEIVER] as (typeof receivers)[0])(chan);
	}
}
