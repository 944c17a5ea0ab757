/** Which ends of channels may be sent to another thread, and why others may not. */

import { kFuture } from "../../core/poll.ts";
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

export const ONE_SENDER = 20;
export const ONE_RECEIVER = 21;
export const TOKEN = 22;

interface AnyEnd {
	readonly chan?: Chan<unknown>;
	readonly rx?: object;
	readonly recv?: unknown;
	readonly clone?: unknown;
	readonly tryRecv?: unknown;
	readonly closers?: unknown;
	readonly childToken?: unknown;
	readonly spread?: unknown;
}

const isFuture = (o: object | undefined): boolean => (o as { [kFuture]?: boolean } | undefined)?.[kFuture] === true;

const isBounded = (chan: Chan<unknown>): boolean => chan.capacity < Number.POSITIVE_INFINITY;

/** @internal What an end is, of whatever copy of the library; -1 if it is none. A token counts as one. */
export function kindOfEnd(o: object): number {
	const { chan, rx, recv, clone, tryRecv, closers, childToken, spread } = o as AnyEnd;
	if (chan?.items !== undefined && chan.takers !== undefined) {
		if (recv !== undefined) {
			const known = receivers.indexOf(o.constructor as EndClass);
			return FIRST_RECEIVER + (known >= 0 ? known : clone !== undefined ? 2 : isBounded(chan) ? 0 : 1);
		}
		const known = senders.indexOf(o.constructor as EndClass);
		return known >= 0 ? known : isBounded(chan) ? 0 : 1;
	}
	if (rx !== undefined && isFuture(rx) && "tryRecv" in rx) return ONE_SENDER;
	if (isFuture(o) && tryRecv !== undefined && closers !== undefined) return ONE_RECEIVER;
	return typeof childToken === "function" && typeof spread === "function" ? TOKEN : -1;
}

/** @internal Why an end may not be sent; `null` if it may. */
export function whyNot(end: object): string | null {
	const kind = kindOfEnd(end);
	if (kind === TOKEN) return null;
	if (kind === ONE_SENDER)
		return (end as oneshot.Sender<unknown>).isClosed
			? "is the end of a channel that is closed, or was sent before"
			: null;
	if (kind === ONE_RECEIVER) {
		const { owner, isTerminated } = end as oneshot.Receiver<unknown>;
		if (owner !== undefined) return "is the end of a channel that somebody waits for already";
		return isTerminated ? "is the end of a channel that was received from, or sent before" : null;
	}
	const { chan } = end as { readonly chan: Chan<unknown> };
	if (chan.capacity === 0) return "is the end of a channel of capacity 0, whose ends must meet: give it a capacity";
	const live = kind < FIRST_RECEIVER ? chan.senders : chan.takers;
	return live <= 0 ? "is the end of a channel that was released, or sent before" : null;
}
