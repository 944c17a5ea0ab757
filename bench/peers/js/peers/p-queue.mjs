import PQueue from "p-queue";
import { semaphoreContended } from "../../lib/limiter.mjs";

export const workloads = {
	semaphore_contended: semaphoreContended((permits) => {
		const queue = new PQueue({ concurrency: permits });
		return (job) => queue.add(job);
	}),
};
