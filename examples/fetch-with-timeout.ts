/**
 * A limit in time. `timeout` adds `Elapsed` to the declared failures; `attempt` makes a value of it, and of nothing else.
 *
 * Run me: node examples/run.mjs fetch-with-timeout
 */
import { asyncFn, attempt, type Duration, Elapsed, main, sleep, timeout } from "yamanote";

const slowCall = asyncFn(function* () {
	yield* sleep(100);
	return "data";
});

// Future<string, Elapsed>
const fetchWithTimeout = asyncFn(function* (limit: Duration) {
	return yield* timeout(limit, slowCall());
});

main(function* () {
	const patient = yield* attempt(fetchWithTimeout({ seconds: 5 }), Elapsed);
	const hasty = yield* attempt(fetchWithTimeout(20), Elapsed);
	console.log(`within 5 s: ${patient.ok ? patient.value : patient.error.message}`);
	console.log(`within 20 ms: ${hasty.ok ? hasty.value : hasty.error.message}`);
});
