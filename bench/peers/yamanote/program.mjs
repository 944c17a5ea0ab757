// How a workload's future becomes what the harness times: a promise.
import { run, yieldNow } from "yamanote";

/** `{ name: asyncFn }` as `{ name: (n) => promise }`. */
export const programs = (futures) =>
	Object.fromEntries(Object.entries(futures).map(([name, f]) => [name, (n) => run(f(n))]));

/** A task that is spawned now and yields twice ends after all that were spawned before it have waited. */
export const reached = () =>
	run(function* () {
		yield* yieldNow();
		yield* yieldNow();
	});
