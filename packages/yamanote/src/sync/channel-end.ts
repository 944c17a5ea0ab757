/** What both ends of `mpsc` and `mpmc` channels have in common. */
import { type Chan, dead } from "./chan.ts";
import { Releasable } from "./releasable.ts";
import { tell } from "./tell.ts";

/** An end of a channel. */
export abstract class ChannelEnd<T> extends Releasable {
	/** @internal */
	chan: Chan<T>;

	/** @internal */
	constructor(chan: Chan<T>) {
		super();
		this.chan = chan;
		tell("open", chan, this);
	}

	/** How many sending ends are live. */
	get senderCount(): number {
		return this.chan.senders;
	}

	/** @internal Leaves the channel: what it refers to from now on is closed. `null` if it has left before. */
	quit(): Chan<T> | null {
		const { chan } = this;
		if (chan === dead) return null;
		this.chan = dead;
		tell("shut", chan, this);
		return chan;
	}
}
