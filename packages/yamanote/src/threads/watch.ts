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
import { Patience } from "./patience.ts";

const LOOK_MS = 0.02;
const TURNS_MS = 0.05;
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
	/** For looking on the spot. */
	readonly #look: Patience;
	/** For looking once a turn. */
	readonly #turns: Patience;
	#asleepSince = 0;

	constructor(crew: Crew) {
		this.#crew = crew;
		const on = crew.pool.spinMs > 0 ? 1 : 0;
		this.#look = new Patience(LOOK_MS * on);
		this.#turns = new Patience(TURNS_MS * on);
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
		if (!crew.results.collect()) this.#lookNow();
		this.#later();
	};

	/** Looks for a moment. */
	#lookNow(): void {
		const crew = this.#crew;
		const { ms } = this.#look;
		if (crew.sent === 0 || ms === 0 || busy()) return;
		const until = this.#progress + ms;
		for (let i = 1; ; i++) {
			if (crew.results.collect()) return this.#look.won();
			if ((i & 31) === 0 && hostNow() > until) return this.#look.lost();
		}
	}

	/** Looks again in the next turn, or sleeps. */
	#later(): void {
		const crew = this.#crew;
		if (this.#turning) return;
		const holds = this.holds;
		if (crew.sent + crew.queue.size === 0) return this.#hold(holds);
		const { ms } = this.#turns;
		if (!holds || ms === 0) return this.#sleep(holds);
		if (hostNow() - this.#progress > ms) {
			this.#turns.lost();
			return this.#sleep(holds);
		}
		this.#turning = true;
		this.#awake();
		hostTurn(this.#turn)?.ref(true);
	}

	#turn = (): void => {
		this.#turning = false;
		if (this.#crew.results.collect()) {
			const now = hostNow();
			// Seen by the look on the spot, if it were longer.
			this.#look.missed(now - this.#progress);
			this.#progress = now;
			this.#turns.won();
		}
		this.#later();
	};

	#sleep(holds: boolean): void {
		const crew = this.#crew;
		this.#hold(holds);
		if (this.#asleep) return;
		this.#asleep = true;
		this.#asleepSince = this.#progress;
		(crew.board as NonNullable<typeof crew.board>).asleep = true;
		// Written in between: nobody sends a message for it.
		if (crew.results.collect()) this.#later();
	}

	#awake(): void {
		if (!this.#asleep) return;
		this.#asleep = false;
		const { board } = this.#crew;
		if (board !== null) board.asleep = false;
	}

	/** A thread has sent a message, since results were written while this slept. */
	woken(): void {
		this.#awake();
		this.#progress = hostNow();
		this.#turns.missed(this.#progress - this.#asleepSince);
		this.#crew.results.collect();
		this.#crew.threads.sweep();
		this.#crew.pump();
		if (this.#crew.board !== null) this.#later();
	}

	/** Whether the process has to stay alive for the calls that are out. */
	get holds(): boolean {
		const { pool, sent, queue, threads } = this.#crew;
		return pool.holds && (sent > 0 || queue.size > 0 || threads.linked > 0);
	}

	/** A runtime has begun or ceased to be waited for. */
	rootsChanged(): void {
		if (this.#refd !== this.holds && !this.#turning) this.#hold(this.holds);
	}

	#hold(on: boolean): void {
		if (this.#refd === on) return;
		this.#refd = on;
		this.#crew.threads.ref(on);
	}
}

/** Whether tasks wait to be run. */
function busy(): boolean {
	for (const runtime of S.runtimes) if (runtime.queue.size > 0) return true;
	return false;
}
