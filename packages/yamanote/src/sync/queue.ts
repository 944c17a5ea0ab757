/**
 * The queue of a channel: FIFO, in blocks.
 *
 * Messages stand in blocks of 32 that are linked, so that a long queue is never copied, and what was taken is free at once. One empty
 * block is kept and used again: a channel in steady state allocates nothing.
 */
import { discard } from "../core/discard.ts";

const SIZE = 32;

interface Block<T> {
	readonly slots: (T | undefined)[];
	after: Block<T> | null;
}

/** @internal */
export class Queue<T> {
	length = 0;
	/** The block that is read, and the next slot in it. Null as long as nothing was pushed. */
	first: Block<T> | null = null;
	read = 0;
	last: Block<T> | null = null;
	write = 0;
	spare: Block<T> | null = null;

	push(value: T): void {
		let tail = this.last;
		if (tail === null || this.write === SIZE) tail = this.grow(tail);
		tail.slots[this.write++] = value;
		this.length++;
	}

	/** Takes the first; there must be one. */
	shift(): T {
		const head = this.first as Block<T>;
		const value = head.slots[this.read] as T;
		head.slots[this.read++] = undefined;
		this.length--;
		if (this.read === SIZE) this.next(head);
		return value;
	}

	/** Frees all messages; those that are guards, permits or channel ends of ours are released. */
	clear(): void {
		while (this.length > 0) discard(this.shift());
		this.first = this.last = this.spare = null;
		this.read = this.write = 0;
	}

	grow(tail: Block<T> | null): Block<T> {
		const block: Block<T> = this.spare ?? { slots: new Array(SIZE), after: null };
		this.spare = null;
		if (tail === null) this.first = block;
		else tail.after = block;
		this.last = block;
		this.write = 0;
		return block;
	}

	next(head: Block<T>): void {
		this.read = 0;
		if (head.after === null) {
			// It was the last one as well, and is empty now.
			this.write = 0;
			return;
		}
		this.first = head.after;
		head.after = null;
		this.spare = head;
	}
}
