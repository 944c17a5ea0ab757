// The commonest mistakes, and what the compiler says: what to write instead.
import {
	asyncFn,
	attempt,
	each,
	type Future,
	FuturesUnordered,
	fail,
	interval,
	JoinSet,
	join,
	mapConcurrent,
	race,
	retry,
	run,
	scope,
	select,
	sleep,
	spawn,
	timeout,
	tryJoin,
} from "yamanote";
import { Mutex, mpsc, oneshot, RwLock, Semaphore, SyncMutex, watch } from "yamanote/sync";

class NotFound extends Error {
	readonly code = "NOT_FOUND";
}
class Bare extends Error {}

const find = asyncFn(function* (id: number) {
	yield* sleep(1);
	if (id < 0) return yield* fail(new NotFound());
	return { id };
});
const lock = new Mutex({ hits: 1 });
const [tx] = mpsc.channel<string>(8);
declare const futures: Set<Future<number>>;

// ---- 1. a plain `yield`

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

// mistake: this generator has a plain `yield`: write `yield*` to wait for a future
scope(function* ({ spawn }) {
	yield spawn(find(1));
});

// mistake: this generator has a plain `yield`: write `yield*` to wait for a future
mapConcurrent([1, 2], 2, function* (id) {
	yield find(id);
});

// mistake: this generator has a plain `yield`: write `yield*` to wait for a future
each([1, 2], function* (id) {
	yield find(id);
});

// mistake: this generator has a plain `yield`: write `yield*` to wait for a future
retry({ times: 3 }, function* () {
	yield find(1);
});

// mistake: this generator has a plain `yield`: write `yield*` to wait for a future
lock.withLock(function* () {
	yield sleep(1);
});

// ---- 2. `yield*` of a promise

// mistake: Type 'Promise<Response>' must have a '[Symbol.iterator]()' method
spawn(function* () {
	yield* fetch("/");
});

// ---- 3. `yield*` of an operation that was not called

// mistake: must have a '[Symbol.iterator]()' method
spawn(function* () {
	yield* find;
});

// ---- 4. a bare generator that is awaited

// mistake: Type 'Promise<Generator<
export const awaited: Promise<{ id: number }> = (async () => {
	function* load() {
		return yield* find(1);
	}
	return await load();
})();

// ---- 5. an operation whose arguments are forgotten

// mistake: this function takes arguments: call it, as in `f(x)`, or give a function that does: `() => f(x)`
spawn(find);

// mistake: this function takes arguments: call it, as in `f(x)`, or give a function that does: `() => f(x)`
tryJoin([find, find]);

// mistake: this function takes arguments: call it, as in `f(x)`, or give a function that does: `() => f(x)`
retry({ times: 3 }, find);

// mistake: this function takes arguments: call it, as in `f(x)`, or give a function that does: `() => f(x)`
new FuturesUnordered([find]);

// mistake: Argument of type 'string' is not assignable to parameter of type 'number'
find("1");

// ---- 6. what is no future

// mistake: this is no future: give a future, a generator function, an async function, or a promise
spawn(42);

// mistake: this function returns no future: write `function*` or `async`, or return what is to be waited for
spawn(() => {
	console.log("done");
});

// mistake: this is no future: give a future, a generator function, an async function, or a promise
timeout(5_000, [find(1), find(2)]);

// mistake: this function returns no future: write `function*` or `async`, or return what is to be waited for
mapConcurrent([1, 2], 2, (id) => id + 1);

// ---- 7. an async generator

// mistake: an async generator is no future: take its items with `each(items(), function* (item) {})`
run(async function* () {
	yield 1;
});

// ---- 8. `asyncFn` of an async function

// mistake: give a generator function: write `function*` for `async`, and `yield*` for `await`
asyncFn(async (id: number) => id);

// ---- 9. several arguments, or another iterable, instead of one array

// mistake: one array or record of futures: [a, b], { a, b }, [...them]
tryJoin(find(1), find(2));

// mistake: one array or record of futures: [a, b], { a, b }, [...them]
join(futures);

// mistake: one array or record of futures: [a, b], { a, b }, [...them]
tryJoin(futures.values());

// mistake: one array or record of futures: [a, b], { a, b }, [...them]
tryJoin(find(1));

// ---- 10. an array for select, a record for race

// mistake: one record of futures, select({ a, b }): race takes an array
select([find(1), find(2)]);

// mistake: does not exist in type 'readonly Waitable[]
race({ a: find(1), b: find(2) });

// ---- 11. a future that retry cannot make again

// mistake: a future can be tried once: give a function that makes one for each try, `() => f(x)`
retry({ times: 3 }, find(1));

// mistake: Argument of type 'number' is not assignable to parameter of type 'RetryOptions'
retry(3, () => find(1));

// ---- 12. a duration that is none, or in the wrong place

// mistake: Duration<"milliseconds, or an object such as { seconds: 5 }">
sleep("5s");

// mistake: Duration<"milliseconds, or an object such as { seconds: 5 }">
timeout(find(1), 5_000);

// mistake: Did you mean to write 'seconds'?
interval({ second: 5 });

// ---- 13. an error class like any other

// mistake: give this error class a field of its own, such as `readonly code =
fail(new Bare());

// mistake: give this error class a field of its own, such as `readonly code =
fail(new Error("not found"));

// mistake: Type 'string' is not assignable to type 'Error'
fail("not found");

// ---- 14. an error instead of its class

// mistake: is not assignable to parameter of type 'ErrorClass'
attempt(find(1), new NotFound());

// ---- 15. a future used as its value

// mistake: Property 'id' does not exist on type 'Future<{ id: number; }, NotFound>'
spawn(function* () {
	const user = find(1);
	return user.id;
});

// mistake: Property 'release' does not exist on type 'Future<MutexGuard<
spawn(function* () {
	const guard = lock.lock();
	guard.release();
});

// ---- 16. a guard that leaves its lock

// mistake: the guard is released when this ends: let the body return what you need of it
lock.withLock((guard) => guard);

// mistake: the guard is released when this ends: let the body return what you need of it
lock.withLock(function* (guard) {
	yield* sleep(1);
	return guard;
});

// mistake: the guard is released when this ends: let the body return what you need of it
new RwLock(1).withRead(async (guard) => guard);

// mistake: the guard is released when this ends: let the body return what you need of it
new Semaphore(1).withPermit(async (permit) => permit);

// mistake: the guard is released when this ends: let the body return what you need of it
new SyncMutex(1).withLock((guard) => guard);

// mistake: the body must not wait: use Mutex.withLock for one that does
new SyncMutex(1).withLock(async (guard) => guard.value);

// ---- 17. `undefined` in a channel

// mistake: anything but `undefined`, which stands for no message: say null
mpsc.channel<string | undefined>(8);

// mistake: anything but `undefined`, which stands for no message: say null
oneshot.channel<void>();

// mistake: Argument of type 'undefined' is not assignable to parameter of type 'string'
tx.send(undefined);

// mistake: anything but `undefined`, which stands for no message: say null
watch.channel<string | undefined>("a");

// ---- 18. a capacity, a limit that is missing

// mistake: Expected 1 arguments, but got 0
mpsc.channel<string>();

// mistake: Expected 3 arguments, but got 2
mapConcurrent([1, 2], async (id: number) => id);

// ---- 19. what a set does not take

// mistake: Type '{ id: number; }' is not assignable to type 'string'
new JoinSet<string>().spawn(find(1));

// ---- 20. a task body that takes its context for a signal

// mistake: Property 'aborted' does not exist on type 'TaskContext'
spawn(async (signal) => signal.aborted);
