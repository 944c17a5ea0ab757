import { Worker } from "node:worker_threads";
import { THREADS } from "../../lib/pool.mjs";

/** A two-thread pool over raw worker_threads: request ids, a map of pending promises, round robin. */
export async function openPool() {
	const pending = new Map();
	const workers = Array.from({ length: THREADS }, () => new Worker(new URL("../workers/raw.mjs", import.meta.url)));
	for (const w of workers) {
		w.on("message", ({ id, result }) => {
			pending.get(id)(result);
			pending.delete(id);
		});
	}
	let next = 0;
	return {
		run: (name, arg) =>
			new Promise((resolve) => {
				const id = next++;
				pending.set(id, resolve);
				workers[id % THREADS].postMessage({ id, name, arg });
			}),
		close: () => Promise.all(workers.map((w) => w.terminate())),
	};
}
