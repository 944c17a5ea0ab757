/**
 * Items that threads take by themselves, from memory that all of them see: whoever has done some takes more, and asks nobody. Items that turn
 * out to be slower than expected go back there, for whoever is free first.
 *
 * The memory is the operation's own, so a thread that was given up takes nothing from another operation.
 */
import { type Size, sizeOf, type Whole } from "./sizing.ts";

/** What the threads are told of it. */
export interface Claims extends Whole {
	readonly words: BigInt64Array;
}

/** How many were taken, in their order. */
const TAKEN = 0;
/** How many calls have leave to take: those that wait for a thread, and those that run. */
const LEAVE = 1;
/** Then come places for what was given back. */
const PLACES = 2;
const WORDS: number = PLACES + 3 * 16;

// A place: its state, and from where to where.
const STATE = 0;
const FROM = 1;
const TO = 2;
const FREE = 0n;
/** Some thread reads or writes it. */
const HELD = 1n;
const FULL = 2n;

/** Taking costs less than a microsecond. */
const SHORTEST_MS = 0.1;

/** What a thread has taken. */
export interface Taken extends Size {
	readonly from: number;
}

/** @internal */
export function makeClaims(whole: Whole): Claims {
	return { ...whole, words: new BigInt64Array(new SharedArrayBuffer(8 * WORDS)) };
}

/** @internal For the next operation: no thread takes from the last one any more. */
export function resetClaims({ words }: Claims): void {
	words.fill(0n);
}

/** @internal How many items nobody has: exact when nobody takes or gives back meanwhile. */
export function unclaimed({ words, n }: Claims): number {
	let left = n - Number(Atomics.load(words, TAKEN));
	for (let at = PLACES; at < WORDS; at += 3)
		if (Atomics.load(words, at + STATE) === FULL) left += Number(words[at + TO]) - Number(words[at + FROM]);
	return left;
}

/** @internal One more call has leave to take. */
export function allow({ words }: Claims): void {
	Atomics.add(words, LEAVE, 1n);
}

/** @internal A call takes no more. */
export function leave({ words }: Claims): void {
	Atomics.sub(words, LEAVE, 1n);
}

/** @internal Whether all threads that may have leave to take. */
export function allHaveLeave({ words, threads }: Claims): boolean {
	return Atomics.load(words, LEAVE) >= threads;
}

/** @internal Takes the next items; null if there are none. */
export function claim(claims: Claims, us: number): Taken | null {
	return claimBack(claims, us) ?? claimNext(claims, us);
}

function claimNext(claims: Claims, us: number): Taken | null {
	const { words, n } = claims;
	for (;;) {
		const now = Atomics.load(words, TAKEN);
		const from = Number(now);
		if (from === n) return null;
		const size = sizeOf(claims, n - from, us, SHORTEST_MS);
		const items = Math.min(size.items, n - from);
		if (Atomics.compareExchange(words, TAKEN, now, BigInt(from + items)) === now)
			return { from, items, limitMs: size.limitMs };
	}
}

/** Of what was given back. */
function claimBack(claims: Claims, us: number): Taken | null {
	const { words } = claims;
	for (let at = PLACES; at < WORDS; at += 3) {
		if (Atomics.compareExchange(words, at + STATE, FULL, HELD) !== FULL) continue;
		const from = Number(words[at + FROM]);
		const to = Number(words[at + TO]);
		const size = sizeOf(claims, to - from + unclaimed(claims), us, SHORTEST_MS);
		const items = Math.min(size.items, to - from);
		words[at + FROM] = BigInt(from + items);
		Atomics.store(words, at + STATE, from + items === to ? FREE : FULL);
		return { from, items, limitMs: size.limitMs };
	}
	return null;
}

/** @internal Gives items back. False if there is no place for them. */
export function giveBack({ words }: Claims, from: number, to: number): boolean {
	for (let at = PLACES; at < WORDS; at += 3) {
		if (Atomics.compareExchange(words, at + STATE, FREE, HELD) !== FREE) continue;
		words[at + FROM] = BigInt(from);
		words[at + TO] = BigInt(to);
		Atomics.store(words, at + STATE, FULL);
		return true;
	}
	return false;
}
