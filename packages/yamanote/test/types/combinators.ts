// What comes out of combinators, and which failures: of arrays, records, tuples, unions.
import {
	type Attempt,
	acquire,
	asyncFn,
	attempt,
	byRef,
	cooperative,
	deadline,
	disposeUnclaimed,
	type Elapsed,
	each,
	events,
	type Future,
	FuturesUnordered,
	fail,
	fromCallback,
	fromPromise,
	Instant,
	type IntoFuture,
	type JoinHandle,
	join,
	joinSettled,
	mapConcurrent,
	once,
	race,
	ready,
	retry,
	select,
	shared,
	sleep,
	spawn,
	type TaskLocalFuture,
	taskLocal,
	timeout,
	timeoutAt,
	tryJoin,
	unconstrained,
	withContext,
	withLimits,
} from "yamanote";
import { CancellationToken, mpsc, OnceCell } from "yamanote/sync";
import { equal, typeOf } from "./equal.ts";

class A extends Error {
	readonly code = "A";
}

class B extends Error {
	readonly code = "B";
}

const a = asyncFn(function* () {
	yield* sleep(1);
	if (Math.random() > 2) return yield* fail(new A());
	return "a";
});
const b = asyncFn(function* () {
	if (Math.random() > 2) return yield* fail(new B());
	return 2;
});
declare const several: readonly Future<string, A>[];
declare const mutable: Future<string, A>[];
declare const named: Record<string, Future<string, A>>;
declare const either: Future<string, A> | Promise<number>;
declare const anything: IntoFuture[];
interface Branches {
	readonly x: Future<string, A>;
	readonly y: () => Promise<number>;
}
declare const typed: Branches;

// joins: a tuple, an array, a record, a dictionary
typeOf(tryJoin([a(), b()])).is<Future<[string, number], A | B>>(true);
typeOf(tryJoin([])).is<Future<[], never>>(true);
// biome-ignore lint/complexity/noBannedTypes: nothing comes out of no futures
typeOf(tryJoin({})).is<Future<{}, never>>(true);
typeOf(tryJoin(several)).is<Future<string[], A>>(true);
typeOf(tryJoin(mutable)).is<Future<string[], A>>(true);
typeOf(tryJoin(named)).is<Future<{ [x: string]: string }, A>>(true);
typeOf(tryJoin(anything)).is<Future<unknown[], unknown>>(true);
typeOf(tryJoin([1, 2].map(() => a()))).is<Future<string[], A>>(true);
typeOf(tryJoin([1, 2].map((n) => async () => n))).is<Future<number[], never>>(true);
typeOf(tryJoin([either, a()] as const)).is<Future<[string | number, string], A>>(true);
typeOf(tryJoin([a(), ...several])).is<Future<[string, ...string[]], A>>(true);
typeOf(tryJoin({ a: a(), b: b() }, { concurrency: 1 })).is<Future<{ a: string; b: number }, A | B>>(true);
typeOf(tryJoin({ ...typed })).is<Future<{ x: string; y: number }, A>>(true);
typeOf(
	tryJoin({
		future: a(),
		generator: (function* () {
			return yield* b();
		})(),
		*function() {
			yield* a();
			return true;
		},
		async: async ({ signal, run }) => [signal.aborted, await run(b())] as const,
		plain: async () => new Date(),
		promise: Promise.resolve(/x/),
		handle: spawn(b()),
		fetch: ({ signal }) => fetch("/", { signal }),
	}),
).is<
	Future<
		{
			future: string;
			generator: number;
			function: boolean;
			async: readonly [boolean, number];
			plain: Date;
			promise: RegExp;
			handle: number;
			fetch: Response;
		},
		A | B
	>
>(true);
typeOf(
	tryJoin([
		a(),
		async ({ run }) => run(b()),
		function* ({ id }) {
			yield* b();
			return id;
		},
		({ signal }) => fetch("/", { signal }),
	]),
).is<Future<[string, number, number, Response], A | B>>(true);
typeOf(join([a(), b()])).is<Future<[string, number], A | B>>(true);
typeOf(join({ a: a(), n: async ({ id }) => id })).is<Future<{ a: string; n: number }, A>>(true);
typeOf(joinSettled([a(), async () => 1])).is<
	Future<[PromiseSettledResult<string>, PromiseSettledResult<number>], never>
