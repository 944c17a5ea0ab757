// node bench/million.mjs [n]: what a scope and a JoinSet of very many children take, and very many timeouts. It needs the built
// package (`npm run build`). Milliseconds are of the CPU; bytes are those of live children; the ratio is between n and a tenth of n.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { JoinSet, pending, run, scope, timeout, yieldNow } from "../packages/yamanote/dist/index.js";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc");
const MANY = Number(process.argv[2] ?? 1_000_000);

const cpu = () => {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
};
const heap = () => {
	gc();
	return process.memoryUsage().heapUsed;
};

function* child() {
	yield* pending();
}

/** Spawns `n` children, weighs them, cancels them all, and waits for that. */
function* measured(n, spawn, cancelAll) {
	const before = heap();
	const start = cpu();
	for (let i = 0; i < n; i++) spawn(child);
	yield* yieldNow();
	const spawned = cpu();
	const bytes = (heap() - before) / n;
	const from = cpu();
	yield* cancelAll();
	return { spawn: spawned - start, bytes, cancel: cpu() - from };
}

const programs = {
	scope: (n) =>
		scope(function* (s) {
			return yield* measured(n, s.spawn, function* () {
				s.abortAll();
				while (s.size > 0) yield* yieldNow();
			});
		}),
	JoinSet: function* (n) {
		const set = new JoinSet();
		return yield* measured(
			n,
			(f) => set.spawn(f),
			() => set.shutdown(),
		);
	},
	timeouts: function* (n) {
		const cx = { waker: { wake() {} } };
		const before = heap();
		const start = cpu();
		const all = Array.from({ length: n }, (_, i) => timeout(600_000 + (i % 997) * 10_007, pending()));
		for (const one of all) one.poll(cx);
		const armed = cpu();
		const bytes = (heap() - before) / n;
		const from = cpu();
		for (const one of all) one[Symbol.dispose]();
		return { spawn: armed - start, bytes, cancel: cpu() - from };
	},
};

console.log(`of ${MANY}`.padEnd(12), "made ms", "ratio", "bytes each", "cancelled ms", "ratio");
for (const [name, program] of Object.entries(programs)) {
	await run(program(1_000));
	const few = await run(program(MANY / 10));
	const many = await run(program(MANY));
	const cells = [
		many.spawn.toFixed(0).padStart(7),
		(many.spawn / few.spawn).toFixed(1).padStart(5),
		many.bytes.toFixed(0).padStart(10),
		many.cancel.toFixed(0).padStart(12),
		(many.cancel / few.cancel).toFixed(1).padStart(5),
	];
	console.log(name.padEnd(12), ...cells);
}
