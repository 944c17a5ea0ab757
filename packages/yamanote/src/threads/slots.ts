/** Which call has which slot: a slot is free, or has a call that is out, or is kept for a lost thread that may still write there. */
import { SLOTS } from "./board-memory.ts";
import { type Job, SENT } from "./job.ts";
import type { Thread } from "./thread.ts";

/** @internal */
export class Slots {
	/** The calls that are out, by their slots. */
	readonly jobs: (Job | null)[] = new Array(SLOTS).fill(null);
	/** The threads that have got a call as a message; where there is no board, this alone says who has it. */
	readonly holders: (Thread | null)[] = new Array(SLOTS).fill(null);
	readonly #free: number[] = Array.from({ length: SLOTS }, (_, i) => SLOTS - 1 - i);
	#serials = 0;
	/** How many calls are out: on the board, or with a thread. */
	used = 0;

	/** The slot that the next call would have; undefined if there is none. */
	get next(): number | undefined {
		return this.#free[this.#free.length - 1];
	}

	/** A call has that slot now. */
	take(job: Job, slot: number): void {
		this.#free.pop();
		this.jobs[slot] = job;
		this.used++;
		job.slot = slot;
		job.serial = this.#serials = (this.#serials + 1) & 0x3fff_ffff;
		job.state = SENT;
	}

	/** @param lingers - a lost thread may still write there: {@link giveBack} ends that */
	release(slot: number, lingers = false): void {
		this.jobs[slot] = null;
		this.holders[slot] = null;
		if (!lingers) this.#free.push(slot);
		this.used--;
	}

	/** Nobody writes there any more. */
	giveBack(slot: number): void {
		this.#free.push(slot);
	}

	/** In which order calls were sent. */
	serialOf(slot: number): number {
		return this.jobs[slot]?.serial ?? 0;
	}
}
