import Tinypool from "tinypool";
import { poolWorkloads, THREADS } from "../../lib/pool.mjs";

export const workloads = poolWorkloads(() => {
	const pool = new Tinypool({
		filename: new URL("../workers/named-exports.mjs", import.meta.url).href,
		minThreads: THREADS,
		maxThreads: THREADS,
	});
	return { run: (name, arg) => pool.run(arg, { name }), close: () => pool.destroy() };
});
