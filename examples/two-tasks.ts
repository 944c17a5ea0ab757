/**
 * Two tasks run at once: both are done after 100 ms, not after 150.
 *
 * Run me: node examples/run.mjs two-tasks
 */
import { join, main, sleep, spawn } from "yamanote";

main(function* () {
	const a = spawn(function* () {
		yield* sleep(100);
		return "task A done";
	});
	const b = spawn(function* () {
		yield* sleep(50);
		return "task B done";
	});

	const [first, second] = yield* join([a, b]);
	console.log(`${first}, ${second}`);
});
