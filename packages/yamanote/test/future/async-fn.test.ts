import { describe, expect, it } from "vitest";
import { type Async, asyncFn, Future, fail, pending, promiseFn, run, spawn, yieldNow } from "yamanote";
import { byHand } from "../support/by-hand.ts";
import { gate } from "../support/gate.ts";
import { microtasks } from "../support/host.ts";

class Bad extends Error {
	readonly code = "BAD";
}

describe("asyncFn", () => {
	it("keeps this, arguments, name and length", async () => {
		class Repo {
			db = "db";
			readonly find = asyncFn(function* find(this: Repo, id: number, _more: string) {
				yield* yieldNow();
				return `${this.db}:${id}`;
			});
		}
		const repo = new Repo();
		expect(await run(repo.find(7, ""))).toBe("db:7");
		expect([repo.find.name, repo.find.length]).toEqual(["find", 2]);
	});

	it("keeps generic parameters", async () => {
		const same = asyncFn(function* <T>(value: T): Async<T> {
			yield* yieldNow();
			return value;
		});
		expect((await run(same(5))).toFixed()).toBe("5");
		expect((await run(same("text"))).length).toBe(4);
	});

	it("gives a Future that runs nothing, a new one at each call", async () => {
		let calls = 0;
		const f = asyncFn(function* () {
			calls++;
		});
		const a = f();
		const b = f();
		expect(a).toBeInstanceOf(Future);
		expect(a === b).toBe(false);
		expect(calls).toBe(0);
		await run(a);
		expect(calls).toBe(1);
	});

	it("evaluates default parameters at the call, as a function does", () => {
		const f = asyncFn(function* (_n: number = boom()) {});
		function boom(): never {
			throw new Bad("default parameter");
		}
		expect(() => f()).toThrow("default parameter");
	});

	it("gives the value of its generator, and its failure", async () => {
		const f = asyncFn(function* (ok: boolean) {
			yield* yieldNow();
			if (!ok) throw new Bad("failed");
			return "value";
		});
		expect(await run(f(true))).toBe("value");
		await expect(run(f(false))).rejects.toThrow("failed");
		const now = asyncFn(function* () {
			throw new Bad("at once");
		});
		await expect(run(now())).rejects.toThrow("at once");
		await expect(
			run(function* () {
				yield* now();
			}),
		).rejects.toThrow("at once");
	});

	it("calls itself, and others, as deep as it likes", async () => {
		const sum = asyncFn(function* (n: number): Async<number> {
			yield* yieldNow();
			return n === 0 ? 0 : n + (yield* sum(n - 1));
		});
		expect(await run(sum(200))).toBe(20_100);
	});

	it("can be polled by hand, and dropped by hand", () => {
		const door = gate<number>();
		const f = asyncFn(function* () {
			return (yield* door) + 1;
		});
		const hand = byHand(f());
		hand.pending();
		door.open(1);
		expect(hand.wakes).toBe(1);
		expect(hand.poll()).toBe(2);
		expect(() => hand.poll()).toThrow(/already completed/);
		const cleaned: string[] = [];
		const g = asyncFn(function* () {
			try {
				yield* pending();
			} finally {
				cleaned.push("cleaned");
			}
		})();
		byHand(g).pending();
		g[Symbol.dispose]();
		expect(cleaned).toEqual(["cleaned"]);
	});

	it("dropped before it has begun, runs nothing", async () => {
		const log: string[] = [];
		const f = asyncFn(function* () {
			try {
				log.push("began");
			} finally {
				log.push("finally");
			}
		});
		const future = f();
		future[Symbol.dispose]();
		expect(log).toEqual([]);
	});

	it("refuses what is no generator function, at the call", () => {
		expect(() => asyncFn(5 as never)).toThrow(/asyncFn.*not 5/);
		expect(() => asyncFn((() => 5) as never)()).toThrow(/function\*/);
		expect(() => asyncFn((async () => 5) as never)()).toThrow(/function\*/);
		expect(() => asyncFn((() => null) as never)()).toThrow(TypeError);
	});

	it("takes a function that returns a generator", async () => {
		const body = function* () {
			yield* yieldNow();
			return 1;
		};
		expect(await run(asyncFn(() => body())())).toBe(1);
	});

	it("takes a function whose generators are objects of a transpiler: values, failures and cancellation", async () => {
		const log: string[] = [];
		// As compilers for old engines write `function*`: an object with the three methods, and no generator of the engine.
		const transpiled = <T>(gen: Generator<unknown, T>): Generator<never, T> =>
			({
				[Symbol.toStringTag]: "Generator",
				[Symbol.iterator]() {
					return this;
				},
				next: () => gen.next(),
				return: (v: T) => gen.return(v),
				throw: (e: unknown) => gen.throw(e),
			}) as never;
		const op = asyncFn(((what: string) =>
			transpiled(
				(function* () {
					try {
						yield* yieldNow();
						if (what === "fail") throw new Bad("no");
						if (what === "wait") yield* pending();
						return what;
					} finally {
						log.push(`end of ${what}`);
					}
				})(),
			)) as never) as unknown as (what: string) => Future<string>;
		expect(await run(op("a"))).toBe("a");
		const nested = asyncFn(function* () {
			return `nested ${yield* op("b")}`;
		});
		expect(await run(nested())).toBe("nested b");
		await expect(run(op("fail"))).rejects.toThrow(Bad);
		const waits = spawn(op("wait"));
		await microtasks();
		waits.abort();
		await expect(Promise.resolve(waits)).rejects.toThrow(/cancel/);
		expect(log).toEqual(["end of a", "end of b", "end of fail", "end of wait"]);
	});
});

describe("promiseFn", () => {
	it("rejects with what its parameters throw, as an async function does", async () => {
		const name = promiseFn(function* ({ name }: { name: string }, text = name.trim()) {
			yield* yieldNow();
			return text;
		});
		expect(await name({ name: " Ada " })).toBe("Ada");
		for (const bad of [undefined, {}, { name: 5 }]) {
			const promise = name(bad as never);
			await expect(promise).rejects.toBeInstanceOf(TypeError);
		}
	});

	it("is a drop-in for an async function: a real promise, this, name and length kept", async () => {
		const object = {
			factor: 3,
			times: promiseFn(function* times(this: { factor: number }, n: number) {
				yield* yieldNow();
				return n * this.factor;
			}),
		};
		const promise = object.times(4);
		expect(promise).toBeInstanceOf(Promise);
		expect(await promise).toBe(12);
		expect([object.times.name, object.times.length]).toEqual(["times", 1]);
	});

	it("starts at once, unlike asyncFn, though not inside the call", async () => {
		const log: string[] = [];
		const f = promiseFn(function* () {
			log.push("runs");
		});
		const promise = f();
		expect(log).toEqual([]);
		await microtasks(2);
		expect(log).toEqual(["runs"]);
		await promise;
	});

	it("rejects with the failure", async () => {
		await expect(
			promiseFn(function* () {
				yield* fail(new Bad());
			})(),
		).rejects.toBeInstanceOf(Bad);
	});

	it("refuses what is no generator function", () => {
		expect(() => promiseFn(null as never)).toThrow(/promiseFn/);
		expect(() => promiseFn((() => 1) as never)()).toThrow(/function\*/);
	});
});
