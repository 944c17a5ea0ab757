// What one of each takes while it lives.
import { asyncFn, pending, sleep, spawn } from "yamanote";

const park = asyncFn(function* () {
	yield* pending();
});
const parkDeep = asyncFn(function* (depth) {
	return depth > 0 ? yield* parkDeep(depth - 1) : yield* pending();
});
const nothing = asyncFn(function* () {});
const nap = asyncFn(function* (ms) {
	yield* sleep(ms);
});

/** Polled by hand: it is armed, and no task waits for it. */
const nobody = { waker: { wake() {} } };

export const things = {
	future_not_started: () => park(),
	task_parked: () => spawn(park()),
	task_parked_10_deep: () => spawn(parkDeep(10)),
	task_finished: () => spawn(nothing()),
	task_asleep: () => spawn(nap(1e8)),
	timer: () => {
		const armed = sleep(1e8);
		armed.poll(nobody);
		return armed;
	},
	task_parked_own_closure: () =>
		spawn(function* () {
			yield* pending();
		}),
};
