/**
 * The exercise: three calls, each a task of its own, joined within five seconds. All the answers, or the first failure, or `Elapsed`.
 *
 * A spawned task is independent, as in Tokio: when another one fails it runs on, unwatched. Where that is not meant, give `tryJoin` the
 * futures themselves (`tryJoin([fakeFetch(…), …])`), and they are cancelled.
 *
 * Run me: node examples/run.mjs fetch-all
 */
import { asyncFn, attempt, type Duration, Elapsed, fail, main, sleep, spawn, timeout, tryJoin } from "yamanote";

class ServiceDown extends Error {
	readonly code = "SERVICE_DOWN";
}

const fakeFetch = asyncFn(function* (name: string, ms: number) {
	yield* sleep(ms);
	if (name.includes("broken")) return yield* fail(new ServiceDown(`${name} is down`));
	return `${name}: OK`;
});

// Future<[string, string, string], ServiceDown | Elapsed>
const fetchAll = asyncFn(function* (second: string, limit: Duration) {
	return yield* timeout(limit, function* () {
		const h1 = spawn(fakeFetch("svc-a", 100));
		const h2 = spawn(fakeFetch(second, 200));
		const h3 = spawn(fakeFetch("svc-c", 150));
		return yield* tryJoin([h1, h2, h3]);
	});
});

const tell = asyncFn(function* (second: string, limit: Duration) {
	const outcome = yield* attempt(fetchAll(second, limit), ServiceDown, Elapsed);
	return outcome.ok ? outcome.value.join(", ") : `${outcome.error.code}: ${outcome.error.message}`;
});

main(function* () {
	console.log(yield* tell("svc-b", { seconds: 5 }));
	console.log(yield* tell("broken svc-b", { seconds: 5 }));
	console.log(yield* tell("svc-b", 50));
});
