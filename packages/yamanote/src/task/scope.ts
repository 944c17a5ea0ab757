/** Tasks that end before the code that started them does: `scope`. */
import { Branch, reportCleanup } from "../core/branch.ts";
import { Composite } from "../core/composite.ts";
import { discard } from "../core/discard.ts";
import type { Driver } from "../core/driver.ts";
import type { Duration } from "../core/duration.ts";
import { checkOptions, describe, withOthers } from "../core/error.ts";
import type { Future } from "../core/future.ts";
import { isGenerator, isGeneratorFunction } from "../core/generator.ts";
import type { JoinHandle } from "../core/handle.ts";
import { BodyContext, into } from "../core/into.ts";
import { type Context, Pending, type Poll } from "../core/poll.ts";
import { currentRuntime } from "../core/runtime-core.ts";
import { runningTask, S } from "../core/shared.ts";
import { capture, TRACER } from "../core/trace.ts";
import type { Err, Out, Starred, TaskContext, Waitable } from "../core/types.ts";
import type { Elapsed } from "../time/error.ts";
import { Instant } from "../time/instant.ts";
import { currentDue } from "../time/nearest.ts";
import { timeout, timeoutAt } from "../time/timeout.ts";
import { HandedOn } from "./handed-on.ts";
import { Nursery } from "./nursery.ts";
import type { SpawnOptions } from "./spawn.ts";

/** Starts tasks that end before a scope does. Its functions are bound, so it can be destructured. */
export interface Spawner {
	/**
	 * Starts a child, at once: it may itself start further ones. If it fails, everybody else in the scope is cancelled, and the scope throws
	 * its failure, whether or not somebody awaits the handle. A child that was aborted by its handle has not failed.
	 *
	 * @throws `ScopeClosedError` after the scope has ended; {@link TypeError} if it is no future
	 * @cancelSafety a wait for the handle is cancel safe: the child goes on, and the scope waits for it
	 */
	readonly spawn: <const F extends Waitable>(
		future: F & Starred<F>,
		options?: SpawnOptions,
	) => JoinHandle<Out<F>, Err<F>>;
	/** Cancels the scope: its body and all its children, and those still to come. It throws `CancelledError` when their cleanup has ended. */
	readonly cancel: (reason?: unknown) => void;
	/** Aborts the children that live, and nothing else: the scope goes on, and gives its value. */
	readonly abortAll: (reason?: unknown) => void;
	/** Children that have not ended. */
	readonly size: number;
}

/** What the body of a {@link scope} is given: what a task body is given, and what starts children. */
export interface Scope extends TaskContext, Spawner {}

/** Options of {@link scope}. */
export interface ScopeOptions {
	/** Until when it must have ended: a duration from now on, or an instant. Then all of it is cancelled, and it throws `Elapsed`. */
	readonly deadline?: Duration | Instant | undefined;
	/** How many children run at once; a whole number of at least 1, or `Infinity`. Default: all. The others wait before their first line, in their order. */
	readonly concurrency?: number | undefined;
}

class ScopeContext extends HandedOn implements Scope {
	readonly #nursery: Nursery;

	constructor(task: TaskContext, nursery: Nursery) {
		super(task);
		this.#nursery = nursery;
	}

	get spawn(): Scope["spawn"] {
		return ((future: unknown, options: SpawnOptions) => this.#nursery.spawn(future, options)) as never;
	}
	get cancel(): Scope["cancel"] {
		return (reason) => this.#nursery.cancel(reason);
	}
	get abortAll(): Scope["abortAll"] {
		return (reason) => this.#nursery.children.abort(reason);
	}
	get size(): number {
		return this.#nursery.children.size;
	}
}

/** @internal A root that makes way for another at the first poll. */
export abstract class Begin implements Iterator<unknown, unknown> {
	readonly done = false;
	readonly value: undefined = undefined;

	/** Gives the driver its root. */
	protected abstract begin(d: Driver): void;

	next(): IteratorResult<unknown, unknown> {
		const d = S.current as Driver;
		if (d === TRACER) {
			capture(this.next, this);
			return this;
		}
		this.begin(d);
		return d.root.next();
	}
}

/** Calls a generator function, whose generator is the root. */
class Call extends Begin {
	readonly #f: (scope: Scope) => Iterator<unknown, unknown>;
	readonly #nursery: Nursery;

	constructor(f: (scope: Scope) => Iterator<unknown, unknown>, nursery: Nursery) {
		super();
		this.#f = f;
		this.#nursery = nursery;
	}

