/**
 * The board: shared memory on which a pool posts small calls, from which any of its threads takes the next, and on which the result is written
 * in the same place.
 *
 * A **slot** holds one call until its result has been read. Its state is FREE -> READY (posted) -> TAKEN (by a thread) -> DONE -> FREE; where
 * the result comes as a message, it stays TAKEN until that is here. Taking is one compare-and-swap of the state, which names the thread, so a
 * thread that dies at any point leaves a board in order: what it had taken is known, and what it had not is taken by another. A READY state
 * carries the number of its post, so that an old entry of the order list never matches a new one.
 *
 * The **order list** is a ring of slots in the order of posting. `HEAD` is a hint where the first one that is not taken stands: it may be
 * behind, never wrong. **Statuses** tell what each thread does, and who may give it work: a thread takes from the board only after it has
 * changed its own status from SPINNING to BUSY, so the pool can keep a thread for a message by changing an idle status to RESERVED.
 *
 * A **thread** is named by a number that no other thread of the board has had: its place, and how many have had that place before. All that
 * it changes carries the number, so a thread that runs on after it was given up (`terminate` does not stop it at once on the web, and in Deno
 * not before it comes to its event loop) takes nothing more, and never passes for the one that has its place now.
 */

export const SLOTS = 256;
export const THREADS = 128;
export const PLACE: number = THREADS - 1;
export const PLACE_BITS = 7;
/** Bytes of a slot for a call or its result. */
export const ROOM = 2_016;
export const STRIDE = 2_048;

// Words of 32 bits. What different threads write stands in cache lines of its own.
export const TAIL = 0;
export const HEAD = 16;
export const RESULTS = 32;
export const ASLEEP = 48;
export const WANTED = 52;
export const DONE_BITS = 64;
export const STATUS = 80;
export const WAKE: number = STATUS + THREADS;
export const RETIRE: number = WAKE + THREADS;
export const HEAP_MB: number = RETIRE + THREADS;
export const SAID: number = HEAP_MB + THREADS;
export const ORDER: number = SAID + THREADS;
export const SLOT_BASE = 1_024;

// Words of a slot.
export const STATE = 0;
export const ABORTED = 1;
export const SERIAL = 2;
export const FN = 3;
export const OUTCOME = 4;
/** Microseconds that the call ran. */
export const MICROS = 5;
const HEADER = 32;

export const FREE = 0;
export const READY = 1;
export const TAKEN = 2;
export const DONE = 3;

/** Nobody waits for the pool to be told something. */
export const NOTHING = 0;
/** The pool waits to be told. Greater: a thread does that, whose number is this less {@link TELLER}. */
export const WAITS = 1;
export const TELLER = 2;

/** What a thread does: it loads its module. */
export const STARTING = 0;
/** The next three are idle. */
export const SPINNING = 1;
export const SLEEPING = 2;
export const PARKED = 3;
export const BUSY = 4;
/** Idle, and kept for a call that comes as a message. */
export const RESERVED = 5;
/** About to write a result, and to be idle then. */
export const FINISHING = 6;
/** It takes nothing any more. The greater one does not either. */
export const RETIRED = 7;
/** The pool has given it up: what it writes is not read any more. */
export const LOST = 8;

/** How a call ended. */
export const OK = 0;
export const THREW = 1;

/** The place of a thread: so many threads there are at most. */
export const placeOf = (thread: number): number => thread & PLACE;

/** The word of a slot. */
export const wordOf = (slot: number, field: number): number => SLOT_BASE + slot * (STRIDE / 4) + field;

/** The state of a slot whose call has that number among all that were posted. */
export const ready = (seq: number): number => READY | (seq << 4);

/** The status of a thread, as a word: with its life, so that no other thread of the place is taken for it. */
export const statusWord = (thread: number, status: number): number => ((thread >> PLACE_BITS) << 4) | status;

/** @internal The memory, as both sides see it. */
export class BoardMemory {
	readonly memory: SharedArrayBuffer;
	readonly words: Int32Array;
	readonly bytes: Uint8Array;

	constructor(memory: SharedArrayBuffer) {
		this.memory = memory;
		this.words = new Int32Array(memory);
		this.bytes = new Uint8Array(memory);
	}

	/** Where the bytes of a slot begin. */
	at(slot: number): number {
		return SLOT_BASE * 4 + slot * STRIDE + HEADER;
	}

	status(thread: number): number {
		const word = Atomics.load(this.words, STATUS + (thread & PLACE));
		return word >> 4 === thread >> PLACE_BITS ? word & 15 : LOST;
	}

	/** Changes a status that is still what it was. */
	change(thread: number, from: number, to: number): boolean {
		const before = statusWord(thread, from);
		return Atomics.compareExchange(this.words, STATUS + (thread & PLACE), before, statusWord(thread, to)) === before;
	}

	/** A result is written there. */
	protected announce(slot: number): void {
		Atomics.or(this.words, DONE_BITS + (slot >> 5), 1 << (slot & 31));
		Atomics.add(this.words, RESULTS, 1);
	}
}
