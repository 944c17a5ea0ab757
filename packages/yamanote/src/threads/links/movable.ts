/** Which ends of channels may be sent to another thread, and why others may not. */

import { CancellationToken } from "../../sync/cancellation-token.ts";
import type { Chan } from "../../sync/chan.ts";
import { mpmc, mpsc, oneshot } from "../../sync/channels.ts";
import { RemoteToken } from "./remote-token.ts";

type EndClass = new (chan: Chan<NonNullable<unknown>>) => object;

/** @internal The kinds of sending ends, by their place here. */
export const senders: readonly EndClass[] = [mpsc.Sender, mpsc.UnboundedSender, mpmc.Sender, mpmc.UnboundedSender];
/** @internal The kinds of receiving ends, from {@link FIRST_RECEIVER} on. */
export const receivers: readonly EndClass[] = [mpsc.Receiver, mpsc.UnboundedReceiver, mpmc.Receiver];
export const FIRST_RECEIVER = 10;

/** @internal The classes whose instances are joined to another thread by a link. */
export const linked: readonly { readonly prototype: object }[] = [
	...senders,
	...receivers,
	oneshot.Sender,
	oneshot.Receiver,
	CancellationToken,
	RemoteToken,
];

/** @internal Why an end may not be sent; `null` if it may. */
export function whyNot(end: object): string | null {
	if (end instanceof CancellationToken) return null;
	if (end instanceof oneshot.Sender)
		return end.isClosed ? "is the end of a channel that is closed, or was sent before" : null;
	if (end instanceof oneshot.Receiver) {
		if (end.owner !== undefined) return "is the end of a channel that somebody waits for already";
		return end.isTerminated ? "is the end of a channel that was received from, or sent before" : null;
	}
	const { chan } = end as { readonly chan: Chan<unknown> };
	if (chan.capacity === 0) return "is the end of a channel of capacity 0, whose ends must meet: give it a capacity";
	const gone = senders.includes(end.constructor as never) ? chan.senders === 0 : chan.takers === 0;
	return gone ? "is the end of a channel that was released, or sent before" : null;
}
