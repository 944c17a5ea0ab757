/**
 * Items that threads take by themselves, from memory that all of them see: whoever has done some takes more, and asks nobody.
 *
 * The word says how many are taken. It is the operation's own, so a thread that was given up takes nothing from another operation.
 */
import { type Size, sizeOf, type Whole } from "./sizing.ts";

/** What the threads are told of it. */
export interface Claims extends Whole {
	readonly taken: BigInt64Array;
}

/** Taking costs less than a microsecond. */
const SHORTEST_MS = 0.1;

/** @internal */
export function makeClaims(whole: Whole): Claims {
	return { ...whole, taken: new BigInt64Array(new SharedArrayBuffer(8)) };
}

/** @internal How many items nobody has taken. */
export function unclaimed({ taken, n }: Claims): number {
	return n - Number(Atomics.load(taken, 0));
}

/** @internal Takes the next items; null if there are none. */
export function claim(claims: Claims, us: number): (Size & { readonly from: number }) | null {
	const { taken, n } = claims;
	for (;;) {
		const now = Atomics.load(taken, 0);
		const from = Number(now);
		if (from === n) return null;
		const size = sizeOf(claims, n - from, us, SHORTEST_MS);
		const items = Math.min(size.items, n - from);
		if (Atomics.compareExchange(taken, 0, now, BigInt(from + items)) === now)
			return { from, items, limitMs: size.limitMs };
	}
}
