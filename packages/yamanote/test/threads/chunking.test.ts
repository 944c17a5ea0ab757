// Needs the sources: how an operation divides its items, without threads.
// @engines node20
import { expect, it } from "vitest";
import { Chunking, CLAIM, type Pace } from "../../src/threads/parallel/chunking.ts";
import { makeClaims } from "../../src/threads/parallel/claims.ts";

/** So many calls an operation of that many milliseconds begins with, on two threads, of the four at most. */
function calls(ms: number): number {
	const pace: Pace = { us: 1, seen: 1_000, slowest: 1, waits: false };
	const whole = { n: ms * 1_000, threads: 2, firstMost: 1 << 20 };
	const chunking = new Chunking(whole, 0, pace);
	chunking.share(makeClaims(whole));
	let n = 0;
	while (n < 4 && chunking.next() === CLAIM) n++;
	return n;
}

// A thread looks at the board after 10 ms, and goes on if less than 10 ms are left for each.
it("leave to take items waits on the board where threads will come back for it", () => {
	expect([5, 20, 39].map(calls)).toEqual([2, 2, 2]);
	expect(calls(41)).toBe(4);
	expect(calls(5_000)).toBe(4);
});
