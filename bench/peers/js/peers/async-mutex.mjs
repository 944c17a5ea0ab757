import { Mutex, Semaphore } from "async-mutex";
import { check, per } from "../../lib/checks.mjs";

const times = (k, f) => Promise.all(Array.from({ length: k }, (_, i) => f(i)));

export const workloads = {
	async mutex_uncontended(n) {
		const mutex = new Mutex();
		let count = 0;
		for (let i = 0; i < n; i++) {
			const release = await mutex.acquire();
			count++;
			release();
		}
		check("count", count, n);
	},

	async mutex_contended(n) {
		const each = per(n, 10);
		const mutex = new Mutex();
		let count = 0;
		await times(10, async () => {
			for (let i = 0; i < each; i++) {
				await mutex.runExclusive(async () => {
					const before = count;
					await null;
					count = before + 1;
				});
			}
		});
		check("count", count, each * 10);
		return count;
	},

	async semaphore_contended(n) {
		const each = per(n, 20);
		const semaphore = new Semaphore(4);
		let inside = 0;
		let most = 0;
		let count = 0;
		await times(20, async () => {
			for (let i = 0; i < each; i++) {
				await semaphore.runExclusive(async () => {
					most = Math.max(most, ++inside);
					await null;
					inside--;
					count++;
				});
			}
		});
		check("inside at once", most, 4);
		check("count", count, each * 20);
		return count;
	},
};
