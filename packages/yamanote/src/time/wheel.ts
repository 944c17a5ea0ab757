/**
 * A hierarchical timer wheel: arming and disarming is O(1), and an entry moves down at most once a level.
 *
 * Level n has 64 slots of 64^n ticks each. An entry stands on the level of the highest digit in which its tick differs from now, in an
 * intrusive list, behind those that were armed before it. The next expiry is found by looking through the slots of a level that is not empty,
 * once for a slot, not for an entry.
 *
 * Invariant: an entry of level n is due within the current rotation of that level, later than `now`. What is further away than the wheel
 * reaches stands on the top level, and is placed anew when its slot comes round.
 *
 * After Varghese and Lauck; the shape is tokio's `runtime::time::wheel`.
 */

/** @internal What stands in a wheel: a timer is its own list node. */
export interface WheelEntry {
	/** The tick at which it is due. */
	tick: number;
	/** Level * 64 + slot; -1 when it stands in none. */
	slot: number;
	before: WheelEntry | null;
	after: WheelEntry | null;
	/** It is due, and was taken out. */
	fire(): void;
}

const BITS = 6;
const SLOTS = 64;
const LEVELS = 6;
const REACH = 2 ** (BITS * LEVELS);

/** @internal */
export class Wheel {
	/** Entries armed. */
	size = 0;
	/** The tick up to which everything has fired. */
	now = 0;
	/** The first and the last entry of each slot. */
	readonly #first: (WheelEntry | null)[] = new Array(SLOTS * LEVELS).fill(null);
	readonly #last: (WheelEntry | null)[] = new Array(SLOTS * LEVELS).fill(null);
	/** How many entries stand on each level. */
	readonly #counts: number[] = new Array(LEVELS).fill(0);

	/** Arms an entry, anew if it is armed. False if it is due already: then it is not armed. */
	insert(entry: WheelEntry): boolean {
		this.remove(entry);
		if (entry.tick <= this.now) return false;
		this.#place(entry);
		return true;
	}

	#place(entry: WheelEntry): void {
		const { now } = this;
		// The levels are compared by division: ticks are larger than 32 bits.
		const tick = Math.min(entry.tick, now + REACH - 1);
		let level = 0;
		let unit = 1;
		while (level < LEVELS - 1 && Math.floor(tick / (unit * SLOTS)) !== Math.floor(now / (unit * SLOTS))) {
			level++;
			unit *= SLOTS;
		}
		const slot = level * SLOTS + (Math.floor(tick / unit) % SLOTS);
		const last = this.#last[slot] as WheelEntry | null;
		(this.#counts[level] as number)++;
		this.size++;
		entry.slot = slot;
		entry.before = last;
		if (last === null) this.#first[slot] = entry;
		else last.after = entry;
		this.#last[slot] = entry;
	}

	/** Disarms an entry; harmless if it is not armed. */
	remove(entry: WheelEntry): void {
		const { slot, before, after } = entry;
		if (slot < 0) return;
		(this.#counts[slot >> BITS] as number)--;
		this.size--;
		if (before === null) this.#first[slot] = after;
		else before.after = after;
		if (after === null) this.#last[slot] = before;
		else after.before = before;
		entry.slot = -1;
		entry.before = entry.after = null;
	}

	/** The tick at which something must be done: an entry fires, or a slot of a higher level is spread. `Infinity` if the wheel is empty. */
	next(): number {
		return this.#nextSlot().at;
	}

	#nextSlot(): { slot: number; at: number } {
		let unit = 1;
		for (let level = 0; level < LEVELS; level++, unit *= SLOTS) {
			if (this.#counts[level] === 0) continue;
			// What stands on a level is due in a later slot than now. Only the top one comes round to the slot of now.
			const here = Math.floor(this.now / unit);
			for (let n = here + 1; n <= here + SLOTS; n++) {
				const slot = level * SLOTS + (n % SLOTS);
				if (this.#first[slot] !== null) return { slot, at: n * unit };
			}
		}
		return { slot: 0, at: Infinity };
	}

	/** Fires all that is due at `tick`, in order of their ticks (of one tick: as armed), and makes that the wheel's now. */
	advance(tick: number): void {
		for (;;) {
			const { slot, at } = this.#nextSlot();
			if (at > tick) break;
			if (at > this.now) this.now = at;
			// One by one: what fires may remove others of the slot. Nothing comes back to it, since its time is now.
			for (
				let entry = this.#first[slot] as WheelEntry | null;
				entry !== null;
				entry = this.#first[slot] as WheelEntry | null
			) {
				this.remove(entry);
				if (entry.tick > this.now) this.#place(entry);
				else entry.fire();
			}
		}
		if (tick > this.now) this.now = tick;
	}
}
