import { asyncFn, spawn, yieldNow } from "yamanote";
import { check, per, sumTo } from "../lib/checks.mjs";
import { programs } from "./program.mjs";

const ready = asyncFn(function* (value) {
	return value;
});

const yieldOnce = asyncFn(function* (value) {
	yield* yieldNow();
	return value;
});

const spawnAndJoin = asyncFn(function* (n, job) {
	let sum = 0;
	for (let done = 0; done < n; ) {
		const batch = Math.min(10_000, n - done);
		const handles = [];
		for (let i = 0; i < batch; i++) handles.push(spawn(job(done + i)));
		for (const handle of handles) sum += yield* handle;
		done += batch;
	}
	check("sum", sum, sumTo(n));
	return n;
});

const chain = asyncFn(function* (depth) {
	if (depth === 0) return 0;
	return 1 + (yield* spawn(chain(depth - 1)));
});

export const workloads = programs({
	spawn_join: (n) => spawnAndJoin(n, ready),
	spawn_yield_join: (n) => spawnAndJoin(n, yieldOnce),

	yield_many: asyncFn(function* (n) {
		const each = per(n, 200);
		let yields = 0;
		const handles = Array.from({ length: 200 }, () =>
			spawn(function* () {
				for (let i = 0; i < each; i++) {
					yield* yieldNow();
					yields++;
				}
			}),
		);
		for (const handle of handles) yield* handle;
		check("yields", yields, each * 200);
		return yields;
	}),

	chained_spawn: asyncFn(function* (n) {
		const chains = per(n, 1000);
		for (let c = 0; c < chains; c++) check("depth", yield* spawn(chain(999)), 999);
		return chains * 1000;
	}),
});
