// What comes out of a wait, and what can fail in it: the three kinds of task and their mistakes.
import { asyncFn, type Elapsed, type Future, fail, type JoinHandle, sleep, spawn, timeout, tryJoin } from "yamanote";
import { typeOf } from "./equal.ts";

class NotFound extends Error {
	readonly code = "NOT_FOUND";
}

const find = asyncFn(function* (id: number) {
	yield* sleep(1);
	if (id < 0) return yield* fail(new NotFound());
	return { id };
});

typeOf(find(1)).is<Future<{ id: number }, NotFound>>(true);
typeOf(timeout(10, find(1))).is<Future<{ id: number }, Elapsed | NotFound>>(true);
typeOf(spawn(async () => 7)).is<JoinHandle<number, never>>(true);
typeOf(tryJoin({ a: find(1), b: async () => "b" })).is<Future<{ a: { id: number }; b: string }, NotFound>>(true);

// mistake: this generator has a plain `yield`: write `yield*` to wait for a future
spawn(function* () {
	yield sleep(1);
});

// mistake: this generator has a plain `yield`: write `yield*` to wait for a future
tryJoin({
	*late() {
		yield sleep(1);
	},
	soon: async () => 1,
});

// mistake: Argument of type 'string' is not assignable to parameter of type 'number'
find("1");

// mistake: is not assignable to parameter of type
spawn(42);
