/**
 * Items that threads take by themselves, from memory that all of them see: whoever has done some takes more, and asks nobody. Items that turn
 * out to be slower than expected go back there, for whoever is free first.
 *
 * The memory is the operation's own, so a thread that was given up takes nothing from another operation.
 */
import { LONGEST_MS, type Size, sizeOf, type Whole } from "./sizing.ts";

/** What the threads are told of it. */
export interface Claims extends Whole {
	readonly words: BigInt64Array;
}

/** How many were taken, in their order. */
const TAKEN = 0;
/** How many calls have leave to take: those that wait for a thread, and those that run. */
const LEAVE = 1;
/** How many threads have not begun; below 0 when some have begun again. */
const LATE = 2;
/** Then come places for what was given back. */
const PLACES = 3;
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
/** So long a call looks whether the others begin as well, and then makes room for them. */
const LOOK_MS = 0.2;
const ROOM_MS = 0.1;

/** What a thread has taken. */
export interface Taken extends Size {
	readonly from: number;
}

/** @internal */
export function makeClaims(whole: Whole): Claims {
	const claims = { ...whole, words: new BigInt64Array(new SharedArrayBuffer(8 * WORDS)) };
	resetClaims(claims);
	return claims;
}

/** @internal For the next operation: no thread takes from the last one any more. */
export function resetClaims({ words, threads }: Claims): void {
	words.fill(0n);
	words[LATE] = BigInt(threads);
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

/** @internal A call begins to take. True if others have not begun yet. */
export function beginTaking({ words }: Claims): boolean {
	const late = Atomics.sub(words, LATE, 1n) - 1n;
	Atomics.notify(words, LATE);
	return late > 0n;
}

/**
 * @internal Sleeps until one more has begun, for a moment at most. A thread that was woken may have been put behind this one, on the same
 * processor, and would stay there until the scheduler looks at it, which takes milliseconds.
 */
export function makeRoom({ words }: Claims): void {
	const late = Atomics.load(words, LATE);
	if (late > 0n) Atomics.wait(words as BigInt64Array<SharedArrayBuffer>, LATE, late, ROOM_MS);
}

/** @internal A call takes no more. */
export function leave({ words }: Claims): void {
	Atomics.sub(words, LEAVE, 1n);
}

/** @internal Whether all threads that may have leave to take. */
export function allHaveLeave({ words, threads }: Claims): boolean {
	return Atomics.load(words, LEAVE) >= threads;
}

/** @internal Takes the next items; null if there are none. `few`: what can be done while one looks whether the others begin. */
export function claim(claims: Claims, us: number, few = false): Taken | null {
	const longestMs = few ? LOOK_MS : LONGEST_MS;
	return claimBack(claims, us, longestMs) ?? claimNext(claims, us, longestMs);
}

function claimNext(claims: Claims, us: number, longestMs: number): Taken | null {
	const { words, n } = claims;
	for (;;) {
		const now = Atomics.load(words, TAKEN);
		const from = Number(now);
		if (from === n) return null;
		const size = sizeOf(claims, n - from, us, SHORTEST_MS, longestMs);
		const items = Math.min(size.items, n - from);
		if (Atomics.compareExchange(words, TAKEN, now, BigInt(from + items)) === now)
			return { from, items, limitMs: size.limitMs };
	}
}

/** Of what was given back. */
function claimBack(claims: Claims, us: number, longestMs: number): Taken | null {
	const { words } = claims;
	for (let at = PLACES; at < WORDS; at += 3) {
		if (Atomics.compareExchange(words, at + STATE, FULL, HELD) !== FULL) continue;
		const from = Number(words[at + FROM]);
		const to = Number(words[at + TO]);
		const size = sizeOf(claims, to - from + unclaimed(claims), us, SHORTEST_MS, longestMs);
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
