const { sums } = require("./sums.worker.cjs");
const { ThreadPool } = require("yamanote/threads");

test("a worker in a CommonJS file runs on a thread", async () => {
	const pool = new ThreadPool({ maxBlockingThreads: 1 });
	await expect(pool.bind(sums).below(100).then()).resolves.toBe(4_950);
	await pool.shutdown();
});
