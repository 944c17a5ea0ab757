// Code that is generic itself: helpers that are given futures, functions and locks of any type.
import {
	type Attempt,
	asyncFn,
	attempt,
	byRef,
	type Elapsed,
	type Err,
	each,
	type Future,
	type IntoFuture,
	type JoinHandle,
	join,
	joinSettled,
	mapConcurrent,
	type Out,
	race,
	ready,
	retry,
	run,
	type Starred,
	scope,
	select,
	shared,
	sleep,
	spawn,
	timeout,
	tryJoin,
} from "yamanote";
import { type AcquireError, Mutex, mpsc, RwLock, Semaphore } from "yamanote/sync";
import { typeOf } from "./equal.ts";

export function spawned<T, E>(f: () => Future<T, E>): JoinHandle<T, E> {
	return spawn(f);
}
export function promised<T>(f: () => Promise<T>): Promise<T> {
	return run(async () => f());
}
export function pair<T, U, D, E>(a: Future<T, D>, b: Future<U, E>): Future<[T, U], D | E> {
	return tryJoin([a, b]);
}
export function both<T, U, D, E>(a: Future<T, D>, b: Future<U, E>): Future<{ a: T; b: U }, D | E> {
	return join({ a, b });
}
export function all<T, E>(futures: readonly Future<T, E>[]): Future<T[], E> {
	return tryJoin(futures);
}
export function mapped<T, U, E>(items: readonly T[], f: (item: T) => Future<U, E>): Future<U[], E> {
	return tryJoin(items.map((item) => f(item)));
}
export function limited<T, U>(items: readonly T[], f: (item: T) => Promise<U>): Future<U[]> {
	return mapConcurrent(items, 4, f);
}
export function limitedFutures<T, U, E>(items: readonly T[], f: (item: T) => Future<U, E>): Future<U[], E> {
	return mapConcurrent(items, 4, f);
}
export function settled<T, E>(f: Future<T, E>): Future<{ f: PromiseSettledResult<T> }> {
	return joinSettled({ f });
}
export function again<T>(f: (signal: AbortSignal) => Promise<T>): Future<T> {
	return retry({ times: 3 }, ({ signal }) => f(signal));
}
export function againFuture<T, E>(f: () => Future<T, E>): Future<T, E> {
	return retry({ times: 3 }, f);
}
export function within<T, E>(f: Future<T, E>): Future<T, E | Elapsed> {
	return timeout({ seconds: 1 }, f);
}
export function withinPromise<T>(f: PromiseLike<T>): Future<T, Elapsed> {
	return timeout(1, f);
}
export function first<T, E>(f: Future<T, E>): Future<T | undefined, E> {
	return race([f, ready(undefined)]);
}
export function named<T, E>(f: Future<T, E>) {
	return select({ f, late: sleep(1) });
}
export function tried<T, E>(f: Future<T, E>): Future<Attempt<T, unknown>> {
	return attempt(f);
}
export function once<T, E>(f: Future<T, E>): Future<T, E> {
	return shared(byRef(f));
}
export function child<T, E>(f: Future<T, E>): Future<T, E> {
	return scope(function* ({ spawn }) {
		return yield* spawn(f);
	});
}
// A helper for whatever can be waited for says what it is: the compiler does not look into `F`.
export function whatever<const F extends IntoFuture>(f: F & Starred<F>): Future<Out<F>, Err<F> | Elapsed> {
	return timeout(1, f as IntoFuture as Future<Out<F>, Err<F>>);
}
typeOf(whatever(async ({ id }) => id)).is<Future<number, Elapsed>>(true);
export const through = asyncFn(function* <T, E>(f: Future<T, E>) {
	return yield* f;
});
export function drained<T extends NonNullable<unknown>>(items: T[]): Promise<T | undefined> {
	return run(function* () {
		const [tx, rx] = mpsc.channel<T>(3);
		using sender = tx;
		for (const item of items) yield* sender.send(item);
		yield* each(rx, function* (item) {
			yield* sleep(1);
			items.push(item);
		});
		return yield* rx.recv();
	});
}

// Locks whose value, or whose body's value, has a type parameter.
export class Cache<K, V> {
	readonly #map = new Mutex(new Map<K, V>());
	readonly #last: RwLock<V>;
	readonly #permits = new Semaphore(2);
	constructor(last: V) {
		this.#last = new RwLock(last);
	}
	size() {
		return this.#map.withLock((guard) => guard.value.size);
	}
	get(key: K) {
		return this.#map.withLock((guard) => guard.value.get(key));
	}
	load(key: K, make: (key: K) => Promise<V>): Future<V> {
		return this.#map.withLock(async (guard) => guard.value.get(key) ?? (await make(key)));
	}
	loadFuture<E>(key: K, make: (key: K) => Future<V, E>): Future<V, E> {
		return this.#map.withLock(function* (guard) {
			return guard.value.get(key) ?? (yield* make(key));
		});
	}
	last() {
		return this.#last.withRead((guard) => guard.value);
	}
	keep(value: V): Future<V> {
		return this.#last.withWrite(async (guard) => {
			guard.value = value;
			return value;
		});
	}
	limited<T>(f: () => Promise<T>): Future<T, AcquireError> {
		return this.#permits.withPermit(async () => f());
	}
}
typeOf(new Cache<string, number>(1).size()).is<Future<number, never>>(true);
typeOf(new Cache<string, number>(1).get("x")).is<Future<number | undefined, never>>(true);
typeOf(new Cache<string, number>(1).last()).is<Future<number, never>>(true);
