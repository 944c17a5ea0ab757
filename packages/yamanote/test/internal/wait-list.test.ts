import { describe, expect, it } from "vitest";
import { type Place, WaitList } from "../../src/sync/wait-list.ts";

const waker = { wake() {} };

/** How many used places the list keeps. */
const kept = (list: WaitList): number => {
	let n = 0;
	for (let p = list.spare; p !== null; p = p.after) n++;
	return n;
};

describe("a waiting list", () => {
	it("keeps used places for those who come next, 64 at most", () => {
		const list = new WaitList();
		const places = Array.from({ length: 1_000 }, () => list.enter(waker, 1));
		for (const p of places) list.leave(p);
		expect([list.head, list.tail, kept(list)]).toEqual([null, null, 64]);
		const again = Array.from({ length: 65 }, () => list.enter(waker, 1));
		expect(new Set(again).size).toBe(65);
		expect(again.filter((p) => places.includes(p))).toHaveLength(64);
		expect(kept(list)).toBe(0);
	});

	it("has those in their order who took used places", () => {
		const list = new WaitList();
		for (const p of [list.enter(waker, 1), list.enter(waker, 2), list.enter(waker, 3)]) list.leave(p);
		list.enter(waker, 4);
		list.enter(waker, 5);
		const needs: number[] = [];
		for (let p: Place | null = list.head; p !== null; p = p.after) needs.push(p.need);
		expect(needs).toEqual([4, 5]);
		expect(list.head?.before).toBe(null);
	});

	it("keeps places that were refused as well, and none that stands in a chain being woken", () => {
		const list = new WaitList();
		const second: { place?: Place } = {};
		const first = list.enter({ wake: () => list.leave(second.place as Place) }, 1);
		second.place = list.enter(waker, 1);
		list.wakeAll();
		expect(kept(list)).toBe(0);
		list.leave(first);
		expect(list.spare).toBe(first);
		for (let i = 0; i < 100; i++) list.leave(list.enter(waker, 1));
		expect(kept(list)).toBe(1);
	});
});
