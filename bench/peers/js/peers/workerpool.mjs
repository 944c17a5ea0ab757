import { fileURLToPath } from "node:url";
import workerpool from "workerpool";
import { poolWorkloads, THREADS } from "../../lib/pool.mjs";

export const workloads = poolWorkloads(() => {
	const pool = workerpool.pool(fileURLToPath(new URL("../workers/workerpool.mjs", import.meta.url)), {
		minWorkers: THREADS,
		maxWorkers: THREADS,
		workerType: "thread",
	});
	return { run: (name, arg) => pool.exec(name, [arg]), close: () => pool.terminate() };
});
