/**
 * A clock that stands still: it moves by `advance`, and by itself when every task waits and no host work is in flight; then it jumps to the next
 * deadline. It comes with the functions that pause clocks: timers and promises speak to it by the runtime.
 */
import { type HostHandle, hostTurn, setHostTimer } from "../core/host.ts";
import { isAwaited } from "../core/process-life.ts";
import type { PausedClock as Port, RuntimeCore } from "../core/runtime-core.ts";
import { ClockHeld, ForeignClockError } from "./error.ts";

const HELD_MS = 1_000;

/** @internal The part of a time driver that a paused clock moves. */
export interface Timers {
	/** The time at which the clock stands. */
	shift: number;
	readonly wheel: { readonly size: number; next(): number; advance(tick: number): void };
}

/** @internal */
export class PausedClock implements Port {
	readonly work: Map<object, string> = new Map();
	readonly #runtime: RuntimeCore;
	/** It looks again in a later turn. */
	#turn = false;
	#heldTimer: HostHandle | null = null;

	constructor(runtime: RuntimeCore) {
		this.#runtime = runtime;
	}

	idle(timers: Timers): void {
		if (this.#turn) return;
		this.#turn = true;
		const { handles } = this.#runtime;
		const awaited = isAwaited(this.#runtime);
		// Without a root waiter nothing may keep the process alive, a paused clock least of all.
		const later = awaited ? hostTurn : (f: () => void) => setHostTimer(1, f);
		const turn = later(() => {
			if (turn !== null) handles.delete(turn);
			this.#turn = false;
			this.#moveOn(timers);
		});
		if (turn === null) return;
		handles.add(turn);
		if (awaited) turn.ref(true);
	}

	#moveOn(timers: Timers): void {
		const runtime = this.#runtime;
		const { wheel } = timers;
		if (!this.#stands() || wheel.size === 0) return;
		if (runtime.hostWork > 0) {
			if (this.#heldTimer === null) this.#watch();
			return;
		}
		this.stop();
		while (runtime.queue.size === 0 && wheel.size > 0) {
			const next = wheel.next();
			if (next > timers.shift) timers.shift = next;
			wheel.advance(Math.floor(timers.shift));
		}
	}

	/** Says what holds it, if that has not ended in a while. */
	#watch(): void {
		const runtime = this.#runtime;
		this.#heldTimer = runtime.timer(HELD_MS, () => {
			this.#heldTimer = null;
			if (!this.#stands() || runtime.hostWork === 0) return;
			runtime.report(new ClockHeld([...this.work.values()]), "the paused clock", "unobserved");
		});
	}

	/** It is the clock still, and nothing is ready. */
	#stands(): boolean {
		return this.#runtime.clock === this && this.#runtime.queue.size === 0;
	}

	stop(): void {
		this.#heldTimer?.cancel();
		this.#heldTimer = null;
	}

	refuse(own: string, waiting: string): never {
		throw new ForeignClockError(own, waiting);
	}
}
