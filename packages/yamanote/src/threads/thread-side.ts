/** What the parts of a thread of a pool share: who has started it, the board, and the links of channels and tokens. */
import { currentRuntime } from "../core/runtime-core.ts";
import type { Parent } from "./host-worker.ts";
import { ThreadLinks } from "./links/moved.ts";
import type * as protocol from "./protocol.ts";
import { ThreadBoard } from "./thread-board.ts";

/** @internal */
export class ThreadSide {
	readonly parent: Parent;
	readonly board: ThreadBoard | null;
	/** The number of this thread. */
	readonly me: number;
	/** Whether it tells how big its heap is. */
	readonly measures: boolean;
	readonly links: ThreadLinks;

	constructor(parent: Parent, { id, memory, measures }: protocol.Init) {
		this.parent = parent;
		this.me = id;
		this.measures = measures;
		this.board = memory === null ? null : new ThreadBoard(memory);
		const post = (message: protocol.Message, transfer: readonly object[]): void => this.post(message, transfer);
		this.links = new ThreadLinks(1, currentRuntime(), post, () => {});
	}

	post(message: protocol.Message | string, transfer: readonly object[]): void {
		this.parent.post(message, transfer);
	}
}
