// What one of each takes while it lives.
import { asyncFn, pending, sleep, spawn } from "yamanote";

const parkedDeep = asyncFn(function* (depth) {
	return depth > 0 ? yield* parkedDeep(depth - 1) : yield* pending();
});
const call = asyncFn(function* () {
	yield* pending();
});

export const things = {
	future_not_started: () => call(),
	task_parked: () =>
		spawn(function* () {
			yield* pending();
		}),
	task_parked_10_deep: () => spawn(parkedDeep(10)),
	task_finished: () => spawn(function* () {}),
	task_asleep: () =>
		spawn(function* () {
			yield* sleep(1e8);
		}),
};
