// A thread that looks out for work on the board.
import { describe, expect, it } from "vitest";
import { Board } from "../../src/threads/board.ts";
import { RESERVED, SPINNING, STARTING } from "../../src/threads/board-memory.ts";
import { ThreadBoard } from "../../src/threads/thread-board.ts";

/** A board, and a thread that has nothing to do: the second one that has its place. */
function idle(): { pool: Board; board: ThreadBoard; me: number } {
	const pool = Board.create();
	pool.admit(3);
	const me = pool.admit(3);
	pool.change(me, STARTING, SPINNING);
	return { pool, board: new ThreadBoard(pool.memory), me };
}

describe("a thread looks out", () => {
	it("until the time is over, if nothing happens", () => {
		const { board, me } = idle();
		expect(board.lookOut(me, board.posted, 0)).toBe(false);
	});

	it("until a call is posted", () => {
		const { pool, board, me } = idle();
		const { posted } = board;
		pool.post(0, 1, 0);
		expect(board.lookOut(me, posted, Infinity)).toBe(true);
	});

	it("until it is wanted, or given up", () => {
		const wanted = idle();
		wanted.pool.change(wanted.me, SPINNING, RESERVED);
		expect(wanted.board.lookOut(wanted.me, wanted.board.posted, Infinity)).toBe(true);
		const lost = idle();
		lost.pool.lose(lost.me);
		expect(lost.board.lookOut(lost.me, lost.board.posted, Infinity)).toBe(true);
	});

	it("no further when its place is another's", () => {
		const { pool, board, me } = idle();
		pool.change(pool.admit(3), STARTING, SPINNING);
		expect(board.lookOut(me, board.posted, Infinity)).toBe(true);
	});
});
