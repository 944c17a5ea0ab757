// How a workload's future becomes what the harness times: a promise.
import { run } from "yamanote";

/** `{ name: asyncFn }` as `{ name: (n) => promise }`. */
export const programs = (futures) =>
	Object.fromEntries(Object.entries(futures).map(([name, f]) => [name, (n) => run(f(n))]));