>(true);
typeOf(joinSettled({ a: a() })).is<Future<{ a: PromiseSettledResult<string> }, never>>(true);
typeOf(tryJoin([tryJoin([a()]), join({ b: b() })])).is<Future<[[string], { b: number }], A | B>>(true);

// select tells its branches apart
const selecting = select({ a: a(), b: async ({ run }) => run(b()), off: false, maybe: Math.random() > 2 && sleep(1) });
typeOf(selecting).is<
	Future<
		| { readonly key: "a"; readonly value: string }
		| { readonly key: "b"; readonly value: number }
		| { readonly key: "off"; readonly value: never }
		| { readonly key: "maybe"; readonly value: void },
		A
	>
>(true);
export const chosen = asyncFn(function* () {
	const first = yield* select({ a: a(), b: b() }, { biased: true });
	if (first.key === "a") return first.value.length;
	equal<typeof first.value, number>(true);
	return first.value;
});
typeOf(chosen).is<() => Future<number, A | B>>(true);
typeOf(race([a(), b(), async ({ id }) => id])).is<Future<string | number, A | B>>(true);
typeOf(race(several)).is<Future<string, A>>(true);
typeOf(select(named)).is<Future<{ readonly key: string; readonly value: string }, A>>(true);

// limits in time
typeOf(timeout(5, a())).is<Future<string, A | Elapsed>>(true);
typeOf(timeout({ seconds: 5 }, async ({ run }) => run(a()))).is<Future<string, Elapsed>>(true);
typeOf(timeoutAt(Instant.now(), b())).is<Future<number, B | Elapsed>>(true);
typeOf(deadline(5, b())).is<Future<number, B | Elapsed>>(true);
typeOf(timeout(1, timeout(1, tryJoin([a()])))).is<Future<[string], A | Elapsed>>(true);

// attempt
typeOf(attempt(a())).is<Future<Attempt<string, unknown>, never>>(true);
typeOf(attempt(tryJoin([a(), b()]), A)).is<Future<Attempt<[string, number], A>, B>>(true);
typeOf(attempt(tryJoin([a(), b()]), A, B)).is<Future<Attempt<[string, number], A | B>, never>>(true);
typeOf(attempt(a(), RangeError)).is<Future<Attempt<string, Error>, A>>(true); // it is Error to TypeScript: A stays
typeOf(attempt(async ({ id }) => id, A)).is<Future<Attempt<number, A>, never>>(true);
export const handled = asyncFn(function* () {
	const r = yield* attempt(a(), A);
	if (r.ok) return r.value;
	equal<typeof r.error, A>(true);
	return r.error.code;
});
typeOf(handled).is<() => Future<string, never>>(true);

// again and again
typeOf(retry({ times: 3 }, a)).is<Future<string, A>>(true);
typeOf(retry({ times: 3 }, async ({ run }) => run(a()))).is<Future<string, never>>(true);
typeOf(retry({ times: 3, when: (error) => error instanceof A }, () => b())).is<Future<number, B>>(true);
typeOf(
	retry({ times: 3 }, function* ({ signal }) {
		yield* a();
		return signal;
	}),
).is<Future<AbortSignal, A>>(true);
typeOf(mapConcurrent([1, 2], 2, (n, i) => (n > i ? a() : a()))).is<Future<string[], A>>(true);
typeOf(mapConcurrent(new Set(["x"]), 2, async (s) => s.length)).is<Future<number[], never>>(true);
typeOf(
	mapConcurrent([1, 2], 2, function* (n) {
		yield* b();
		return n;
	}),
).is<Future<number[], B>>(true);
typeOf(each([1, 2], (n) => (n > 1 ? a() : b()))).is<Future<void, A | B>>(true);
typeOf(
	each(events(new EventTarget(), "x", { capacity: 2 }), function* (event) {
		yield* a();
		event.preventDefault();
	}),
).is<Future<void, A>>(true);
typeOf(each([1, 2], (n) => (n > 1 ? a() : b()), { concurrency: 2 })).is<Future<void, A | B>>(true);
typeOf(each(mpsc.channel<string>(1)[1], async (s) => s.length > 1, { concurrency: Infinity })).is<Future<void, never>>(
	true,
);
typeOf(
	each(
		[1],
		(n) =>
			async ({ signal, run }) =>
				signal.aborted || (await run(b())) > n,
		{ concurrency: 2 },
	),
).is<Future<void, never>>(true);
typeOf(each([1], (n) => () => (n > 1 ? a() : b()))).is<Future<void, A | B>>(true);
typeOf(
	mapConcurrent(
		[1],
		2,
		(n, i) =>
			async ({ signal }) =>
				signal.aborted ? n : `${i}`,
	),
).is<Future<(string | number)[], never>>(true);
const set = new FuturesUnordered([a(), a()]);
typeOf(set.next()).is<Future<IteratorResult<string, undefined>, A>>(true);
set.push(a());
typeOf(new FuturesUnordered<IntoFuture>().next()).is<Future<IteratorResult<unknown, undefined>, unknown>>(true);

