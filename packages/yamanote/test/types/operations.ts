// Operations: `asyncFn` and `promiseFn` keep `this`, generics, optional parameters and those with a default.
import { type Async, asyncFn, type Future, fail, promiseFn, run, sleep } from "yamanote";
import { equal, typeOf } from "./equal.ts";

class Down extends Error {
	readonly code = "DOWN";
}

// no parameters, and no `this` that nobody wrote
typeOf(asyncFn(function* () {})).is<() => Future<void, never>>(true);
typeOf(
	asyncFn(function* () {
		return yield* fail(new Down());
	}),
).is<() => Future<never, Down>>(true);

// parameters with a type, with a default, with both, optional, the rest
typeOf(
	asyncFn(function* (limit = 3, name: string = "x", at?: Date) {
		yield* sleep(limit);
		return { limit, name, at };
	}),
).is<
	(
		limit?: number,
		name?: string,
		at?: Date | undefined,
	) => Future<{ limit: number; name: string; at: Date | undefined }, never>
>(true);
typeOf(
	asyncFn(function* (first: string, ...rest: number[]) {
		return [first, rest] as const;
	}),
).is<(first: string, ...rest: number[]) => Future<readonly [string, number[]], never>>(true);
typeOf(
	asyncFn(function* ({ a, b = 2 }: { a: string; b?: number }) {
		return [a, b] as const;
	}),
).is<(args_0: { a: string; b?: number }) => Future<readonly [string, number], never>>(true);
typeOf(
	asyncFn(function* ({ size = 4 } = {}) {
		return size;
	}),
).is<(args_0?: { size?: number | undefined }) => Future<number, never>>(true);

// generics
const same = asyncFn(function* <T>(x: T) {
	yield* sleep(1);
	return x;
});
export const isSame: <T>(x: T) => Future<T, never> = same;
typeOf(same("x")).is<Future<string, never>>(true);
const field = asyncFn(function* <T extends { id: number }, K extends keyof T>(x: T, key: K, times = 1) {
	yield* sleep(times);
	return x[key];
});
export const isField: <T extends { id: number }, K extends keyof T>(x: T, key: K, times?: number) => Future<T[K]> =
	field;
typeOf(field({ id: 1, at: new Date() }, "at")).is<Future<Date, never>>(true);
equal<Parameters<typeof field>[2], number | undefined>(true);

// `this`
const counted = asyncFn(function* (this: { n: number }, by: number, times = 2) {
	yield* sleep(times);
	return this.n + by;
});
typeOf(counted).is<(this: { n: number }, by: number, times?: number) => Future<number, never>>(true);
const counter = { n: 1, counted };
typeOf(counter.counted(2)).is<Future<number, never>>(true);

class Repository {
	readonly name = "users";
	readonly load = asyncFn(function* (this: Repository, id: number) {
		if (id < 0) return yield* fail(new Down());
		return `${this.name}/${id}`;
	});
	readonly wrap = asyncFn(function* <T>(this: Repository, value: T, deep = false) {
		return { from: this.name, value, deep };
	});
	readonly find = promiseFn(function* (this: Repository, id = 1) {
		return yield* this.load(id);
	});
}
typeOf(new Repository().load(1)).is<Future<string, Down>>(true);
typeOf(new Repository().wrap([1])).is<Future<{ from: string; value: number[]; deep: boolean }, never>>(true);
typeOf(new Repository().find()).is<Promise<string>>(true);

// mistake: The 'this' context of type 'void' is not assignable to method's 'this' of type '{ n: number; }'
counted(2);

// given a type from outside
export const typed: (id: number) => Future<string> = asyncFn(function* (id) {
	equal<typeof id, number>(true);
	return id.toFixed();
});
export const annotated = asyncFn(function* (ms: number): Async<string, Down> {
	yield* sleep(ms);
	return "rested";
});
typeOf(annotated).is<(ms: number) => Future<string, Down>>(true);
interface Service {
	load(id: number): Future<string, Down>;
}
export const service: Service = {
	load: asyncFn(function* (id) {
		if (id < 0) return yield* fail(new Down());
		return id.toFixed();
	}),
};

// one calls another, itself, and several kinds
const factorial = asyncFn(function* (n: number): Async<number> {
	if (n < 2) return 1;
	return n * (yield* factorial(n - 1));
});
typeOf(factorial(3)).is<Future<number, never>>(true);
const outer = asyncFn(function* () {
	const text = yield* new Repository().load(1);
	return [text, yield* same(2)] as const;
});
typeOf(outer).is<() => Future<readonly [string, number], Down>>(true);

// promiseFn
typeOf(
	promiseFn(function* (limit = 3) {
		yield* sleep(limit);
		return limit;
	}),
).is<(limit?: number) => Promise<number>>(true);
const listed = promiseFn(function* <T>(x: T) {
	return [x];
});
export const isListed: <T>(x: T) => Promise<T[]> = listed;
typeOf(run(outer())).is<Promise<readonly [string, number]>>(true);

// mistake: Parameter 'id' implicitly has an 'any' type
asyncFn(function* (id) {
	return id;
});

// mistake: write `yield*`
asyncFn(function* (ms = 1) {
	yield sleep(ms);
});

// mistake: write `yield*`
promiseFn(function* () {
	yield sleep(1);
});

// mistake: give a generator function: write `function*` for `async`, and `yield*` for `await`
asyncFn(async (id: number) => id);

// mistake: give a generator function: write `function*` for `async`, and `yield*` for `await`
promiseFn(async () => 1);

// mistake: give a generator function
asyncFn(() => 1);
