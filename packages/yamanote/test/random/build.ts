/** Makes futures of a program. What they do is told to a witness. */
import {
	type Async,
	asyncFn,
	attempt,
	byRef,
	each,
	type Future,
	FuturesUnordered,
	type IntoFuture,
	type Joined,
	JoinSet,
	join,
	joinSettled,
	mapConcurrent,
	once,
	pending,
	race,
	retry,
	type Scope,
	scope,
	select,
	shared,
	sleep,
	spawn,
	type TaskContext,
	timeout,
	tryJoin,
	withLimits,
	yieldNow,
} from "yamanote";
import type { Node } from "./program.ts";
import { waitFor, waitForAll } from "./ways.ts";
import type { Witness } from "./witness.ts";

export type Any = Future<unknown, unknown>;
type Handle = ReturnType<typeof spawn<() => Async<unknown, unknown>>>;

/** A body in place, as a future. */
export const asFuture = (f: IntoFuture): Any => timeout(Infinity, f) as Any;

const record = <T>(items: readonly T[]): Record<string, T> =>
	Object.fromEntries(items.map((item, i) => [`branch${i}`, item]));

const NOTHING = Symbol("nothing");

export class Builder {
	readonly witness: Witness;
	/** The tasks that several wait for. */
	handles: readonly Handle[] = [];

	constructor(witness: Witness) {
		this.witness = witness;
	}

	/** As a child of a combinator, or the root of a task: in one of several forms. Lazy: a deadline is fixed when it is made. */
	child(node: Node): IntoFuture {
		if (node.kind === "body") return this.#body(node);
		if (node.id % 3 === 0) return () => this.future(node)[Symbol.iterator]() as never;
		const make = (): Any => this.future(node);
		const body = function* (): Async<unknown, unknown> {
			return yield* make();
		};
		return node.id % 3 === 1 ? body : (asyncFn(body)() as Any);
	}

	/** As a future. */
	future(node: Node): Any {
		return this.#future(node) as Any;
	}

