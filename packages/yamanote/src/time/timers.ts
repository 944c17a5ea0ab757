/**
 * The time driver of a runtime: its clock, which can be paused, and its wheel behind one host timer.
 *
 * Ticks are milliseconds since the driver was made. A deadline is rounded up to a tick, and a tick is over only when the clock has passed it,
 * so that no timer fires early.
 */
import { type HostHandle, hostNow, hostTurn, MAX_HOST_DELAY, setHostTimer } from "../core/host.ts";
import { currentRuntime, type RuntimeCore } from "../core/runtime-core.ts";
import { S } from "../core/shared.ts";
import { ClockHeld, ForeignClockError, NotPausedError } from "./error.ts";
import { Wheel, type WheelEntry } from "./wheel.ts";

const slot = Symbol.for("yamanote.timers.v1");
const HELD_MS = 1_000;

/** @internal */
export class Timers {
	readonly #runtime: RuntimeCore;
	readonly #wheel = new Wheel();
	readonly #start: number = hostNow();
	#host: HostHandle | null = null;
	/** The tick that the host timer is armed for. */
	#armedFor = Infinity;
	/** The virtual time, when the clock is paused. */
	#paused: number | null = null;
	#turn = false;
	#heldTimer: HostHandle | null = null;
	/** What is added to the host's clock: negative after a pause. */
	#shift = 0;

	constructor(runtime: RuntimeCore, startPaused: boolean) {
		this.#runtime = runtime;
		const before = runtime.onIdle;
		runtime.onIdle = () => {
			before?.();
			this.#idle();
		};
		if (startPaused) this.pause(0);
	}

	/** Milliseconds since the driver was made, with fractions. */
	now(): number {
		return this.#paused ?? hostNow() - this.#start + this.#shift;
	}

	get size(): number {
		return this.#wheel.size;
	}

	get isPaused(): boolean {
		return this.#paused !== null;
	}

	/** Arms an entry for `deadline` (as `now` counts). False if it has passed. */
	arm(entry: WheelEntry, deadline: number): boolean {
		const runtime = S.task?.runtime;
		if (runtime !== undefined && runtime !== this.#runtime && (this.isPaused || timersOf(runtime).isPaused)) {
			throw new ForeignClockError(this.#runtime.name, runtime.name);
		}
		entry.tick = Math.ceil(deadline);
		const wheel = this.#wheel;
		// An empty wheel has nothing to fire: it jumps, and its levels stay shallow.
		if (wheel.size === 0) wheel.now = Math.floor(this.now());
		if (!wheel.insert(entry)) return false;
		if (entry.tick < this.#armedFor && this.#paused === null) this.#arm(entry.tick);
		return true;
	}

	disarm(entry: WheelEntry): void {
		this.#wheel.remove(entry);
	}

	#arm(tick: number): void {
		this.#release();
		this.#armedFor = tick;
		const ms = Math.min(Math.max(Math.ceil(tick - this.now()), 1), MAX_HOST_DELAY);
		this.#host = setHostTimer(ms, () => this.#onHost());
		if (this.#runtime.roots > 0) this.#host.ref(true);
		this.#runtime.handles.add(this.#host);
	}

	#release(): void {
		if (this.#host === null) return;
		this.#runtime.handles.delete(this.#host);
		this.#host.cancel();
		this.#host = null;
		this.#armedFor = Infinity;
	}

	#onHost(): void {
		this.#release();
		if (this.#paused !== null) return;
		this.#wheel.advance(Math.floor(this.now()));
		this.#rearm();
	}

	#rearm(): void {
		const next = this.#wheel.next();
		if (next < this.#armedFor && this.#paused === null) this.#arm(next);
	}

	/** The queue is empty: a host timer that waits for nothing goes, and a paused clock may advance by itself. */
	#idle(): void {
		if (this.#wheel.size === 0) {
			this.#release();
			return;
		}
		if (this.#paused === null || this.#turn) return;
		this.#turn = true;
		const { handles, roots } = this.#runtime;
		// Without a root waiter nothing may keep the process alive, a paused clock least of all.
		const later = roots > 0 ? hostTurn : (f: () => void) => setHostTimer(1, f);
		const turn = later(() => {
			if (turn !== null) handles.delete(turn);
			this.#turn = false;
			this.#autoAdvance();
		});
		if (turn === null) return;
		handles.add(turn);
		if (roots > 0) turn.ref(true);
	}

	#autoAdvance(): void {
		const runtime = this.#runtime;
		if (this.#paused === null || runtime.head !== null || this.#wheel.size === 0) return;
		if (runtime.hostWork > 0) {
			this.#heldTimer ??= setHostTimer(HELD_MS, () => {
				this.#heldTimer = null;
				if (this.#paused === null || runtime.hostWork === 0 || runtime.head !== null) return;
				const error = new ClockHeld([...(runtime.workNames?.values() ?? [])]);
				runtime.limits.onUnhandled({ error, task: "the paused clock", runtime: runtime.name, when: "unobserved" });
			});
			return;
		}
		this.#heldTimer?.cancel();
		this.#heldTimer = null;
		while (runtime.head === null && this.#wheel.size > 0) {
			const next = this.#wheel.next();
			if (next > this.#paused) this.#paused = next;
			this.#wheel.advance(Math.floor(this.#paused));
		}
	}

	/** A paused clock stands at a whole millisecond. */
	pause(at: number = Math.ceil(this.now())): void {
		if (this.#paused !== null) return;
		this.#paused = at;
		this.#runtime.workNames = new Map();
		this.#release();
		if (this.#runtime.head === null) this.#idle();
	}

	resume(): void {
		if (this.#paused === null) throw new NotPausedError("resume");
		this.#shift = this.#paused - (hostNow() - this.#start);
		this.#paused = null;
		this.#runtime.workNames = null;
		this.#heldTimer?.cancel();
		this.#heldTimer = null;
		this.#rearm();
	}

	/** Moves a paused clock on by `ms`, and fires what is due. */
	advance(ms: number): void {
		if (this.#paused === null) throw new NotPausedError("advance");
		this.#paused += ms;
		this.#wheel.advance(Math.floor(this.#paused));
	}
}

/** @internal The time driver of a runtime, made on first use. */
export function timersOf(runtime: RuntimeCore): Timers {
	let timers = runtime.slots.get(slot) as Timers | undefined;
	if (timers === undefined) {
		timers = new Timers(runtime, runtime.startPaused);
		runtime.slots.set(slot, timers);
	}
	return timers;
}

/** @internal The time driver of the current runtime. */
export function currentTimers(): Timers {
	return timersOf(currentRuntime());
}