// lending, sharing, contexts
typeOf(byRef(a())).is<Future<string, A>>(true);
typeOf(byRef(async ({ id }) => id)).is<Future<number, never>>(true);
typeOf(shared(a)).is<Future<string, A>>(true);
typeOf(shared(tryJoin([a(), b()]))).is<Future<[string, number], A | B>>(true);
declare const storage: { run<R>(value: { user: string }, f: () => R): R };
typeOf(withContext(storage, { user: "x" }, a())).is<Future<string, A>>(true);
typeOf(withContext(storage, { user: "x" }, async ({ run }) => run(b()))).is<Future<number, never>>(true);
const user = taskLocal<string>();
typeOf(user.scope("x", a())).is<TaskLocalFuture<string, string, A>>(true);
typeOf(user.get()).is<string>(true);
typeOf(unconstrained(a())).is<Future<string, A>>(true);
typeOf(cooperative(a())).is<Future<string, A>>(true);
typeOf(new CancellationToken().runUntilCancelled(a())).is<Future<string | undefined, A>>(true);
typeOf(new OnceCell<string>().getOrInit(a)).is<Future<string, A>>(true);
typeOf(acquire({ n: 1, [Symbol.dispose]() {} })).is<Future<{ n: number; [Symbol.dispose](): void }, never>>(true);

// limits of cleanup, and values that nobody receives
typeOf(withLimits({ cleanupGrace: 5 }, a())).is<Future<string, A>>(true);
typeOf(withLimits({ cleanupTimeout: { seconds: 5 } }, async ({ run }) => run(b()))).is<Future<number, never>>(true);
typeOf(disposeUnclaimed(a())).is<Future<string, A>>(true);
typeOf(
	disposeUnclaimed(
		async ({ signal }) => ({ close: () => signal.aborted }),
		(connection) => connection.close(),
	),
).is<Future<{ close: () => boolean }, never>>(true);

// from promises and callbacks
typeOf(fromPromise(Promise.resolve(1))).is<Future<number, never>>(true);
typeOf(fromPromise((signal) => fetch("/", { signal }))).is<Future<Response, never>>(true);
typeOf(fromPromise(async () => 1, { catch: () => new A() })).is<Future<number, A>>(true);
typeOf(fromPromise(async () => 1, { catch: (e) => (e instanceof RangeError ? new A() : new B()) })).is<
	Future<number, A | B>
>(true);
typeOf(fromCallback<string, A>(({ resolve }) => resolve("x"))).is<Future<string, A>>(true);
typeOf(once(new EventTarget(), "x")).is<Future<Event, never>>(true);
typeOf(once<MessageEvent<number>>(new EventTarget(), "x")).is<Future<MessageEvent<number>, never>>(true);
declare const emitter: { on(name: string, f: () => void): void; off(name: string, f: () => void): void };
typeOf(once(emitter, "x")).is<Future<unknown[], never>>(true);
typeOf(once<[port: number]>(emitter, "x")).is<Future<[port: number], never>>(true);
typeOf(events<[port: number]>(emitter, "x").recv()).is<Future<[port: number] | undefined, never>>(true);
typeOf(events<MessageEvent>(new EventTarget(), "x").recv()).is<Future<MessageEvent | undefined, never>>(true);

// plain generators in between lose nothing
function* middle() {
	const [x, y] = yield* tryJoin([a(), b()]);
	return { x, y, z: yield* timeout(1, ready(true)) };
}
typeOf(spawn(middle)).is<JoinHandle<{ x: string; y: number; z: boolean }, A | B | Elapsed>>(true);
