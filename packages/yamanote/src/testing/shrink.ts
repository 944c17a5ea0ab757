/** Fewer deviations that still fail: delta debugging (Zeller). */
import type { Deviation } from "./schedule.ts";

/**
 * Leaves out deviations as long as the rest still fails.
 *
 * @param fails - runs a schedule; gives what was really answered if it failed in the same way, else null
 * @param runs - the most schedules that are run
 * @internal
 */
export async function shrink(
	deviations: readonly Deviation[],
	fails: (deviations: readonly Deviation[]) => Promise<readonly Deviation[] | null>,
	runs: number,
): Promise<readonly Deviation[]> {
	let best = deviations;
	let chunk = Math.ceil(best.length / 2);
	while (best.length > 0 && runs > 0) {
		let smaller: readonly Deviation[] | null = null;
		for (let from = 0; from < best.length && runs > 0; from += chunk) {
			runs--;
			const answered = await fails([...best.slice(0, from), ...best.slice(from + chunk)]);
			if (answered !== null && answered.length < best.length) {
				smaller = answered;
				break;
			}
		}
		if (smaller !== null) {
			best = smaller;
			chunk = Math.min(chunk, Math.ceil(best.length / 2)) || 1;
		} else if (chunk === 1) break;
		else chunk = Math.ceil(chunk / 2);
	}
	return best;
}
