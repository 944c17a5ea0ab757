/**
 * The queue of a channel: FIFO, in a ring that grows.
 *
 * A slot that was taken is cleared, and the ring of a long queue is given up when it has run empty.
 */

/** An empty ring of more slots is given up. */
const KEPT = 1024;

/** @internal */
export class Queue<T> {
	length = 0;
	/** Its length is 0 or a power of two. */
	ring: (T | undefined)[] = [];
	first = 0;

	push(value: T): void {
		let { ring } = this;
		if (this.length === ring.length) ring = this.grow();
		ring[(this.first + this.length++) & (ring.length - 1)] = value;
	}

	/** Takes the first; there must be one. */
	shift(): T {
		const { ring, first } = this;
		const value = ring[first] as T;
		ring[first] = undefined;
		this.first = (first + 1) & (ring.length - 1);
		if (--this.length === 0 && ring.length > KEPT) this.ring = [];
		return value;
	}

	grow(): (T | undefined)[] {
		const { ring, first } = this;
		this.ring = ring.slice(first).concat(ring.slice(0, first));
		this.ring.length = ring.length * 2 || 4;
		this.first = 0;
		return this.ring;
	}
}
