import { defineWorker } from "yamanote/threads";

export class TooMuch extends Error {}

export const sums = defineWorker(import.meta.url, {
	below: (n) => (n * (n - 1)) / 2,
	async *upTo(n) {
		for (let i = 1; i <= n; i++) yield i;
	},
	echo: (value) => value,
});
