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
const PLACE = THREADS - 1;
const PLACE_BITS = 7;
/** How often a place is given before numbers come again. */
const LIVES = 0x10_0000;
/** Bytes of a slot for a call or its result. */
export const ROOM = 2_016;
const STRIDE = 2_048;

// Words of 32 bits. What different threads write stands in cache lines of its own.
const TAIL = 0;
const HEAD = 16;
const RESULTS = 32;
const ASLEEP = 48;
const WANTED = 52;
const DONE_BITS = 64;
const STATUS = 80;
const WAKE = STATUS + THREADS;
const RETIRE = WAKE + THREADS;
const HEAP_MB = RETIRE + THREADS;
const ORDER = HEAP_MB + THREADS;
const SLOT_BASE = 1_024;

// Words of a slot.
const STATE = 0;
const ABORTED = 1;
const SERIAL = 2;
const FN = 3;
const OUTCOME = 4;
/** Microseconds that the call ran. */
const MICROS = 5;
const HEADER = 32;

const FREE = 0;
const READY = 1;
const TAKEN = 2;
const DONE = 3;

/** Nobody waits for the pool to be told something. */
const NOTHING = 0;
/** The pool waits to be told. Greater: a thread does that, whose number is this less {@link TELLER}. */
const WAITS = 1;
const TELLER = 2;

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

/** @internal */
export class Board {
	readonly memory: SharedArrayBuffer;
	readonly words: Int32Array;
	readonly bytes: Uint8Array;

	constructor(memory: SharedArrayBuffer) {
		this.memory = memory;
		this.words = new Int32Array(memory);
		this.bytes = new Uint8Array(memory);
	}

	static create(): Board {
		return new Board(new SharedArrayBuffer(SLOT_BASE * 4 + SLOTS * STRIDE));
	}

