import { asyncFn, join, run, spawn } from "yamanote";
import { parallel, spawnBlocking, ThreadPool } from "yamanote/threads";
import { check, per } from "../lib/checks.mjs";
import { sumSquares } from "../lib/jobs.mjs";
import { expectedSum, FIB, FIB_32, fibs, IN_FLIGHT, MANDELBROT, mandelbrot, numbers } from "../lib/pool.mjs";
import { jobs as functions } from "./jobs.mjs";

const pool = new ThreadPool();
const jobs = pool.bind(functions);
/** All threads are up before anything is timed, and have had as many calls as in other pools: by these alone the first thread might do them all. */
const setup = () =>
	run(function* () {
		yield* pool.warmUp(functions);
		yield* join(Array.from({ length: 64 }, (_, i) => jobs.identity(i)));
	});

/** A workload on threads that are up: `f(n, what setup made)`. */
const onThreads = (f, more) => ({ setup, run: (n, ctx) => run(f(n, ctx)), ...more });

const roundTrips = asyncFn(function* (from, count) {
	for (let i = from; i < from + count; i++) check("result", yield* spawnBlocking(jobs.identity, i), i);
});

export const workloads = {
	blocking_roundtrip: onThreads((n) => roundTrips(0, n)),

	blocking_burst: onThreads(
		asyncFn(function* (n) {
			const each = per(n, IN_FLIGHT);
			const callers = Array.from({ length: IN_FLIGHT }, (_, id) => spawn(roundTrips(id * each, each)));
			for (const caller of callers) yield* caller;
			return each * IN_FLIGHT;
		}),
	),

	cpu_scale: onThreads(
		asyncFn(function* (n) {
			const handles = Array.from({ length: n }, () => spawnBlocking(jobs.fib, FIB));
			for (const handle of handles) check("fib", yield* handle, FIB_32);
		}),
		{ minWarm: 4, serial: fibs },
	),

	par_sum: onThreads(
		asyncFn(function* (n, buffer) {
			const xs = new Float64Array(buffer, 0, n);
			check("sum", yield* parallel(xs).chunks().sum(jobs.squares), expectedSum(n));
		}),
		{
			async setup(n) {
				await setup();
				return numbers(n);
			},
			serial: (n, buffer) => sumSquares({ buffer, from: 0, to: n }),
		},
	),

	mandelbrot: onThreads(
		asyncFn(function* (n) {
			check("points", yield* parallel({ to: n }).sum(jobs.mandelbrotRow, n), MANDELBROT(n));
		}),
		{ serial: mandelbrot },
	),
};
