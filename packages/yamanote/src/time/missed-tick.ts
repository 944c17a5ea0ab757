/** What an interval does about ticks that it missed: `MissedTickBehavior`. */

/**
 * What an interval does when a tick is taken more than 5 ms late (less is not counted as missed).
 *
 * - `"burst"`: the missed ticks come at once, one after the other, until it has caught up. The default.
 * - `"delay"`: the next tick comes one period after the late one was taken; from then on the phase is shifted.
 * - `"skip"`: the missed ticks are dropped; the next one comes at the next multiple of the period from the start.
 *
 * @source `tokio::time::MissedTickBehavior`
 */
export type MissedTickBehavior = "burst" | "delay" | "skip";

/** The names of {@link MissedTickBehavior}. */
export const MissedTickBehavior: {
	readonly Burst: "burst";
	readonly Delay: "delay";
	readonly Skip: "skip";
} = { Burst: "burst", Delay: "delay", Skip: "skip" };

const TOLERANCE_MS = 5;

/** @internal When the tick after the one that was due at `due` and is taken `now` comes. */
export function nextTick(behavior: MissedTickBehavior, due: number, now: number, period: number): number {
	if (behavior === "burst" || now - due <= TOLERANCE_MS) return due + period;
	return behavior === "delay" ? now + period : now + period - ((now - due) % period);
}

/** @internal */
export function checkBehavior(behavior: MissedTickBehavior): MissedTickBehavior {
	if (behavior !== "burst" && behavior !== "delay" && behavior !== "skip")
		throw new TypeError(`a missed tick behavior is "burst", "delay" or "skip", not ${String(behavior)}`);
	return behavior;
}
