// Yamanote's workloads, a file for each area, so that a run loads nothing that it does not use, and so that an entry
// point that a build lacks costs its own workloads alone.

const AREAS = {
	tasks: ["spawn_join", "spawn_yield_join", "yield_many", "chained_spawn"],
	idle: ["idle_tasks"],
	calls: ["deep_await", "deep_resume"],
	combinators: ["join3", "select2"],
	time: ["timeout_ready", "sleep_many"],
	locks: ["mutex_uncontended", "mutex_contended", "semaphore_contended"],
	channels: ["ping_pong", "ping_pong_1k", "mpsc_bounded", "mpsc_unbounded", "oneshot"],
	fanout: ["broadcast", "watch"],
	threads: ["blocking_roundtrip", "blocking_burst", "cpu_scale", "par_sum", "mandelbrot"],
};

/** A build without an entry point or an export: what it is missing, not a mistake in the workload itself. */
const isMissing = (error) =>
	error.code === "ERR_PACKAGE_PATH_NOT_EXPORTED" ||
	error.code === "ERR_MODULE_NOT_FOUND" ||
	error instanceof SyntaxError ||
	/not found|not exported|Cannot find|does not provide/i.test(error.message);

/** @returns the area's exports, or undefined where this build cannot run it */
async function area(name) {
	try {
		return await import(`./yamanote/${name}.mjs`);
	} catch (error) {
		if (isMissing(error)) return undefined;
		throw error;
	}
}

/** For each workload a function that loads its definition; undefined where this build has no way to do it. */
export const loaders = {};
for (const [name, workloads] of Object.entries(AREAS)) {
	for (const workload of workloads) loaders[workload] = async () => (await area(name))?.workloads[workload];
}

/** The ways to grow, `{ name: { what, run(size) } }`. */
export const growth = async () => ({
	...(await area("growth-core"))?.axes,
	...(await area("growth-time"))?.axes,
	...(await area("growth-sync"))?.axes,
});

/** What one of a thing takes, `{ name: make(i) }`: see memory.mjs. */
export const memory = async () => ({
	...(await area("memory-core"))?.things,
	...(await area("memory-sync"))?.things,
});

/** When every task spawned so far has got to where it waits: the run queue is first in, first out. */
export const reached = async () => (await area("program"))?.reached();
