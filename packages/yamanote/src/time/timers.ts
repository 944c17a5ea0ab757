/**
 * The time driver of a runtime: its clock, and its wheel behind one host timer.
 *
 * Ticks are milliseconds since the driver was made. A deadline is rounded up to a tick, and a tick is over only when the clock has passed it,
 * so that no timer fires early. While the clock is paused (`runtime.clock`), no host timer is armed.
 */
import { type HostHandle, hostNow } from "../core/host.ts";
import { currentRuntime, type RuntimeCore } from "../core/runtime-core.ts";
import { runningTask } from "../core/shared.ts";
import { Wheel, type WheelEntry } from "./wheel.ts";

const slot = Symbol.for("yamanote.timers.v1");

/** @internal */
export class Timers {
	readonly runtime: RuntimeCore;
	readonly wheel: Wheel = new Wheel();
	/** What is added to the host's clock; the time itself while the clock is paused. */
	shift: number;
	#host: HostHandle | null = null;
	/** The tick that the host timer is armed for. */
	#armedFor = Infinity;

	constructor(runtime: RuntimeCore) {
		this.runtime = runtime;
		this.shift = runtime.clock === null ? -hostNow() : 0;
		const before = runtime.onIdle;
		runtime.onIdle = () => {
			before?.();
			this.idle();
		};
	}

	/** Milliseconds since the driver was made, with fractions. */
	now(): number {
		return this.runtime.clock === null ? hostNow() + this.shift : this.shift;
	}

	/** Arms an entry for `deadline` (as `now` counts). False if it has passed. */
	arm(entry: WheelEntry, deadline: number): boolean {
		const { runtime, wheel } = this;
		const waiting = runningTask()?.runtime ?? runtime;
		if (waiting !== runtime) (runtime.clock ?? waiting.clock)?.refuse(runtime.name, waiting.name);
		entry.tick = Math.ceil(deadline);
		// An empty wheel has nothing to fire: it jumps, and its levels stay shallow.
		if (wheel.size === 0) wheel.now = Math.floor(this.now());
		if (!wheel.insert(entry)) return false;
		this.#armBy(entry.tick);
		return true;
	}

	/** The host timer fires at `tick` at the latest. */
	#armBy(tick: number): void {
		const { runtime } = this;
		if (tick >= this.#armedFor || runtime.clock !== null) return;
		this.release();
		this.#armedFor = tick;
		this.#host = runtime.timer(Math.max(Math.ceil(tick - this.now()), 1), () => {
			this.release();
			if (runtime.clock !== null) return;
			this.wheel.advance(Math.floor(this.now()));
			this.rearm();
		});
	}

	/** Arms the host timer for what is due next. */
	rearm(): void {
		this.#armBy(this.wheel.next());
	}

	/** Disarms the host timer. */
	release(): void {
		this.#host?.cancel();
		this.#host = null;
		this.#armedFor = Infinity;
	}

	/** The queue is empty: a host timer that waits for nothing goes, and a paused clock may advance by itself. */
	idle(): void {
		if (this.wheel.size === 0) this.release();
		else this.runtime.clock?.idle(this);
	}
}

/** @internal The time driver of a runtime, made on first use. */
export function timersOf(runtime: RuntimeCore): Timers {
	let timers = runtime.slots.get(slot) as Timers | undefined;
	if (timers === undefined) {
		timers = new Timers(runtime);
		runtime.slots.set(slot, timers);
	}
	return timers;
}

/** @internal The time driver of the current runtime. */
export function currentTimers(): Timers {
	return timersOf(currentRuntime());
}
