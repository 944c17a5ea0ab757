// A yield that lets the event loop turn: what a program must do so that I/O and timers get their chance.
import { setImmediate as nextTurn } from "node:timers/promises";
import { check, per } from "../../lib/checks.mjs";

export const workloads = {
	async yield_many(n) {
		const each = per(n, 200);
		let yields = 0;
		await Promise.all(
			Array.from({ length: 200 }, async () => {
				for (let i = 0; i < each; i++) {
					await nextTurn();
					yields++;
				}
			}),
		);
		check("yields", yields, each * 200);
		return yields;
	},
};
