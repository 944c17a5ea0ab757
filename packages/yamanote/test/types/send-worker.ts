// Workers and their callers, checked end to end.
import { asyncFn, type Future, fail, type JoinHandle, sleep, tryJoin } from "yamanote";
import { defineWorker, spawnBlocking, ThreadPool, type WorkerLost, type WorkerStream } from "yamanote/threads";
import { typeOf } from "./equal.ts";

class TooBig extends Error {
	readonly code = "TOO_BIG";
}

const salt = new Uint8Array(16);

export const hashing = defineWorker(import.meta.url, {
	weak: (password: string): boolean => password.length < 8,
	find: (id: number): { name: string } | undefined => (id === 1 ? { name: "Ada" } : undefined),
	maybe: (n: number): 1 | Promise<"a"> => (n > 1 ? 1 : Promise.resolve("a" as const)),
	parse: (text: string) => JSON.parse(text),
	scrypt(password: string, salt: Uint8Array): Uint8Array {
		return salt;
	},
	*primesBelow(limit: number) {
		yield* sleep(1);
		if (limit > 1e9) return yield* fail(new TooBig());
		return [limit];
	},
	async later(x: { readonly a: number }, y?: string) {
		return x.a;
	},
	async *lines(path: string) {
		yield path;
	},
	save(document: object, meta: unknown) {
		return 1;
	},
	all(...names: string[]) {
		return names.length;
	},
	named: asyncFn(function* (ms: number) {
		yield* sleep(ms);
		return "done";
	}),
	nothing() {},
});

typeOf(hashing.scrypt("hunter2", salt)).is<Future<Uint8Array, WorkerLost>>(true);
typeOf(hashing.primesBelow(100)).is<Future<number[], TooBig | WorkerLost>>(true);
typeOf(hashing.later({ a: 1 })).is<Future<number, WorkerLost>>(true);
typeOf(hashing.later({ a: 1 }, "b")).is<Future<number, WorkerLost>>(true);
typeOf(hashing.lines("a")).is<WorkerStream<string, WorkerLost>>(true);
typeOf(hashing.save({ a: 1 }, [1])).is<Future<number, WorkerLost>>(true);
typeOf(hashing.all("a", "b")).is<Future<number, WorkerLost>>(true);
typeOf(hashing.named(1)).is<Future<string, WorkerLost>>(true);
typeOf(hashing.nothing()).is<Future<void, WorkerLost>>(true);
typeOf(hashing.weak("a")).is<Future<boolean, WorkerLost>>(true);
typeOf(hashing.find(1)).is<Future<{ name: string } | undefined, WorkerLost>>(true);
typeOf(hashing.maybe(1)).is<Future<"a" | 1, WorkerLost>>(true);
// biome-ignore lint/suspicious/noExplicitAny: what JSON.parse gives
typeOf(hashing.parse("a")).is<Future<any, WorkerLost>>(true);
typeOf(hashing.scrypt.with({ priority: 1 })("a", salt)).is<Future<Uint8Array, WorkerLost>>(true);
typeOf(spawnBlocking(hashing.scrypt, "a", salt)).is<JoinHandle<Uint8Array, WorkerLost>>(true);
typeOf(spawnBlocking(hashing.save, { a: 1 }, 2)).is<JoinHandle<number, WorkerLost>>(true);
typeOf(new ThreadPool().bind(hashing).later({ a: 1 })).is<Future<number, WorkerLost>>(true);
typeOf(tryJoin([hashing.scrypt("a", salt), hashing.primesBelow(1)])).is<
	Future<[Uint8Array, number[]], TooBig | WorkerLost>
>(true);

// mistake: 'log' does not exist in type 'Uint8Array
hashing.scrypt("x", { log() {} });

// mistake: Expected 2 arguments, but got 1
hashing.scrypt("x");

// mistake: args[0].log is a function: send data, and call a function of defineWorker there
hashing.save({ log() {} }, 1);

// mistake: args[1] is a promise: await it, and send its value
hashing.save({}, Promise.resolve(1));

// mistake: Expected 2 arguments, but got 3
hashing.save({}, 1, 2);

// mistake: args[0].log is a function: send data, and call a function of defineWorker there
spawnBlocking(hashing.save, { log() {} }, 1);

// mistake: not assignable to parameter of type 'Uint8Array
spawnBlocking(hashing.scrypt, "a", "b");

// mistake: Expected 3 arguments, but got 2
spawnBlocking(hashing.scrypt, "a");

// mistake: is not assignable to parameter of type 'FromDefineWorker<
spawnBlocking((n: number) => n, 1);

// mistake: args[0].log is a function: send data, and call a function of defineWorker there
defineWorker(import.meta.url, {
	bad: (logger: { log(): void }) => 1,
});

// mistake: args[1] is an AbortSignal: a function of a worker has its own, abortSignal()
defineWorker(import.meta.url, {
	bad: (url: string, signal: AbortSignal) => 1,
});

// mistake: args[…] is a function: send data
defineWorker(import.meta.url, {
	bad: (...handlers: (() => void)[]) => 1,
});

// mistake: the result.close is a function: send data, and call a function of defineWorker there
defineWorker(import.meta.url, {
	bad: (url: string) => ({ close: () => {} }),
});

// mistake: the result is a symbol: send a string
defineWorker(import.meta.url, {
	async *bad(n: number) {
		yield Symbol();
	},
});

// mistake: not assignable to type
defineWorker(import.meta.url, {
	version: 1,
});
