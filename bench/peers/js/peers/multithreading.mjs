// The functions travel as text, and import what they need: as its README shows it. It needs Node 22 or later.
import { poolWorkloads, THREADS } from "../../lib/pool.mjs";

const runsHere = globalThis.navigator !== undefined && Promise.withResolvers !== undefined;
const { initRuntime, move, shutdown, spawn } = runsHere ? await import("multithreading") : {};
const jobs = new URL("../../lib/jobs.mjs", import.meta.url).href;

const calls = {
	identity: (x) => spawn(move(x), (x) => x),
	fib: (n) => spawn(move(n, jobs), async (n, jobs) => (await import(jobs)).fib(n)),
	sumSquares: (part) => spawn(move(part, jobs), async (part, jobs) => (await import(jobs)).sumSquares(part)),
	mandelbrotJob: (row) => spawn(move(row, jobs), async (row, jobs) => (await import(jobs)).mandelbrotJob(row)),
};

export const workloads = runsHere
	? poolWorkloads(() => {
			initRuntime({ maxWorkers: THREADS });
			return {
				async run(name, arg) {
					const result = await calls[name](arg).join();
					if (!result.ok) throw result.error;
					return result.value;
				},
				close: () => shutdown(),
			};
		})
	: {};
