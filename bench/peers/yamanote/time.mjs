import { asyncFn, sleep, spawn, timeout, yieldNow } from "yamanote";
import { check, sleepMs } from "../lib/checks.mjs";
import { programs } from "./program.mjs";

const yieldOnce = asyncFn(function* (value) {
	yield* yieldNow();
	return value;
});

const nap = asyncFn(function* (ms, count) {
	yield* sleep(ms);
	count.woken++;
});

export const workloads = programs({
	timeout_ready: asyncFn(function* (n) {
		for (let i = 0; i < n; i++) check("value", yield* timeout(5_000, yieldOnce(i)), i);
	}),

	sleep_many: asyncFn(function* (n) {
		const count = { woken: 0 };
		const handles = Array.from({ length: n }, (_, i) => spawn(nap(sleepMs(i), count)));
		for (const handle of handles) yield* handle;
		check("woken", count.woken, n);
	}),
});
