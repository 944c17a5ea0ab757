/**
 * Three tasks of one kind, spawned and joined: the results come in the order of the handles, after the time of the slowest.
 *
 * Run me: node examples/run.mjs three-tasks
 */
import { asyncFn, join, main, sleep, spawn } from "yamanote";

const load = asyncFn(function* (what: string, ms: number) {
	yield* sleep(ms);
	return `fetched ${what}`;
});

main(function* () {
	const user = spawn(load("user profile", 200));
	const orders = spawn(load("order history", 100));
	const recommendations = spawn(load("recommendations", 150));

	const results = yield* join([user, orders, recommendations]);
	console.log(results.join(", "));
});
