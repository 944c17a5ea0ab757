// Sizes that should cost in proportion: tasks, branches, depth, waiters. One unit of each is one operation.
import { asyncFn, join, pending, run, select, spawn, yieldNow } from "yamanote";
import { check } from "../lib/checks.mjs";

const yieldOnce = asyncFn(function* (value) {
	yield* yieldNow();
	return value;
});

// Each level yields before it calls on: a call that has not yet waited is on the native stack, in any runtime, and it is
// the depth of waiting calls that may grow.
const deepYields = asyncFn(function* (depth, times) {
	if (depth > 0) {
		yield* yieldNow();
		return 1 + (yield* deepYields(depth - 1, times));
	}
	for (let i = 0; i < times; i++) yield* yieldNow();
	return 0;
});

const deepPending = asyncFn(function* (depth, count) {
	try {
		yield* yieldNow();
		if (depth > 0) yield* deepPending(depth - 1, count);
		count.reached = true;
		yield* pending();
	} finally {
		count.unwound++;
	}
});

const tenYields = asyncFn(function* () {
	for (let i = 0; i < 10; i++) yield* yieldNow();
});

const awaitHandle = asyncFn(function* (handle) {
	return yield* handle;
});

const parkUntilAborted = asyncFn(function* (count) {
	try {
		yield* pending();
	} finally {
		count.ended++;
	}
});

const chain = asyncFn(function* (depth) {
	if (depth === 0) return 0;
	return 1 + (yield* spawn(chain(depth - 1)));
});

const many = (n, f) => Array.from({ length: n }, (_, i) => f(i));

/** Each future is made anew for each run. */
const axis = (what, f) => ({ what, run: (n) => run(f(n)) });

export const axes = {
	tasks: axis(
		"10 yields of each of n tasks",
		asyncFn(function* (n) {
			const handles = many(n, () => spawn(tenYields()));
			for (const handle of handles) yield* handle;
		}),
	),

	join_branches: axis(
		"join of n that yield once",
		asyncFn(function* (n) {
			check("values", (yield* join(many(n, yieldOnce))).length, n);
		}),
	),

	select_branches: axis(
		"select of n, one of which yields once",
		asyncFn(function* (n) {
			const branches = Object.fromEntries(many(n - 1, (i) => [`b${i}`, pending()]));
			check("winner", (yield* select({ ...branches, last: yieldOnce(7) })).value, 7);
		}),
	),

	deep_resume: axis(
		"n yields at depth n",
		asyncFn(function* (n) {
			check("depth", yield* deepYields(n, n), n);
		}),
	),

	chain_depth: axis(
		"one chain of n spawns",
		asyncFn(function* (n) {
			check("depth", yield* spawn(chain(n)), n);
		}),
	),

	handle_waiters: axis(
		"n tasks await one handle",
		asyncFn(function* (n) {
			const handle = spawn(yieldOnce(1));
			const waiters = many(n, () => spawn(awaitHandle(handle)));
			let sum = 0;
			for (const waiter of waiters) sum += yield* waiter;
			check("sum", sum, n);
		}),
	),

	abort_tasks: axis(
		"n parked tasks aborted",
		asyncFn(function* (n) {
			const count = { ended: 0 };
			const handles = many(n, () => spawn(parkUntilAborted(count)));
			yield* yieldNow();
			for (const handle of handles) handle.abort();
			for (const handle of handles) {
				try {
					yield* handle;
				} catch {}
			}
			check("ended", count.ended, n);
		}),
	),

	unwind_depth: axis(
		"a task n calls deep aborted",
		asyncFn(function* (n) {
			const count = { reached: false, unwound: 0 };
			const handle = spawn(deepPending(n - 1, count));
			while (!count.reached) yield* yieldNow();
			handle.abort();
			try {
				yield* handle;
			} catch {}
			check("frames", count.unwound, n);
		}),
	),
};