	#word(slot: number, field: number): number {
		return SLOT_BASE + slot * (STRIDE / 4) + field;
	}

	/** Where the bytes of a slot begin. */
	at(slot: number): number {
		return SLOT_BASE * 4 + slot * STRIDE + HEADER;
	}

	// ---- the pool's side

	/** Posts a call whose bytes are written. */
	post(slot: number, serial: number, fn: number): void {
		const { words } = this;
		words[this.#word(slot, SERIAL)] = serial;
		words[this.#word(slot, FN)] = fn;
		Atomics.store(words, this.#word(slot, ABORTED), 0);
		const tail = Atomics.load(words, TAIL);
		Atomics.store(words, this.#word(slot, STATE), ready(tail));
		Atomics.store(words, ORDER + (tail & (SLOTS - 1)), slot);
		Atomics.store(words, TAIL, (tail + 1) | 0);
	}

	/** Whether the order list is full: a call that was posted long ago still waits where the next one would stand. */
	get isFull(): boolean {
		const first = (Atomics.load(this.words, TAIL) - SLOTS) | 0;
		const slot = Atomics.load(this.words, ORDER + (first & (SLOTS - 1)));
		return Atomics.load(this.words, this.#word(slot, STATE)) === ready(first);
	}

	/** The call goes to one thread as a message: it counts as taken. */
	postTo(slot: number, thread: number): void {
		Atomics.store(this.words, this.#word(slot, ABORTED), 0);
		Atomics.store(this.words, this.#word(slot, STATE), TAKEN | (thread << 4));
	}

	/** Takes a call back that no thread has taken. */
	revoke(slot: number): boolean {
		const at = this.#word(slot, STATE);
		const state = Atomics.load(this.words, at);
		return (state & 15) === READY && Atomics.compareExchange(this.words, at, state, FREE) === state;
	}

	free(slot: number): void {
		Atomics.store(this.words, this.#word(slot, STATE), FREE);
	}

	/** The thread that has taken the call; -1 if none has. */
	takenBy(slot: number): number {
		const state = Atomics.load(this.words, this.#word(slot, STATE));
		return (state & 15) === TAKEN ? state >> 4 : -1;
	}

	/** The thread that has taken the call, or has written its result; -1 if there is none. */
	holder(slot: number): number {
		const state = Atomics.load(this.words, this.#word(slot, STATE));
		const kind = state & 15;
		return kind === TAKEN || kind === DONE ? state >> 4 : -1;
	}

	/** The thread that has written the result. */
	doneBy(slot: number): number {
		return Atomics.load(this.words, this.#word(slot, STATE)) >> 4;
	}

	abort(slot: number): void {
		Atomics.store(this.words, this.#word(slot, ABORTED), 1);
	}

	outcome(slot: number): number {
		return this.words[this.#word(slot, OUTCOME)] as number;
	}

	micros(slot: number): number {
		return this.words[this.#word(slot, MICROS)] as number;
	}

	/** How many calls wait to be taken: at most so many. */
	get waiting(): number {
		return Math.min((Atomics.load(this.words, TAIL) - Atomics.load(this.words, HEAD)) | 0, SLOTS);
	}

	/** Whether the call waits to be taken. */
	isReady(slot: number): boolean {
		return (Atomics.load(this.words, this.#word(slot, STATE)) & 15) === READY;
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

	status(thread: number): number {
		const word = Atomics.load(this.words, STATUS + (thread & PLACE));
		return word >> 4 === thread >> PLACE_BITS ? word & 15 : LOST;
	}

	/** Changes a status that is still what it was. */
	change(thread: number, from: number, to: number): boolean {
		const life = (thread >> PLACE_BITS) << 4;
		return Atomics.compareExchange(this.words, STATUS + (thread & PLACE), life | from, life | to) === (life | from);
	}

	/** A new thread takes a place: gives its number. */
	admit(place: number): number {
		const { words } = this;
		const life = ((Atomics.load(words, STATUS + place) >> 4) + 1) % LIVES;
		for (const at of [WAKE, RETIRE, HEAP_MB]) Atomics.store(words, at + place, 0);
		Atomics.store(words, STATUS + place, (life << 4) | STARTING);
		return (life << PLACE_BITS) | place;
	}

	/** The thread is given up. What it was about to tell the pool, another one will. */
	lose(thread: number): void {
		const { words } = this;
		Atomics.store(words, STATUS + (thread & PLACE), ((thread >> PLACE_BITS) << 4) | LOST);
		for (const word of [ASLEEP, WANTED]) Atomics.compareExchange(words, word, thread + TELLER, WAITS);
	}

	/** The thread has ended, perhaps between a result and saying that it is there: says so for it. It must not run any more. */
	complete(thread: number): void {
		const { words } = this;
		for (let slot = 0; slot < SLOTS; slot++) {
			if (Atomics.load(words, this.#word(slot, STATE)) === (DONE | (thread << 4))) this.#announce(slot);
		}
	}

	#announce(slot: number): void {
		Atomics.or(this.words, DONE_BITS + (slot >> 5), 1 << (slot & 31));
		Atomics.add(this.words, RESULTS, 1);
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

	/** Megabytes of the thread's heap. */
	heapOf(thread: number): number {
		return Atomics.load(this.words, HEAP_MB + (thread & PLACE));
	}

	// ---- a thread's side

	/** Changes whenever a call is posted. */
	get posted(): number {
		return Atomics.load(this.words, TAIL);
	}

	/** Takes the next call: its slot, or -1. The thread is BUSY if it has got one, and else what it was. */
	take(thread: number, from: number): number {
		const { words } = this;
		const tail = Atomics.load(words, TAIL);
		const head = Atomics.load(words, HEAD);
		let seq = ((tail - head) | 0) > SLOTS ? (tail - SLOTS) | 0 : head;
		let busy = false;
		for (; ((tail - seq) | 0) > 0; seq = (seq + 1) | 0) {
			const slot = Atomics.load(words, ORDER + (seq & (SLOTS - 1)));
			const at = this.#word(slot, STATE);
			if (Atomics.load(words, at) !== ready(seq)) continue;
			if (!busy) {
				if (!this.change(thread, from, BUSY)) return -1;
				busy = true;
			}
			if (Atomics.compareExchange(words, at, ready(seq), TAKEN | (thread << 4)) === ready(seq)) {
				Atomics.store(words, HEAD, (seq + 1) | 0);
				return slot;
			}
		}
		// None of them waits any more.
		if (head !== tail) Atomics.compareExchange(words, HEAD, head, tail);
		if (busy) this.change(thread, BUSY, from);
		return -1;
	}

	serial(slot: number): number {
		return this.words[this.#word(slot, SERIAL)] as number;
	}

	fn(slot: number): number {
		return this.words[this.#word(slot, FN)] as number;
	}

	isAborted(slot: number): boolean {
		return Atomics.load(this.words, this.#word(slot, ABORTED)) !== 0;
	}

	/** The result is written: says so. True if the pool sleeps and wants a message. */
	finish(slot: number, thread: number, outcome: number, micros: number): boolean {
		const { words } = this;
		words[this.#word(slot, OUTCOME)] = outcome;
		words[this.#word(slot, MICROS)] = micros;
		Atomics.store(words, this.#word(slot, STATE), DONE | (thread << 4));
		this.#announce(slot);
		return Atomics.load(words, ASLEEP) !== NOTHING && this.#tells(ASLEEP, thread);
	}

	/** Whether this thread is the one to tell the pool what it waits for: nobody else does, or whoever would is lost. */
	#tells(word: number, thread: number): boolean {
		for (;;) {
			const teller = Atomics.load(this.words, word);
			if (teller === NOTHING || (teller !== WAITS && this.status(teller - TELLER) !== LOST)) return false;
			if (Atomics.compareExchange(this.words, word, teller, thread + TELLER) === teller) return true;
		}
	}

	/** The thread has ended its call. True if the pool waits to hear that. */
	becomeIdle(thread: number): boolean {
		if (!this.change(thread, FINISHING, SPINNING)) this.change(thread, BUSY, SPINNING);
		return Atomics.load(this.words, WANTED) !== NOTHING && this.#tells(WANTED, thread);
	}

	shouldRetire(thread: number): boolean {
		return Atomics.load(this.words, RETIRE + (thread & PLACE)) !== 0 || this.isLost(thread);
	}

	/** Whether the pool has given it up. */
	isLost(thread: number): boolean {
		return this.status(thread) === LOST;
	}

	setHeap(thread: number, mb: number): void {
		Atomics.store(this.words, HEAP_MB + (thread & PLACE), mb);
	}

	/** The number to sleep on: read it before the last look around. */
	wakeups(thread: number): number {
		return Atomics.load(this.words, WAKE + (thread & PLACE));
	}

	/** Sleeps until it is roused, `ms` at most. */
	sleep(thread: number, wakeups: number, ms: number): void {
		Atomics.wait(this.words, WAKE + (thread & PLACE), wakeups, ms);
	}

	/** Whether another thread is looking out for work. */
	othersSpin(thread: number): boolean {
		for (let i = 0; i < THREADS; i++) {
			if (i !== (thread & PLACE) && (Atomics.load(this.words, STATUS + i) & 15) === SPINNING) return true;
		}
		return false;
	}
}

const ready = (seq: number): number => READY | (seq << 4);
