import { defineWorker, isAborted } from "yamanote/threads";

/** In a page that is bundled, a worker's module is not found by `import.meta.url`; the bundler knows this pattern. */
export const primes = defineWorker(
	() => new Worker(new URL("./primes.worker.js", import.meta.url), { type: "module" }),
	{
		/** A stream: the page shows what comes, and is never flooded. */
		async *below(limit: number) {
			for (let n = 2; n < limit && !isAborted(); n++) if (isPrime(n)) yield n;
		},
		count(limit: number): number {
			let count = 0;
			for (let n = 2; n < limit && !isAborted(); n++) if (isPrime(n)) count++;
			return count;
		},
	},
);

function isPrime(n: number): boolean {
	for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
	return n > 1;
}
