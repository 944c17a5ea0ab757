// stream_map again over an asynchronous source: each element comes from an async generator.
import { filter, from, lastValueFrom, map, reduce, take } from "rxjs";
import { check, sumTo } from "../../lib/checks.mjs";

export const workloads = {
	async stream_map(n) {
		async function* source() {
			for (let i = 0; i < n; i++) yield i;
		}
		const sum = await lastValueFrom(
			from(source()).pipe(
				map((x) => x * 2),
				filter((x) => x % 4 === 0),
				take(Math.ceil(n / 2)),
				reduce((a, x) => a + x, 0),
			),
		);
		check("sum", sum, sumTo(Math.ceil(n / 2)) * 4);
	},
};
