/** The pool's side of a board: posts calls, reads results, and says what threads shall do. */
import {
	ABORTED,
	ASLEEP,
	BoardMemory,
	DONE,
	DONE_BITS,
	FN,
	FREE,
	HEAD,
	HEAP_MB,
	LOST,
	MICROS,
	NOTHING,
	ORDER,
	OUTCOME,
	PLACE,
	PLACE_BITS,
	READY,
	RESULTS,
	RETIRE,
	ready,
	SAID,
	SERIAL,
	SLOT_BASE,
	SLOTS,
	STARTING,
	STATE,
	STATUS,
	STRIDE,
	statusWord,
	TAIL,
	TAKEN,
	TELLER,
	WAITS,
	WAKE,
	WANTED,
	wordOf,
} from "./board-memory.ts";

/** How often a place is given before numbers come again. */
const LIVES = 0x10_0000;

/** @internal */
export class Board extends BoardMemory {
	static create(): Board {
		return new Board(new SharedArrayBuffer(SLOT_BASE * 4 + SLOTS * STRIDE));
	}

	/** Posts a call whose bytes are written. */
	post(slot: number, serial: number, fn: number): void {
		const { words } = this;
		words[wordOf(slot, SERIAL)] = serial;
		words[wordOf(slot, FN)] = fn;
		Atomics.store(words, wordOf(slot, ABORTED), 0);
		const tail = Atomics.load(words, TAIL);
		Atomics.store(words, wordOf(slot, STATE), ready(tail));
		Atomics.store(words, ORDER + (tail & (SLOTS - 1)), slot);
		Atomics.store(words, TAIL, (tail + 1) | 0);
	}

	/** Whether the order list is full: a call that was posted long ago still waits where the next one would stand. */
	get isFull(): boolean {
		const first = (Atomics.load(this.words, TAIL) - SLOTS) | 0;
		const slot = Atomics.load(this.words, ORDER + (first & (SLOTS - 1)));
		return Atomics.load(this.words, wordOf(slot, STATE)) === ready(first);
	}

	/** The call goes to one thread as a message: it counts as taken. */
	postTo(slot: number, thread: number): void {
		Atomics.store(this.words, wordOf(slot, ABORTED), 0);
		Atomics.store(this.words, wordOf(slot, STATE), TAKEN | (thread << 4));
	}

	/** Takes a call back that no thread has taken. */
	revoke(slot: number): boolean {
		const at = wordOf(slot, STATE);
		const state = Atomics.load(this.words, at);
		return (state & 15) === READY && Atomics.compareExchange(this.words, at, state, FREE) === state;
	}

	free(slot: number): void {
		Atomics.store(this.words, wordOf(slot, STATE), FREE);
	}

	/** The thread that has taken the call; -1 if none has. */
	takenBy(slot: number): number {
		const state = Atomics.load(this.words, wordOf(slot, STATE));
		return (state & 15) === TAKEN ? state >> 4 : -1;
	}

	/** The thread that has taken the call, or has written its result; -1 if there is none. */
	holder(slot: number): number {
		const state = Atomics.load(this.words, wordOf(slot, STATE));
		const kind = state & 15;
		return kind === TAKEN || kind === DONE ? state >> 4 : -1;
	}

	/** The thread that has written the result. */
	doneBy(slot: number): number {
		return Atomics.load(this.words, wordOf(slot, STATE)) >> 4;
	}

	abort(slot: number): void {
		Atomics.store(this.words, wordOf(slot, ABORTED), 1);
	}

	outcome(slot: number): number {
		return this.words[wordOf(slot, OUTCOME)] as number;
	}

	micros(slot: number): number {
		return this.words[wordOf(slot, MICROS)] as number;
	}

	/** How many calls wait to be taken: at most so many. */
	get waiting(): number {
		return Math.min((Atomics.load(this.words, TAIL) - Atomics.load(this.words, HEAD)) | 0, SLOTS);
	}

	/** Whether the call waits to be taken. */
	isReady(slot: number): boolean {
		return (Atomics.load(this.words, wordOf(slot, STATE)) & 15) === READY;
	}

	/** Changes whenever a result is written. */
	get results(): number {
		return Atomics.load(this.words, RESULTS);
	}

	/** Slots with a result, 32 by 32: reads and clears the bits of one part. */
	takeDone(part: number): number {
		const at = DONE_BITS + part;
		return Atomics.load(this.words, at) === 0 ? 0 : Atomics.exchange(this.words, at, 0);
	}

	/** A call waits for an idle thread, since it comes as a message: the next one that becomes idle says so. */
	want(): void {
		Atomics.store(this.words, WANTED, WAITS);
	}

	/** Whether the pool sleeps: a thread that writes a result sends a message then. */
	set asleep(on: boolean) {
		Atomics.store(this.words, ASLEEP, on ? WAITS : NOTHING);
	}

	/** A new thread takes a place: gives its number. */
	admit(place: number): number {
		const { words } = this;
		const life = ((Atomics.load(words, STATUS + place) >> 4) + 1) % LIVES;
		for (const at of [WAKE, RETIRE, HEAP_MB, SAID]) Atomics.store(words, at + place, 0);
		const thread = (life << PLACE_BITS) | place;
		Atomics.store(words, STATUS + place, statusWord(thread, STARTING));
		return thread;
	}

	/** The thread is given up. What it was about to tell the pool, another one will. */
	lose(thread: number): void {
		const { words } = this;
		Atomics.store(words, STATUS + (thread & PLACE), statusWord(thread, LOST));
		for (const word of [ASLEEP, WANTED]) Atomics.compareExchange(words, word, thread + TELLER, WAITS);
	}

	/** The thread has ended, perhaps between a result and saying that it is there: says so for it. It must not run any more. */
	complete(thread: number): void {
		const { words } = this;
		for (let slot = 0; slot < SLOTS; slot++) {
			if (Atomics.load(words, wordOf(slot, STATE)) === (DONE | (thread << 4))) this.announce(slot);
		}
	}

	/** Ends the sleep of a thread. */
	rouse(thread: number): void {
		const at = WAKE + (thread & PLACE);
		Atomics.add(this.words, at, 1);
		Atomics.notify(this.words, at, 1);
	}

	/** Asks a thread to take nothing more. */
	retire(thread: number): void {
		Atomics.store(this.words, RETIRE + (thread & PLACE), 1);
	}

	/** A message goes to the thread that calls which are posted from now on must not overtake. */
	say(thread: number): void {
		Atomics.add(this.words, SAID + (thread & PLACE), 1);
	}

	/** Megabytes of the thread's heap. */
	heapOf(thread: number): number {
		return Atomics.load(this.words, HEAP_MB + (thread & PLACE));
	}
}
