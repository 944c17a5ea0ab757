/**
 * A queue, first in, first out: the tasks that are ready, the messages of a channel. A ring of slots that grows as needed.
 *
 * A ring, and not a list of links: a poll moves two numbers and writes one slot, where a list would write its head, its tail and a link, each
 * of which costs the collector's write barrier. A slot that was taken is cleared.
 */

/** An empty ring of more slots than so many times the least goes back to the least. */
const MOST_KEPT = 256;

const MOST_RENEWED = 1024;

/** @internal */
export class Queue<T> {
	slots: (T | undefined)[];
	/** The slot of the first; the number of slots is a power of two. */
	first = 0;
	size = 0;
	readonly least: number;

	/** @param least - how many slots it has at first; a power of two */
	constructor(least: number) {
		this.least = least;
		this.slots = slots(least);
	}

	push(value: T): void {
		if (this.size === this.slots.length) this.resize(2 * this.size);
		const { length } = this.slots;
		this.slots[(this.first + this.size++) & (length - 1)] = value;
	}

	/** The next; the queue must not be empty. */
	peek(): T {
		return this.slots[this.first] as T;
	}

	/** Takes the next; the queue must not be empty. */
	shift(): T {
		const all = this.slots;
		const first = this.first;
		const value = all[first] as T;
		all[first] = undefined;
		this.first = (first + 1) & (all.length - 1);
		if (--this.size === 0 && all.length > MOST_KEPT * this.least) this.resize(this.least);
		return value;
	}

	/** Makes the ring young again, if it is small: a pointer from an old one to what is young costs the collector's barrier. */
	renew(): void {
		const { length } = this.slots;
		if (length <= MOST_RENEWED) this.resize(length);
	}

	clear(): void {
		this.size = 0;
		this.resize(this.least);
	}

	private resize(length: number): void {
		const before = this.slots;
		const all: (T | undefined)[] = slots(length);
		for (let i = 0; i < this.size; i++) all[i] = before[(this.first + i) & (before.length - 1)];
		this.slots = all;
		this.first = 0;
	}
}

function slots(length: number): undefined[] {
	return new Array(length).fill(undefined);
}
