/**
 * How a pool notices results, at the price that they are worth.
 *
 * After calls were sent and the run queue is empty, it looks at the board for a few microseconds; a trivial call is back by then. If that
 * fails it looks once a turn of the host's loop, which goes on serving timers and sockets, for some tens of microseconds. Then it sleeps: the
 * thread that has the next result sends a message. A look that fails makes the next ones rarer.
 */
import { hostNow, hostTurn } from "../core/host.ts";
import { S } from "../core/shared.ts";
import type { Crew } from "./crew.ts";

const LOOK_MS = 0.02;
const TURNS_MS = 0.05;
const SKIP_MAX = 64;
const nothing = Promise.resolve();

/** @internal */
export class Watch {
	readonly #crew: Crew;
	#kicked = false;
	#turning = false;
	#asleep = false;
	#refd = false;
	/** When something has happened last. */
	#progress = 0;
	/** Looks to leave out, and how many after the next failure. */
	#skip = 0;
	#backOff = 0;

	constructor(crew: Crew) {
		this.#crew = crew;
	}

	/** Something was sent, or there is room for more: sees to it when the code that runs now has ended. */
	kick(): void {
		if (this.#kicked) return;
		this.#kicked = true;
		nothing.then(this.#after);
	}

	#after = (): void => {
		this.#kicked = false;
		const crew = this.#crew;
		crew.pump();
		if (crew.board === null) return this.#hold(this.holds);
		this.#progress = hostNow();
		if (!crew.collect()) this.#look();
		this.#later();
	};

	/** Looks for a moment. */
	#look(): void {
		const crew = this.#crew;
		if (crew.sent === 0 || crew.pool.spinMs === 0 || busy()) return;
		if (this.#skip > 0) {
			this.#skip--;
			return;
		}
		const until = this.#progress + LOOK_MS;
		for (let i = 1; ; i++) {
			if (crew.collect()) {
				this.#backOff = 0;
				return;
			}
			if ((i & 31) === 0 && hostNow() > until) break;
		}
		this.#backOff = Math.min(SKIP_MAX, this.#backOff * 2 + 1);
		this.#skip = this.#backOff;
	}

	/** Looks again in the next turn, or sleeps. */
	#later(): void {
		const crew = this.#crew;
		if (this.#turning) return;
		if (crew.sent + crew.queue.size === 0) return this.#hold(false);
		const holds = this.holds;
		if (!holds || crew.pool.spinMs === 0 || hostNow() - this.#progress > TURNS_MS) return this.#sleep(holds);
		this.#turning = true;
		this.#awake();
		hostTurn(this.#turn)?.ref(true);
	}

	#turn = (): void => {
		this.#turning = false;
		if (this.#crew.collect()) this.#progress = hostNow();
		this.#later();
	};

	#sleep(holds: boolean): void {
		const crew = this.#crew;
		this.#hold(holds);
		if (this.#asleep) return;
		this.#asleep = true;
		(crew.board as NonNullable<typeof crew.board>).asleep = true;
		// Written in between: nobody sends a message for it.
		if (crew.collect()) this.#later();
	}

	#awake(): void {
		if (!this.#asleep) return;
		this.#asleep = false;
		const { board } = this.#crew;
		if (board !== null) board.asleep = false;
	}

	/** A thread has sent a message, since results were written while this slept. */
	woken(): void {
		this.#asleep = false;
		this.#progress = hostNow();
		this.#crew.collect();
		this.#crew.sweep();
		if (this.#crew.board !== null) this.#later();
	}

	/** Whether the process has to stay alive for the calls that are out. */
	get holds(): boolean {
		return this.#crew.pool.holds && (this.#crew.sent > 0 || this.#crew.queue.size > 0);
	}

	rootsChanged(): void {
		if (this.#refd !== this.holds && !this.#turning) this.#hold(this.holds);
	}

	#hold(on: boolean): void {
		if (this.#refd === on) return;
		this.#refd = on;
		this.#crew.ref(on);
	}
}

/** Whether tasks wait to be run. */
function busy(): boolean {
	for (const runtime of S.runtimes) if (runtime.queued > 0) return true;
	return false;
}
