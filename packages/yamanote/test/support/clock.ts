/** A paused clock for the default runtime: time passes by itself when nothing else is left to do, or by `advance`. */
import { advance, Instant, pause, resume, run } from "yamanote";
import { microtasks } from "./host.ts";

export interface PausedClock {
	/** Milliseconds since the test paused it. */
	readonly now: number;
	/** Moves the clock on, and lets what is due run. */
	advance(ms: number): Promise<void>;
}

/** Runs the body with the clock of the default runtime paused. */
export async function paused<T>(body: (clock: PausedClock) => Promise<T>): Promise<T> {
	pause();
	const start = Instant.now();
	try {
		return await body({
			get now() {
				return Instant.now().since(start);
			},
			async advance(ms) {
				await run(advance(ms));
				await microtasks();
			},
		});
	} finally {
		resume();
	}
}
