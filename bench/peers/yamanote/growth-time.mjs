// Timers: arming and cancelling must not depend on how many others there are.
import { asyncFn, run, sleep, spawn, timeout, yieldNow } from "yamanote";

const yieldOnce = asyncFn(function* (value) {
	yield* yieldNow();
	return value;
});

export const axes = {
	timers_alive: {
		what: "n timeouts while n tasks sleep",
		run: (n) =>
			run(
				(function* () {
					const asleep = Array.from({ length: n }, (_, i) => spawn(sleep(60_000 + i)));
					yield* yieldNow();
					for (let i = 0; i < n; i++) yield* timeout(5_000 + i, yieldOnce(i));
					for (const handle of asleep) handle.abort();
					for (const handle of asleep) {
						try {
							yield* handle;
						} catch {}
					}
				})(),
			),
	},
};