	protected begin(d: Driver): void {
		const f = this.#f;
		d.root = f(new ScopeContext(new BodyContext(d, null), this.#nursery));
		d.generator = isGenerator(d.root);
	}
}

/** The body. It is told why it is cancelled. */
class Body extends Branch {
	readonly #nursery: Nursery;

	constructor(root: Iterator<unknown, unknown>, parent: never, nursery: Nursery) {
		super(root, parent);
		this.#nursery = nursery;
	}

	override get reason(): unknown {
		return this.#nursery.cancelled ?? undefined;
	}
}

/** @internal The body of a scope and its children: ended when all have. */
export class ScopeFuture<T, E> extends Composite<T, E> {
	readonly nursery: Nursery;
	readonly #body: Branch;
	#unwinding = false;
	#bodyEnded = false;
	#hasValue = false;
	#value: unknown;

	constructor(root: Iterator<unknown, unknown>, nursery: Nursery) {
		super();
		this.nursery = nursery;
		this.#body = new Body(root, this as never, nursery);
	}

	poll(cx: Context): Poll<T> {
		const { nursery } = this;
		nursery.waker = this.#body.parent = cx.waker;
		const task = runningTask();
		if (task !== null) nursery.runtime = task.runtime;
		nursery.deadline = currentDue();
		if (!this.#bodyEnded && nursery.cancelled === null && this.#body.woken) this.#run();
		if (nursery.cancelled !== null) this.#unwind();
		if (!this.#bodyEnded || nursery.children.size > 0) return Pending;
		nursery.close();
		if (nursery.cancelled === null) return this.#value as T;
		if (this.#hasValue) discard(this.#value);
		throw nursery.failures.length > 0 ? withOthers(nursery.failures) : nursery.cancelled;
	}

	#run(): void {
		try {
			const value = this.#body.run();
			if (value === Pending) return;
			this.#hasValue = true;
			this.#value = value;
		} catch (error) {
			this.nursery.fail(error);
		}
		this.#bodyEnded = true;
	}

	#unwind(): void {
		if (this.#bodyEnded || (this.#unwinding && !this.#body.woken)) return;
		this.#unwinding = true;
		this.#bodyEnded = this.#body.cancel();
	}

	protected override drop(cx: Context): Poll<void> {
		const { nursery } = this;
		nursery.waker = this.#body.parent = cx.waker;
		const { reason } = cx as Partial<Driver>;
		nursery.cancel(reason);
		this.#unwind();
		if (!this.#bodyEnded || nursery.children.size > 0) return Pending;
		nursery.close();
		if (this.#hasValue) discard(this.#value);
		for (const error of nursery.failures) reportCleanup(error, reason);
	}

	/** The drivers within, for dumps. */
	branches(): Iterable<Driver> {
		return this.#bodyEnded ? [] : [this.#body];
	}

	/** What a dump says of it, once its body has ended. */
	waitsFor(): { what: string } {
		return { what: `${this.nursery.children.size} children of a scope` };
	}
}

/** @internal A future with the deadline of the options, if there is one. */
export function limited<T, E>(future: ScopeFuture<T, E>, deadline: ScopeOptions["deadline"]): Future<T, E | Elapsed> {
	if (deadline === undefined) return future;
	return deadline instanceof Instant ? timeoutAt(deadline, future) : timeout(deadline, future);
}

/**
 * Runs a body that can start tasks, and ends when the body and all the tasks have ended: no task outlives it, whatever happens.
 *
 * - The first failure, of the body or of a child, cancels everybody else; the scope waits for their cleanup and throws that failure, with
 *   later ones in its `cause`.
 * - Cancelling the scope (a lost `select`, an elapsed `timeout`, `abort`) cancels all of it.
 * - Children can start further children, as long as the scope lives.
 *
 * @param body - a generator function or an async function, given the {@link Scope}
 * @throws {@link TypeError}, {@link RangeError} at the call, for bad arguments
 * @errors the failures of the body and of the children; `Elapsed` at the deadline; `CancelledError` after `cancel()`
 * @cancelSafety cancel safe if body and children are; it goes on when all their cleanup has ended
 * @source none: a nursery, as in Trio; `std::thread::scope` for tasks
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { run, scope, sleep } from "yamanote";
 *
 * const log: string[] = [];
 * const value = await run(scope(function* ({ spawn }) {
 *   spawn(function* () {
 *     yield* sleep(2);
 *     log.push("child");
 *   });
 *   log.push("body");
 *   return 7;
 * }));
 * assert.equal(value, 7);
 * assert.deepEqual(log, ["body", "child"]);
 * ```
 */
export function scope<G extends Iterator<unknown, unknown, never> | PromiseLike<unknown>>(
	body: ((scope: Scope) => G) & Starred<G>,
	options?: ScopeOptions & { readonly deadline?: undefined },
): Future<Out<G>, Err<G>>;
export function scope<G extends Iterator<unknown, unknown, never> | PromiseLike<unknown>>(
	body: ((scope: Scope) => G) & Starred<G>,
	options: ScopeOptions,
): Future<Out<G>, Err<G> | Elapsed>;
export function scope(body: unknown, options: ScopeOptions = {}): Future<unknown, unknown> {
	checkOptions("scope", options);
	if (typeof body !== "function") throw new TypeError(`scope: give a function, not ${describe(body)}`);
	const f = body as (scope: Scope) => never;
	const nursery = new Nursery("scope", currentRuntime(), options.concurrency);
	const root = isGeneratorFunction(f)
		? new Call(f, nursery)
		: into((task: TaskContext) => f(new ScopeContext(task, nursery)));
	return limited(new ScopeFuture(root, nursery), options.deadline);
}
