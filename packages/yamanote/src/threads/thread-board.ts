/** A thread's side of a board: takes calls, writes results, sleeps. */
import { hostNow } from "../core/host.ts";
import {
	ABORTED,
	ASLEEP,
	BoardMemory,
	BUSY,
	DONE,
	FINISHING,
	FN,
	HEAD,
	HEAP_MB,
	LOST,
	MICROS,
	NOTHING,
	ORDER,
	OUTCOME,
	PLACE,
	RETIRE,
	ready,
	SAID,
	SERIAL,
	SLOTS,
	SPINNING,
	STATE,
	STATUS,
	statusWord,
	TAIL,
	TAKEN,
	TELLER,
	THREADS,
	WAITS,
	WAKE,
	WANTED,
	wordOf,
} from "./board-memory.ts";

/** @internal */
export class ThreadBoard extends BoardMemory {
	/** Changes whenever a call is posted. */
	get posted(): number {
		return Atomics.load(this.words, TAIL);
	}

	/** Whether calls wait on the board, or the pool for a thread that it can send one to. */
	get othersWait(): boolean {
		const { words } = this;
		return ((this.posted - Atomics.load(words, HEAD)) | 0) > 0 || Atomics.load(words, WANTED) === WAITS;
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
			const at = wordOf(slot, STATE);
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
		return this.words[wordOf(slot, SERIAL)] as number;
	}

	fn(slot: number): number {
		return this.words[wordOf(slot, FN)] as number;
	}

	isAborted(slot: number): boolean {
		return Atomics.load(this.words, wordOf(slot, ABORTED)) !== 0;
	}

	/** The result is written: says so. True if the pool sleeps and wants a message. */
	finish(slot: number, thread: number, outcome: number, micros: number): boolean {
		const { words } = this;
		words[wordOf(slot, OUTCOME)] = outcome;
		words[wordOf(slot, MICROS)] = micros;
		Atomics.store(words, wordOf(slot, STATE), DONE | (thread << 4));
		this.announce(slot);
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

	/** How many messages the pool has sent that calls must not overtake. */
	said(thread: number): number {
		return Atomics.load(this.words, SAID + (thread & PLACE));
	}

	/** The number to sleep on: read it before the last look around. */
	wakeups(thread: number): number {
		return Atomics.load(this.words, WAKE + (thread & PLACE));
	}

	/** Sleeps until it is roused, `ms` at most. */
	sleep(thread: number, wakeups: number, ms: number): void {
		Atomics.wait(this.words, WAKE + (thread & PLACE), wakeups, ms);
	}

	/**
	 * Looks until a call is posted, or the thread is not SPINNING any more; false if the time is over before. Nothing is called but the clock:
	 * this loop is the first that is hot in a thread, and everything in it would be compiled with it.
	 */
	lookOut(thread: number, posted: number, until: number): boolean {
		const { words } = this;
		const at = STATUS + (thread & PLACE);
		const spinning = statusWord(thread, SPINNING);
		for (let i = 1; (i & 63) !== 0 || hostNow() <= until; i++)
			if (Atomics.load(words, TAIL) !== posted || Atomics.load(words, at) !== spinning) return true;
		return false;
	}

	/** Whether another thread is looking out for work. */
	othersSpin(thread: number): boolean {
		for (let i = 0; i < THREADS; i++) {
			if (i !== (thread & PLACE) && (Atomics.load(this.words, STATUS + i) & 15) === SPINNING) return true;
		}
		return false;
	}
}
