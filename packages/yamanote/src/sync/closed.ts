/** Waiting until nobody receives: `closed` of the senders of `broadcast` and `watch`. */
import { type Context, Pending, type Poll } from "../core/poll.ts";
import { Waiting, type WaitList } from "./wait-list.ts";

/** @internal Ready when nobody receives. */
export class Closed extends Waiting<void> {
	readonly cell: { readonly receivers: number; readonly closers: WaitList };

	constructor(cell: { readonly receivers: number; readonly closers: WaitList }) {
		super();
		this.cell = cell;
	}

	poll(cx: Context): Poll<void> {
		const { cell } = this;
		if (cell.receivers === 0) return this.leave();
		this.wait(cell.closers, cx);
		return Pending;
	}
}
