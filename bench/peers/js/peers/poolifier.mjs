import { fileURLToPath } from "node:url";
import { FixedThreadPool } from "poolifier";
import { poolWorkloads, THREADS } from "../../lib/pool.mjs";

export const workloads = poolWorkloads(() => {
	const pool = new FixedThreadPool(THREADS, fileURLToPath(new URL("../workers/poolifier.mjs", import.meta.url)));
	return { run: (name, arg) => pool.execute(arg, name), close: () => pool.destroy() };
});
