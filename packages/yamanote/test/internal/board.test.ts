import { describe, expect, it } from "vitest";
import { Board } from "../../src/threads/board.ts";
import {
	BUSY,
	FINISHING,
	LOST,
	OK,
	PARKED,
	placeOf,
	SLOTS,
	SPINNING,
	STARTING,
} from "../../src/threads/board-memory.ts";
import { ThreadBoard } from "../../src/threads/thread-board.ts";

/** The same memory, as threads see it. */
const there = (board: Board): ThreadBoard => new ThreadBoard(board.memory);

/** A thread that looks for work. */
function thread(board: Board, place: number): number {
	const id = board.admit(place);
	expect(board.change(id, STARTING, SPINNING)).toBe(true);
	return id;
}

describe("a thread of a board", () => {
	it("takes what was posted, in that order", () => {
		const board = Board.create();
		const a = thread(board, 0);
		for (const slot of [3, 1, 2]) board.post(slot, 1, 0);
		const taken: number[] = [];
		for (let i = 0; i < 3; i++) {
			taken.push(there(board).take(a, SPINNING));
			expect(board.takenBy(taken.at(-1) as number)).toBe(a);
			expect(board.change(a, BUSY, SPINNING)).toBe(true);
		}
		expect([...taken, there(board).take(a, SPINNING)]).toEqual([3, 1, 2, -1]);
	});

	it("has a number of its own, also when it takes the place of another", () => {
		const board = Board.create();
		const [a, b] = [thread(board, 5), thread(board, 5)];
		expect(a).not.toBe(b);
		expect([placeOf(a), placeOf(b)]).toEqual([5, 5]);
		expect([board.status(a), board.status(b)]).toEqual([LOST, SPINNING]);
	});

	it("that is lost takes nothing, and does not change what the next one does", () => {
		const board = Board.create();
		const a = thread(board, 0);
		board.lose(a);
		board.post(0, 1, 0);
		expect(there(board).take(a, SPINNING)).toBe(-1);
		const b = thread(board, 0);
		expect(there(board).take(a, SPINNING)).toBe(-1);
		expect(board.change(a, SPINNING, PARKED)).toBe(false);
		expect([there(board).isLost(a), there(board).shouldRetire(a), board.status(b)]).toEqual([true, true, SPINNING]);
		expect(there(board).take(b, SPINNING)).toBe(0);
	});

	it("that was lost while it came up stays lost", () => {
		const board = Board.create();
		const a = board.admit(0);
		board.lose(a);
		expect(board.change(a, STARTING, SPINNING)).toBe(false);
	});
});

describe("a pool that sleeps", () => {
	/** Runs a call to its end. True if the thread has to tell the pool. */
	function run(board: Board, slot: number, id: number): boolean {
		board.post(slot, 1, 0);
		expect(there(board).take(id, SPINNING)).toBe(slot);
		board.change(id, BUSY, FINISHING);
		const tells = there(board).finish(slot, id, OK, 1);
		there(board).becomeIdle(id);
		return tells;
	}

	it("is told by the first thread that has a result, and by no other", () => {
		const board = Board.create();
		const [a, b] = [thread(board, 0), thread(board, 1)];
		expect(run(board, 0, a)).toBe(false);
		board.asleep = true;
		expect([run(board, 1, a), run(board, 2, b)]).toEqual([true, false]);
	});

	it("is told by the next one when the one that was about to is lost", () => {
		const board = Board.create();
		const [a, b] = [thread(board, 0), thread(board, 1)];
		board.asleep = true;
		expect(run(board, 0, a)).toBe(true);
		board.lose(a);
		expect(run(board, 1, b)).toBe(true);
	});

	it("is told by another one although a lost thread wanted to, which nobody hears", () => {
		const board = Board.create();
		const [a, b] = [thread(board, 0), thread(board, 1)];
		board.post(0, 1, 0);
		there(board).take(a, SPINNING);
		board.lose(a);
		board.asleep = true;
		expect(there(board).finish(0, a, OK, 1)).toBe(true);
		expect(run(board, 1, b)).toBe(true);
		thread(board, 0);
		expect(run(board, 2, b)).toBe(false);
	});

	it("hears of a thread that becomes idle when it wants one, in the same way", () => {
		const board = Board.create();
		const [a, b] = [thread(board, 0), thread(board, 1)];
		board.want();
		expect([there(board).becomeIdle(a), there(board).becomeIdle(b)]).toEqual([true, false]);
		board.lose(a);
		expect(there(board).becomeIdle(b)).toBe(true);
	});
});

describe("the order list", () => {
	it("is full as long as the call that was posted a round ago waits", () => {
		const board = Board.create();
		const a = thread(board, 0);
		board.post(0, 1, 0);
		for (let i = 1; i < SLOTS; i++) {
			expect(board.isFull).toBe(false);
			board.post(1, i, 0);
			expect(board.revoke(1)).toBe(true);
		}
		expect(board.isFull).toBe(true);
		expect(there(board).take(a, SPINNING)).toBe(0);
		expect(board.isFull).toBe(false);
	});

	it("is empty when a thread has found that nothing waits", () => {
		const board = Board.create();
		const a = thread(board, 0);
		for (let i = 0; i < 5; i++) {
			board.post(1, i, 0);
			board.revoke(1);
		}
		expect(board.waiting).toBe(5);
		expect(there(board).take(a, SPINNING)).toBe(-1);
		expect(board.waiting).toBe(0);
	});
});

describe("a thread that ends between a result and saying that it is there", () => {
	it("has it said for it, and nothing of what it had only taken, nor what another has written", () => {
		const board = Board.create();
		const [a, b] = [thread(board, 0), thread(board, 1)];
		for (const slot of [40, 41, 42]) board.post(slot, 1, 0);
		expect(there(board).take(a, SPINNING)).toBe(40);
		expect(there(board).take(b, SPINNING)).toBe(41);
		there(board).finish(40, a, OK, 7);
		there(board).finish(41, b, OK, 7);
		expect(there(board).take(a, BUSY)).toBe(42);
		// As if neither had come further than to the state of its slot.
		board.takeDone(1);
		const { results } = board;
		board.lose(a);
		board.complete(a);
		expect(board.results).not.toBe(results);
		expect(board.takeDone(1)).toBe(1 << 8);
		expect(board.holder(42)).toBe(a);
		board.free(40);
		board.complete(a);
		expect(board.takeDone(1)).toBe(0);
	});
});
