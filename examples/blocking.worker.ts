/** What `blocking.ts` runs on a thread. */
import { defineWorker } from "yamanote/threads";

/** Stands for what holds a thread: a long computation, a synchronous call of the disk, `std::thread::sleep`. */
export function block(ms: number): void {
	const end = performance.now() + ms;
	while (performance.now() < end);
}

export const worker = defineWorker(import.meta.url, {
	block(ms: number): string {
		block(ms);
		return "done on a thread";
	},
});
