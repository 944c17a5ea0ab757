/** How the results of a thread get to its pool: on the board, where they fit there, or as messages. */
import { hostModule, hostNow, hostProcess } from "../core/host.ts";
import { BUSY, FINISHING, OK, ROOM, THREW } from "./board-memory.ts";
import { copy, type Packed, packInto, packThrown, packValue } from "./codec/pack.ts";
import { activate } from "./links/links.ts";
import { detach } from "./links/moved.ts";
import * as protocol from "./protocol.ts";
import type { ThreadBoard } from "./thread-board.ts";
import type { ThreadSide } from "./thread-side.ts";
import type { Running } from "./thread-state.ts";

const HEAP_EVERY_MS = 50;

/** @internal */
export class ThreadResults {
	readonly #side: ThreadSide;
	#heapAt = 0;

	constructor(side: ThreadSide) {
		this.#side = side;
	}

	/** Tells how a call has ended. `behind`: messages were sent that the result must not overtake. */
	tell(call: Running, ok: boolean, value: unknown, checked: boolean, micros: number, behind: boolean): void {
		const { board, me } = this.#side;
		const packed = ok ? this.#pack(call, value, checked, behind) : { threw: packThrown(value) };
		// Before the result is seen: whoever calls again at once has a thread.
		board?.change(me, BUSY, FINISHING);
		if (typeof packed === "number") this.#told(call.slot, OK, micros);
		else if ("threw" in packed) this.#send(call, THREW, packed.threw, micros, behind);
		else this.#send(call, OK, packed, micros, behind);
	}

	/** One item of a stream. */
	item(call: Running, item: unknown, checked: boolean): void {
		const side = this.#side;
		const packed = detach(packValue(item, "the item", checked));
		const { bytes, extras } = packed;
		const links = side.links.bind(packed);
		const message = [protocol.MARK, protocol.ITEM, call.slot, call.serial, bytes, extras, links] as const;
		side.post(message, protocol.listed(packed));
		activate(packed);
	}

	/** The result: in its slot if it fits there, and need not come behind something. */
	#pack(
		call: Running,
		value: unknown,
		checked: boolean,
		behind: boolean,
	): number | Packed | { readonly threw: Packed } {
		try {
			const { board } = this.#side;
			if (board === null || behind) return packValue(value, "the result", checked);
			return packInto(value, checked, board.bytes, board.at(call.slot), ROOM);
		} catch (error) {
			return { threw: packThrown(error) };
		}
	}

	#send(call: Running, outcome: number, made: Packed, micros: number, behind: boolean): void {
		const packed = detach(made);
		const { bytes, extras } = packed;
		const { board } = this.#side;
		if (board !== null && !behind && extras === null && bytes.length <= ROOM) {
			copy(bytes, bytes.length, board.bytes, board.at(call.slot));
			return this.#told(call.slot, outcome, micros);
		}
		this.#measure();
		const { slot, serial } = call;
		const links = this.#side.links.bind(packed);
		const message = [protocol.MARK, protocol.RESULT, slot, serial, outcome, bytes, extras, micros, links] as const;
		this.#side.post(message, protocol.listed(packed));
		activate(packed);
	}

	#told(slot: number, outcome: number, micros: number): void {
		const { board, me } = this.#side;
		this.#measure();
		if ((board as ThreadBoard).finish(slot, me, outcome, micros)) this.#side.post(protocol.WAKE_UP, []);
	}

	/** Tells now and then how big the heap is. */
	#measure(): void {
		const { board, me, measures } = this.#side;
		if (board === null || !measures) return;
		const now = hostNow();
		if (now - this.#heapAt < HEAP_EVERY_MS) return;
		this.#heapAt = now;
		const v8 = hostModule("node:v8") as { getHeapStatistics?(): { used_heap_size: number } } | undefined;
		const used = v8?.getHeapStatistics?.().used_heap_size;
		if (used !== undefined) board.setHeap(me, Math.round(used / 2 ** 20));
	}
}

/** @internal Whether something that was printed waits to be written, which Node does only while the event loop turns. */
export function printing(): boolean {
	const { stdout, stderr } = (hostProcess() ?? {}) as Partial<Record<"stdout" | "stderr", { writableLength?: number }>>;
	return (stdout?.writableLength ?? 0) > 0 || (stderr?.writableLength ?? 0) > 0;
}
