// The workloads over a worker pool, shared by all pool peers: a pool is { run(name, arg): Promise, close(): Promise }.
import { check, per } from "./checks.mjs";
import { fib, mandelbrotRow, sumSquares } from "./jobs.mjs";

export const THREADS = 2;
export const IN_FLIGHT = 1000;
const CHUNKS = 8;
export const FIB = 32;
export const FIB_32 = 2178309;

/** n numbers, multiples of 1/2 below 500, so that every partial sum of squares is exact. */
export function numbers(n) {
	const buffer = new SharedArrayBuffer(n * 8);
	const xs = new Float64Array(buffer);
	for (let i = 0; i < n; i++) xs[i] = (i % 1000) * 0.5;
	return buffer;
}

/** The sum of the squares of `numbers(n)`. */
export function expectedSum(n) {
	const cycle = (k) => ((k - 1) * k * (2 * k - 1)) / 24; // (0/2)^2 + ... + ((k-1)/2)^2
	return Math.floor(n / 1000) * cycle(1000) + cycle(n % 1000);
}

/** `f(from, to)` for each of the chunks of 0 to n. */
export const inChunks = (n, f) =>
	Array.from({ length: CHUNKS }, (_, c) => f(Math.floor((n * c) / CHUNKS), Math.floor((n * (c + 1)) / CHUNKS)));

/** The same without threads: what `cpu_scale` is compared with. */
export function fibs(n) {
	for (let i = 0; i < n; i++) check("fib", fib(FIB), FIB_32);
}

/** All rows, one after the other. */
export function mandelbrot(n) {
	let steps = 0;
	for (let row = 0; row < n; row++) steps += mandelbrotRow(row, n);
	return steps;
}

const known = new Map();
/** The steps of a picture of n rows. */
export const MANDELBROT = (n) => {
	if (!known.has(n)) known.set(n, mandelbrot(n));
	return known.get(n);
};

export const poolWorkloads = (open) => {
	const setup = async () => {
		const pool = await open();
		await Promise.all(Array.from({ length: 64 }, (_, i) => pool.run("identity", i))); // all threads are up
		return pool;
	};
	const teardown = (pool) => pool.close();
	return {
		blocking_roundtrip: {
			setup,
			teardown,
			async run(n, pool) {
				for (let i = 0; i < n; i++) check("result", await pool.run("identity", i), i);
				return n;
			},
		},
		blocking_burst: {
			setup,
			teardown,
			async run(n, pool) {
				const each = per(n, IN_FLIGHT);
				const caller = async (id) => {
					for (let i = 0; i < each; i++) check("result", await pool.run("identity", id * each + i), id * each + i);
				};
				await Promise.all(Array.from({ length: IN_FLIGHT }, (_, id) => caller(id)));
				return each * IN_FLIGHT;
			},
		},
		cpu_scale: {
			setup,
			teardown,
			minWarm: 4,
			async run(n, pool) {
				const results = await Promise.all(Array.from({ length: n }, () => pool.run("fib", FIB)));
				for (const r of results) check("fib", r, FIB_32);
				return n;
			},
			serial: fibs,
		},
		par_sum: {
			async setup(n) {
				const pool = await setup();
				return { pool, buffer: numbers(n), close: () => pool.close() };
			},
			teardown,
			async run(n, { pool, buffer }) {
				const sums = await Promise.all(inChunks(n, (from, to) => pool.run("sumSquares", { buffer, from, to })));
				check(
					"sum",
					sums.reduce((a, b) => a + b, 0),
					expectedSum(n),
				);
				return n;
			},
			serial: (n, { buffer }) => sumSquares({ buffer, from: 0, to: n }),
		},
		mandelbrot: {
			setup,
			teardown,
			async run(n, pool) {
				const rows = await Promise.all(Array.from({ length: n }, (_, row) => pool.run("mandelbrotJob", [row, n])));
				const steps = rows.reduce((a, b) => a + b, 0);
				check("points", steps, MANDELBROT(n));
				return n;
			},
			serial: mandelbrot,
		},
	};
};
