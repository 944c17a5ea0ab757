import { check, per } from "./checks.mjs";

/** semaphore_contended over a limiter: `limit(f)` runs f when one of 4 slots is free. */
export const semaphoreContended = (open) => async (n) => {
	const each = per(n, 20);
	const limit = open(4);
	let inside = 0;
	let most = 0;
	let count = 0;
	const job = async () => {
		most = Math.max(most, ++inside);
		await null;
		inside--;
		count++;
	};
	const task = async () => {
		for (let i = 0; i < each; i++) await limit(job);
	};
	await Promise.all(Array.from({ length: 20 }, task));
	check("inside at once", most, 4);
	check("count", count, each * 20);
	return count;
};
