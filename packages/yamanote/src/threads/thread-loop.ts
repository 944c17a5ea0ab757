/**
 * The life of a thread of a pool: looks for calls on the board and among messages, and has them run (`thread-calls.ts`).
 *
 * When there is nothing to do it looks out for a few tens of microseconds, lets its event loop turn once, sleeps for two milliseconds on
 * a word of shared memory, and then parks: it goes back to its event loop, costs nothing, and is woken by a message. While functions of it
 * wait, it never blocks its loop.
 */
import { hostNow, hostProcess, hostTurn } from "../core/host.ts";
import { BUSY, PARKED, RESERVED, RETIRED, SLEEPING, SPINNING, STARTING } from "./board-memory.ts";
import type { Parent } from "./host-worker.ts";
import { Patience } from "./patience.ts";
import * as protocol from "./protocol.ts";
import type { ThreadBoard } from "./thread-board.ts";
import { type Loop, ThreadCalls } from "./thread-calls.ts";
import { printing } from "./thread-results.ts";
import { ThreadSide } from "./thread-side.ts";
import type { ThreadState } from "./thread-state.ts";

const SLEEP_MS = 2;
/** How long it may go from call to call before its event loop turns. */
const BREATHE_MS = 5;
/** How long it may be without a turn before it sleeps. */
const BREATHE_EVERY_MS = 1;

/** @internal */
export class ThreadLoop implements Loop {
	readonly #side: ThreadSide;
	readonly #board: ThreadBoard | null;
	readonly #me: number;
	readonly #calls: ThreadCalls;
	readonly #patience: Patience;
	working = false;
	started = false;
	/** When its event loop turned last, as far as known. */
	#breathedAt = 0;

	constructor(parent: Parent, state: ThreadState, init: protocol.Init) {
		const side = (this.#side = new ThreadSide(parent, init));
		this.#board = side.board;
		this.#me = side.me;
		this.#patience = new Patience(init.spinMs);
		this.#calls = new ThreadCalls(this, side, state, init);
	}

	/** The module is loaded: says so, and begins. */
	start(): void {
		// It was lost while it loaded.
		if (this.#board?.change(this.#me, STARTING, SPINNING) === false) return;
		this.started = true;
		// In Deno `process.exit` returns, and the thread runs until it comes to its event loop: it takes and tells nothing more.
		hostProcess()?.on("exit", () => {
			this.started = false;
		});
		this.#side.post([protocol.MARK, protocol.READY], []);
		this.work();
	}

	/** A message of the pool. */
	hear(message: protocol.Message): void {
		const working = this.working;
		this.working = true;
		try {
			this.#handle(message);
		} finally {
			this.working = working;
		}
		this.work();
	}

	receive(): boolean {
		const message = this.#side.parent.receive();
		if (message === undefined) return false;
		this.#handle(message);
		return true;
	}

	#handle([, kind, ...rest]: protocol.Message): void {
		const calls = this.#calls;
		if (kind === protocol.CALL) return calls.message(rest as never);
		if (kind === protocol.DEFINE) return calls.define(rest[0] as protocol.Definition);
		if (kind === protocol.LINK) return calls.link([protocol.MARK, kind, ...rest]);
		if (kind === protocol.FORGET) return calls.forget(rest[0] as number);
		const [slot, serial, n] = rest as [number, number, number];
		if (kind === protocol.ABORT) calls.abort(slot, serial);
		else if (kind === protocol.CREDIT) calls.credit(slot, serial, n);
	}

	// ---- looking for work

	work = (): void => {
		const board = this.#board;
		if (board === null || this.working || !this.started) return;
		this.working = true;
		try {
			this.#loop(board);
		} finally {
			this.working = false;
		}
	};

	#loop(board: ThreadBoard): void {
		const me = this.#me;
		const calls = this.#calls;
		const began = hostNow();
		if (calls.isFull) return;
		// A message has come while it was parked, and it was no call.
		board.change(me, PARKED, SPINNING);
		for (;;) {
			if (!this.started) return;
			// Calls that it has go on, in turns of the event loop.
			if (board.shouldRetire(me) && this.#retire(board)) return;
			const posted = board.posted;
			const slot = board.take(me, SPINNING);
			if (slot >= 0) {
				calls.posted(slot);
				if (calls.isFull) return;
				// It has only begun.
				if (board.status(me) === BUSY) this.becomeIdle();
				if (hostNow() - began > BREATHE_MS) return this.#breathe();
				continue;
			}
			if (board.status(me) === RESERVED) {
				// Where messages cannot be taken, or it is not here yet, it comes as an event.
				if (!this.receive()) return;
				if (calls.isFull) return;
				continue;
			}
			if (calls.running > 0 || this.#side.links.open > 0) {
				if (this.#park(board, posted)) return;
				continue;
			}
			if (this.#lookOut(board, posted)) continue;
			if (hostNow() - this.#breathedAt > BREATHE_EVERY_MS) return this.#breathe();
			if (this.#sleep(board, posted)) continue;
			if (this.#park(board, posted)) return;
		}
	}

	becomeIdle(): void {
		if (this.#board?.becomeIdle(this.#me) === true) this.#side.post(protocol.WAKE_UP, []);
	}

	/** Goes on in the next turn of the event loop. */
	#breathe(): void {
		this.#breathedAt = hostNow();
		hostTurn(this.work)?.ref(true);
	}

	/** Looks for a moment whether something is posted. True if something has happened. */
	#lookOut(board: ThreadBoard, posted: number): boolean {
		const me = this.#me;
		const { ms } = this.#patience;
		if (ms === 0 || board.othersSpin(me)) return false;
		const seen = board.lookOut(me, posted, hostNow() + ms);
		if (seen) this.#patience.won();
		else this.#patience.lost();
		return seen;
	}

	/** True if something has happened, or may have. */
	#sleep(board: ThreadBoard, posted: number): boolean {
		const me = this.#me;
		// Node writes what this thread prints only while its loop turns.
		if (printing()) return false;
		const wakeups = board.wakeups(me);
		if (!board.change(me, SPINNING, SLEEPING)) return true;
		const asleep = hostNow();
		if (board.posted === posted) board.sleep(me, wakeups, SLEEP_MS);
		if (board.posted !== posted) this.#patience.missed(hostNow() - asleep);
		// Roused: somebody else has changed it already.
		if (!board.change(me, SLEEPING, SPINNING)) {
			this.#patience.reset();
			return true;
		}
		return board.posted !== posted;
	}

	/** Back to the event loop, until a message comes. False if something has happened. */
	#park(board: ThreadBoard, posted: number): boolean {
		const me = this.#me;
		if (!board.change(me, SPINNING, PARKED)) return false;
		if (board.posted === posted) return true;
		return !board.change(me, PARKED, SPINNING);
	}

	/** Takes nothing more. False if it is kept for a call that comes. */
	#retire(board: ThreadBoard): boolean {
		const me = this.#me;
		if (!board.change(me, SPINNING, RETIRED)) {
			if (board.status(me) === RESERVED) return false;
			// Told already, and heard: what it still has ends by messages.
			if (this.#calls.size > 0) return true;
		}
		this.#side.post(protocol.WAKE_UP, []);
		return true;
	}
}
