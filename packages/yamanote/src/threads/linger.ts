/** What is left of a thread that was lost: its calls, and the slots that it may still write into. */
import { setHostTimer } from "../core/host.ts";
import type { Board } from "./board.ts";
import { SLOTS } from "./board-memory.ts";
import type { Crew } from "./crew.ts";
import { WorkerLost } from "./error.ts";
import type { Ending } from "./host-worker.ts";
import type { Job } from "./job.ts";

/** So long a thread may take to write a result that it had begun when it was lost, where the engine does not say when it has stopped. */
const LINGER_MS = 5_000;
const ENDED: Ending = { reason: "exit", message: "its thread has ended", cause: undefined };

/** @internal Why a call was lost with its thread. */
export function lostError({ fn }: Job, { reason, message, cause }: Ending): WorkerLost {
	return new WorkerLost(reason, `${fn.name}: ${message}`, cause);
}

/** @internal A thread is lost, but may write a result that it has begun: its slots are given to nobody until it must have. */
export function linger(crew: Crew, board: Board, thread: number): void {
	const { slots } = crew;
	setHostTimer(LINGER_MS, () => {
		crew.results.collect();
		for (let slot = 0; slot < SLOTS; slot++) {
			if (board.holder(slot) !== thread) continue;
			const job = slots.jobs[slot] ?? null;
			board.free(slot);
			if (job === null) {
				slots.giveBack(slot);
				continue;
			}
			// It took it just when it was lost.
			slots.release(slot);
			crew.fail(job, lostError(job, ENDED));
		}
		crew.pump();
	});
}
