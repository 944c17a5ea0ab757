// Needs the sources: how an operation divides its items, without threads.
// @engines node20
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Chunking, CLAIM, type Pace } from "../../src/threads/parallel/chunking.ts";
import {
	allHaveLeave,
	beginTaking,
	type Claims,
	claim,
	giveBack,
	leave,
	makeClaims,
	makeRoom,
	resetClaims,
	unclaimed,
} from "../../src/threads/parallel/claims.ts";

const claimsOf = (n: number, threads = 2): Claims => makeClaims({ n, threads, firstMost: 1 << 20 });

describe("leave to take items", () => {
	const chunking = (n: number) => {
		const pace: Pace = { us: 1, seen: 1_000, slowest: 1, waits: false };
		const claims = claimsOf(n);
		const one = new Chunking(claims, 0, pace);
		one.share(claims);
		return { one, claims };
	};

	it("goes to as many calls as there are threads, and to another when one has ended and there is more", () => {
		const { one, claims } = chunking(1_000_000);
		expect([one.next(), allHaveLeave(claims)]).toEqual([CLAIM, false]);
		expect([one.next(), allHaveLeave(claims)]).toEqual([CLAIM, true]);
		expect(one.next()).toBeNull();
		claim(claims, 1);
		leave(claims);
		expect(allHaveLeave(claims)).toBe(false);
		one.ended(true, [1_000, 1_000, 1, false, [], 0, 0]);
		expect([one.next(), allHaveLeave(claims)]).toEqual([CLAIM, true]);
		expect(one.next()).toBeNull();
	});

	it("goes to nobody when all items are taken, and again when some were given back", () => {
		const { one, claims } = chunking(1);
		claim(claims, 1);
		expect(one.next()).toBeNull();
		giveBack(claims, 0, 1);
		expect(one.next()).toBe(CLAIM);
	});
});

describe("those that begin to take", () => {
	it("are told whether others have not begun, as often as an operation begins", () => {
		const claims = claimsOf(100, 3);
		for (let i = 0; i < 2; i++) {
			expect([1, 2, 3, 4].map(() => beginTaking(claims))).toEqual([true, true, false, false]);
			resetClaims(claims);
		}
	});

	it("take little while they look whether others begin", () => {
		const items = (few: boolean) => claim(claimsOf(1_000_000), 1, few)?.items;
		expect([items(true), items(false)]).toEqual([200, 10_000]);
	});

	it("make room for those that have not begun, for a moment, and for nobody else", () => {
		const slept: unknown[] = [];
		const { wait } = Atomics;
		Object.assign(Atomics, { wait: (...args: unknown[]) => slept.push(args.slice(1)) });
		try {
			const claims = claimsOf(100);
			beginTaking(claims);
			makeRoom(claims);
			expect(slept).toEqual([[2, 1n, 0.1]]);
			beginTaking(claims);
			makeRoom(claims);
			expect(slept).toHaveLength(1);
		} finally {
			Object.assign(Atomics, { wait });
		}
	});
});

describe("items that threads take", () => {
	it("come back to be taken first, unless there is no place for them", () => {
		const claims = claimsOf(1_000);
		expect(claim(claims, 100)).toMatchObject({ from: 0, items: 100 });
		expect(unclaimed(claims)).toBe(900);
		for (let i = 0; i < 16; i++) expect(giveBack(claims, i, i + 1)).toBe(true);
		expect(giveBack(claims, 16, 17)).toBe(false);
		expect(unclaimed(claims)).toBe(916);
		expect([claim(claims, 1_000), claim(claims, 1_000)]).toMatchObject([{ from: 0 }, { from: 1 }]);
		resetClaims(claims);
		expect(unclaimed(claims)).toBe(1_000);
		expect(claim(claims, 1_000)?.from).toBe(0);
	});

	it("are each done once, however many are given back of what is taken", () => {
		const parts = fc.array(
			fc.record({ us: fc.constantFrom(0, 0.1, 10, 2_000), done: fc.double({ min: 0, max: 1, noNaN: true }) }),
			{ minLength: 1 },
		);
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 1, max: 8 }), parts, (n, threads, steps) => {
				const claims = claimsOf(n, threads);
				const times = new Array(n).fill(0);
				let left = n;
				for (let i = 0; ; i++) {
					expect(unclaimed(claims)).toBe(left);
					const { us, done } = steps[i % steps.length] as { us: number; done: number };
					const taken = claim(claims, us);
					if (taken === null) break;
					const { from, items } = taken;
					// At least one, as a chunk does.
					const some = Math.max(1, Math.floor(items * done));
					const isBack = some < items && giveBack(claims, from + some, from + items);
					const to = isBack ? from + some : from + items;
					for (let at = from; at < to; at++) times[at]++;
					left -= to - from;
				}
				expect(left).toBe(0);
				expect(times.every((t) => t === 1)).toBe(true);
			}),
		);
	});
});
