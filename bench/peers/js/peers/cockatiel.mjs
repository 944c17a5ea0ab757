import { bulkhead, handleAll, retry, TimeoutStrategy, timeout, wrap } from "cockatiel";
import { check } from "../../lib/checks.mjs";
import { semaphoreContended } from "../../lib/limiter.mjs";

const yieldOnce = async (v) => {
	await null;
	return v;
};

export const workloads = {
	semaphore_contended: semaphoreContended((permits) => {
		const policy = bulkhead(permits, Infinity);
		return (job) => policy.execute(job);
	}),

	async timeout_ready(n) {
		const policy = timeout(5000, TimeoutStrategy.Aggressive);
		for (let i = 0; i < n; i++) check("value", await policy.execute(() => yieldOnce(i)), i);
	},

	async service_stack(n) {
		const policy = wrap(
			timeout(1000, TimeoutStrategy.Aggressive),
			bulkhead(64, Infinity),
			retry(handleAll, { maxAttempts: 2 }),
		);
		for (let i = 0; i < n; i++) check("value", await policy.execute(() => yieldOnce(i)), i);
	},
};
