/**
 * Blocking in async code: the bad way, and the good one. A heart beats every 20 ms; the bad one makes it stand still for a second, and the
 * diagnosis says where. The good one hands the same work to a thread (`spawnBlocking`), and the heart goes on.
 *
 * Run me: node examples/run.mjs blocking
 */
import { asyncFn, main, sleep, spawn } from "yamanote";
import { type Diagnosis, diagnose } from "yamanote/diagnostics";
import { spawnBlocking } from "yamanote/threads";
import { block, worker } from "./blocking.worker.ts";

// ❌ Holds the thread: nobody else runs for a second.
const bad = asyncFn(function* () {
	block(1_000);
	yield* sleep(1);
	return "done in the loop";
});

// ✅ Runs on the blocking pool.
const good = asyncFn(function* () {
	return yield* spawnBlocking(worker.block, 1_000);
});

/** Runs beside it, and gives the longest time between two of its beats. */
const withHeart = asyncFn(function* (task: ReturnType<typeof good>) {
	let [last, longest] = [performance.now(), 0];
	const heart = spawn(function* () {
		for (;;) {
			yield* sleep(20);
			const now = performance.now();
			longest = Math.max(longest, now - last);
			last = now;
		}
	});
	try {
		const said = yield* spawn(task, { name: "worker" });
		yield* sleep(40);
		return `${said}; the heart stood still for ${Math.round(longest)} ms at most`;
	} finally {
		heart.abort();
	}
});

const warn = ({ code, message, place }: Diagnosis): void => {
	const where = place === undefined ? "" : `, at ${place.file?.split("/").at(-1)}:${place.line}`;
	console.log(`  ${code}: ${message}${where}`);
};

main(function* () {
	using _diagnosis = diagnose({ onDiagnosis: warn, longPoll: { thresholdMs: 200, neverYieldsMs: 60_000 } });
	// The thread starts beforehand: that takes its time, too.
	yield* worker.block(0);
	console.log(`bad: ${yield* withHeart(bad())}`);
	// What was seen in the inspector comes a moment later.
	yield* sleep(600);
	console.log(`good: ${yield* withHeart(good())}`);
});