	#future(node: Node): Future<unknown, unknown> {
		const { witness } = this;
		const { of, ms, n, id } = node;
		const kids = (): IntoFuture[] => of.map((x) => this.child(x));
		const kid = (): IntoFuture => this.child(of[0] as Node);
		const call = (x: Node): Any => (x.kind === "body" ? asFuture(this.#body(x)) : this.future(x));
		const limit = n === 0 ? {} : { concurrency: n };
		const flow = (body: () => Async<unknown, unknown>): Any => asyncFn(body)() as Any;
		const start = (): Handle => witness.spawn(spawn(kid() as () => Async<unknown, unknown>));
		switch (node.kind) {
			case "sleep":
				return sleep(ms);
			case "never":
				return pending();
			case "yield":
				return flow(function* () {
					for (let i = 0; i < n; i++) yield* yieldNow();
				});
			case "fail":
				return flow(function* () {
					yield* sleep(ms);
					throw witness.fail(id);
				});
			case "event": {
				const target = new EventTarget();
				return tryJoin([
					once(target, "come"),
					function* () {
						yield* sleep(ms);
						target.dispatchEvent(new Event("come"));
					},
				]);
			}
			case "handle": {
				const handle = this.handles[n];
				// It was taken out of a program that is made smaller.
				if (handle === undefined) return sleep(0);
				return asFuture(waitFor(witness, handle, node.ways[0] ?? "yield*"));
			}
			case "body":
				return asFuture(this.#body(node));
			case "join":
				return join(kids(), limit);
			case "tryJoin":
				return id % 2 === 0 ? tryJoin(kids(), limit) : tryJoin(record(kids()), limit);
			case "joinSettled":
				return flow(function* () {
					for (const outcome of yield* joinSettled(kids(), limit))
						if (outcome.status === "rejected") witness.see(outcome.reason);
				});
			case "race":
				return race(kids());
			case "select":
				return select(record(kids()), { biased: id % 2 === 0 });
			case "mapConcurrent":
				return mapConcurrent(id % 3 === 0 ? later(of) : of, n, call);
			case "each":
				return each(of, call, { concurrency: n });
			case "FuturesUnordered":
				return flow(function* () {
					const all = new FuturesUnordered<IntoFuture>(kids());
					for (let next = yield* all.next(); next.done !== true; next = yield* all.next());
				});
			case "JoinSet.joinAll":
				return flow(function* () {
					const set = new JoinSet();
					for (const one of kids()) set.spawn(one as () => Promise<unknown>);
					yield* set.joinAll();
				});
			case "JoinSet.joinNext":
				return flow(function* () {
					const set = new JoinSet();
					for (const one of kids()) set.spawn(one as () => Promise<unknown>);
					// Some give the wait up now and then, and wait again.
					const take = function* (): Async<Joined<unknown> | undefined, unknown> {
						if (n < 2) return yield* set.joinNextWithId();
						for (;;) {
							const first = yield* select({
								next: set.joinNextWithId(),
								tick: sleep(ms > 100 ? ms + 0.5 : Math.max(1, ms)),
							});
							if (first.key === "next") return first.value;
						}
					};
					const takeAll = asyncFn(function* () {
						for (let next = yield* take(); next !== undefined; next = yield* take())
							if (next.status === "rejected") witness.see(next.reason);
					});
					try {
						yield* join(n === 0 ? [takeAll()] : [takeAll(), takeAll()]);
					} finally {
						set.abortAll();
						yield* takeAll();
					}
				});
			case "retry": {
				let tries = 0;
				const when = (error: unknown, failures: number): boolean => {
					if (failures < of.length) witness.see(error);
					return true;
				};
				return retry({ times: of.length, backoffMs: () => ms, when }, () => call(of[tries++] as Node));
			}
			case "scope":
				return this.#scope(node);
			case "timeout":
				return timeout(ms, kid()) as Any;
			case "attempt":
				return flow(function* () {
					const answer = yield* attempt(kid());
					if (!answer.ok) witness.see(answer.error);
				});
			case "byRef":
				return flow(function* () {
					const work = byRef(kid());
					// In between the times at which anything else happens.
					for (let tick = ms; ; tick *= 2) {
						const first = yield* select({ work, tick: sleep(tick > 100 ? tick + 0.5 : tick) });
						if (first.key === "work" || tick === 0) return;
					}
				});
			case "withLimits":
				return withLimits({ cleanupTimeout: 50_000 }, kid()) as Any;
			case "deep": {
				let future = kid();
				for (let i = 0; i < n; i++)
					future = i % 3 === 0 ? tryJoin([future]) : i % 3 === 1 ? timeout(Infinity, future) : race([future]);
				return future as Any;
			}
			case "spawn":
				return flow(function* () {
					return yield* start();
				});
			case "spawn, owned":
				return flow(function* () {
					return yield* start().abortOnDrop();
				});
			case "spawn, aborted":
				return flow(function* () {
					const handle = start();
					yield* sleep(ms);
					handle.abort(witness.reason(`the program aborts #${id}`));
					const answer = yield* attempt(handle);
					if (!answer.ok) witness.see(answer.error);
				});
			case "spawn, detached":
				return flow(function* () {
					yield* sleep(ms);
					start().detach();
				});
			case "spawn, for many":
				return flow(function* () {
					const handle = start();
					return yield* waitForAll(
						node.by,
						node.ways.map((way) => waitFor(witness, handle, way)),
					);
				});
			case "shared":
				return flow(function* () {
					const work = shared(kid()) as Any;
					try {
						return yield* join(node.ways.map((way) => waitFor(witness, work, way)));
					} finally {
						work[Symbol.dispose]();
					}
				});
		}
	}

	#scope(node: Node): Any {
		const [first, ...rest] = node.of as [Node, ...Node[]];
		const { witness } = this;
		const begin = (s: Scope): Any => {
			if (node.ms > 0)
				s.spawn(function* () {
					yield* sleep(node.ms);
					s.cancel(witness.reason(`the program cancels #${node.id}`));
				});
			for (const one of rest) s.spawn(this.child(one) as () => Promise<unknown>);
			return this.future(first);
		};
		if (node.style.startsWith("async,")) return scope(async (s) => await s.run(begin(s))) as Any;
		return scope(function* (s) {
			return yield* begin(s);
		}) as Any;
	}

	#body(node: Node): IntoFuture {
		const { witness } = this;
		const steps = node.of.map((x) => () => this.future(x));
		const cleanup = node.cleanup === null ? null : () => this.future(node.cleanup as Node);
		const body = function* (): Async<number, unknown> {
			const name = witness.begin(node.id);
			let failure: unknown = NOTHING;
			try {
				for (const step of steps) yield* step();
				return node.id;
			} catch (error) {
				failure = error;
				throw error;
			} finally {
				witness.end(name);
				if (cleanup !== null) {
					let whole = false;
					try {
						yield* cleanup();
						whole = true;
					} finally {
						if (!whole && failure !== NOTHING) witness.hide(failure);
					}
				}
			}
		};
		const native =
			(wait: (make: () => Any, task: TaskContext) => PromiseLike<unknown>) => async (task: TaskContext) => {
				const name = witness.begin(node.id);
				let failure: unknown = NOTHING;
				try {
					for (const step of steps) await wait(step, task);
					return node.id;
				} catch (error) {
					failure = error;
					throw error;
				} finally {
					witness.end(name);
					if (cleanup !== null) {
						try {
							await wait(cleanup, task);
						} catch (error) {
							if (failure !== NOTHING) witness.hide(failure);
							// biome-ignore lint/correctness/noUnsafeFinally: so do programs
							throw error;
						}
					}
				}
			};
		switch (node.style) {
			case "generator":
				return body;
			case "asyncFn":
				return asyncFn(body)();
			case "nested asyncFn":
				return asyncFn(function* () {
					return yield* asyncFn(body)();
				})();
			case "async, by run":
				// Made in its task: a page knows of no other than the default runtime here.
				return native((make, { run }) =>
					run(function* () {
						return yield* make();
					}),
				);
			case "async, by await":
				return native((make) => make());
		}
	}
}

async function* later<T>(items: readonly T[]): AsyncGenerator<T> {
	yield* items;
}
