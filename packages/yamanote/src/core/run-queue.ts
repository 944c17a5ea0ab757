/**
 * The tasks that are ready, first in, first out: a ring of slots that grows as needed.
 *
 * A ring, and not a list of links: a poll moves two numbers and writes one slot, where a list would write its head, its tail and a link, each
 * of which costs the collector's write barrier.
 */
import type { Task } from "./task.ts";

const LEAST = 64;
/** An empty ring that is larger than this goes back to the least size. */
const MOST_KEPT = 16_384;

const MOST_RENEWED = 1024;

/** @internal */
export class RunQueue {
	slots: (Task | undefined)[] = slots(LEAST);
	/** The slot of the first; the number of slots is a power of two. */
	first = 0;
	size = 0;

	push(task: Task): void {
		if (this.size === this.slots.length) this.resize(2 * this.size);
		const { length } = this.slots;
		this.slots[(this.first + this.size++) & (length - 1)] = task;
	}

	/** The next; the queue must not be empty. */
	peek(): Task {
		return this.slots[this.first] as Task;
	}

	/** Takes the next; the queue must not be empty. */
	shift(): Task {
		const all = this.slots;
		const first = this.first;
		const task = all[first] as Task;
		all[first] = undefined;
		this.first = (first + 1) & (all.length - 1);
		if (--this.size === 0 && all.length > MOST_KEPT) this.resize(LEAST);
		return task;
	}

	/** Makes the ring young again, if it is small: a pointer from an old one to a young task costs the collector's barrier. */
	renew(): void {
		const { length } = this.slots;
		if (length <= MOST_RENEWED) this.resize(length);
	}

	clear(): void {
		this.size = 0;
		this.resize(LEAST);
	}

	private resize(length: number): void {
		const before = this.slots;
		const all: (Task | undefined)[] = slots(length);
		for (let i = 0; i < this.size; i++) all[i] = before[(this.first + i) & (before.length - 1)];
		this.slots = all;
		this.first = 0;
	}
}

function slots(length: number): undefined[] {
	return new Array(length).fill(undefined);
}
