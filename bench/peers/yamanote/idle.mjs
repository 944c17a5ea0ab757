import { asyncFn, spawn, yieldNow } from "yamanote";
import { Notify } from "yamanote/sync";
import { programs } from "./program.mjs";

const park = asyncFn(function* (never, count) {
	count.parked++;
	yield* never.notified();
});

export const workloads = programs({
	idle_tasks: asyncFn(function* (n) {
		const never = new Notify();
		const count = { parked: 0 };
		const handles = Array.from({ length: n }, () => spawn(park(never, count)));
		while (count.parked < n) yield* yieldNow();
		return handles;
	}),
});
