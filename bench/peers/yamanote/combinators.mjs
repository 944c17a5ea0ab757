import { asyncFn, join, pending, select, yieldNow } from "yamanote";
import { check } from "../lib/checks.mjs";
import { programs } from "./program.mjs";

const yieldOnce = asyncFn(function* (value) {
	yield* yieldNow();
	return value;
});

export const workloads = programs({
	join3: asyncFn(function* (n) {
		for (let i = 0; i < n; i++) {
			const [a, b, c] = yield* join([yieldOnce(1), yieldOnce(2), yieldOnce(3)]);
			check("join", a + b + c, 6);
		}
	}),

	select2: asyncFn(function* (n) {
		for (let i = 0; i < n; i++) {
			const { key, value } = yield* select({ ready: yieldOnce(i), never: pending() });
			check("branch", key, "ready");
			check("winner", value, i);
		}
	}),
});
