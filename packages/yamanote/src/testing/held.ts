/**
 * A program that only promises can move on. They may come from the host, or from tasks of the program that sleep or wait themselves: nobody can
 * tell, so they are given some time of the real clock. What never comes costs that once in an exploration, not in each of its schedules.
 */
import { Listening } from "../core/from-promise.ts";
import { setHostTimer } from "../core/host.ts";
import { moveClock } from "../time/clock.ts";
import type { Timers } from "../time/timers.ts";

/** @internal How long promises are waited for: one for all schedules of an exploration. */
export class Patience {
	/** At first; then 1,000 if they have ever come so, and 2 once they have not. */
	ms = 250;
}

/**
 * Waits for the promises; lets sleeps end that they may wait for, or says what holds the program.
 *
 * @param since - gives another number when the program has gone on, null when it has ended
 * @internal
 */
export function whenHeld(
	timers: Timers,
	patience: Patience,
	since: () => number | null,
	held: (work: string) => void,
): void {
	const { runtime, wheel } = timers;
	const before = since();
	const timer = setHostTimer(patience.ms, () => {
		const now = since();
		if (now === null) return;
		if (now !== before || runtime.queue.size > 0 || runtime.hostWork === 0) {
			patience.ms = 1_000;
			return;
		}
		patience.ms = Math.min(patience.ms, 2);
		const work = runtime.clock?.work ?? new Map<object, string>();
		if (wheel.size > 0 && [...work.keys()].every((key) => key instanceof Listening)) sleepOn(timers);
		else held([...work.values()].join(", "));
	});
	timer.ref(true);
}

function sleepOn(timers: Timers): void {
	const { runtime, wheel } = timers;
	runtime.clock?.stop();
	while (runtime.queue.size === 0 && wheel.size > 0) moveClock(timers, Math.max(0, wheel.next() - timers.shift));
}

/** @internal Calls `f` after so many microtasks, at least one. */
export function afterMicrotasks(n: number, f: () => void): void {
	queueMicrotask(n === 1 ? f : () => afterMicrotasks(n - 1, f));
}
