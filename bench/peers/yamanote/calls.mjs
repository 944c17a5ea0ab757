import { asyncFn, yieldNow } from "yamanote";
import { check } from "../lib/checks.mjs";
import { programs } from "./program.mjs";

const deep = asyncFn(function* (depth) {
	if (depth > 0) return 1 + (yield* deep(depth - 1));
	yield* yieldNow();
	return 0;
});

const deepYields = asyncFn(function* (depth, times) {
	if (depth > 0) return 1 + (yield* deepYields(depth - 1, times));
	for (let i = 0; i < times; i++) yield* yieldNow();
	return 0;
});

export const workloads = programs({
	deep_await: asyncFn(function* (n) {
		for (let i = 0; i < n; i++) check("depth", yield* deep(100), 100);
	}),

	deep_resume: asyncFn(function* (n) {
		check("depth", yield* deepYields(100, n), 100);
	}),
});
