/** Pools that are shut down after each test. */
import { afterEach } from "vitest";
import { type PoolOptions, ThreadPool } from "yamanote/threads";

/** Call it once in a file: gives a function that makes pools. */
export function pools(): (options?: PoolOptions) => ThreadPool {
	const made: ThreadPool[] = [];
	afterEach(async () => {
		for (const pool of made.splice(0)) await pool.shutdown({ timeout: 0 });
	});
	return (options = {}) => {
		// A lost wake-up must not be mended by the end of an idle thread.
		const pool = new ThreadPool({ maxBlockingThreads: 1, threadKeepAlive: Infinity, ...options });
		made.push(pool);
		return pool;
	};
}
