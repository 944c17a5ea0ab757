// The workloads over a worker pool, shared by all pool peers: a pool is { run(name, arg): Promise, close(): Promise }.
import { check, per } from "./checks.mjs";
import { fib, sumSquares } from "./jobs.mjs";

const expectedSum = (n) => {
	const cycle = (k) => ((k - 1) * k * (2 * k - 1)) / 24; // (0/2)^2 + ... + ((k-1)/2)^2
	return Math.floor(n / 1000) * cycle(1000) + cycle(n % 1000);
};

export const THREADS = 2;
const IN_FLIGHT = 1000;
const CHUNKS = 8;
const FIB = 32;
const FIB_32 = 2178309;

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
			serial(n) {
				for (let i = 0; i < n; i++) check("fib", fib(FIB), FIB_32);
			},
		},
		par_sum: {
			async setup(n) {
				const pool = await setup();
				const buffer = new SharedArrayBuffer(n * 8);
				const xs = new Float64Array(buffer);
				for (let i = 0; i < n; i++) xs[i] = (i % 1000) * 0.5;
				return { pool, buffer, close: () => pool.close() };
			},
			teardown,
			async run(n, { pool, buffer }) {
				const jobs = [];
				for (let c = 0; c < CHUNKS; c++) {
					jobs.push(
						pool.run("sumSquares", {
							buffer,
							from: Math.floor((n * c) / CHUNKS),
							to: Math.floor((n * (c + 1)) / CHUNKS),
						}),
					);
				}
				// the values are multiples of 1/2 below 500, so every partial sum is exact
				check(
					"sum",
					(await Promise.all(jobs)).reduce((a, b) => a + b, 0),
					expectedSum(n),
				);
				return n;
			},
			serial: (n, { buffer }) => sumSquares({ buffer, from: 0, to: n }),
		},
	};
};
