/** Values that belong to a task, or to a part of it: `taskLocal`. */
import { checkFunction, checkName, checkOptions, YamanoteError } from "../core/error.ts";
import type { Future } from "../core/future.ts";
import { into } from "../core/into.ts";
import { OneBranch } from "../core/one-branch.ts";
import type { Context, Poll } from "../core/poll.ts";
import { currentRuntime } from "../core/runtime-core.ts";
import { around, type Local } from "../core/surroundings.ts";
import type { Err, Out, Starred, Waitable } from "../core/types.ts";
import type { ContextStorage } from "../future/with-context.ts";
import { inherits, locals } from "./inherited-locals.ts";

/** A task local was read where it has no value. */
export class TaskLocalError extends YamanoteError {
	declare readonly name: "TaskLocalError";
	declare readonly code: "YAMANOTE_TASK_LOCAL";

	/** @internal */
	static override get called(): string {
		return "TaskLocalError";
	}

	constructor(local: string) {
		super(`${local} has no value here: give it one with scope(value, future), or read it with tryGet()`);
	}
}

/** What {@link taskLocal} needs of an `AsyncLocalStorage` to keep its values there. */
export interface LocalStorage<T> extends ContextStorage<T> {
	getStore(): T | undefined;
}

/** Options of {@link taskLocal}. */
export interface TaskLocalOptions<T> {
	/** Its name, in errors. */
	readonly name?: string | undefined;
	/** Tasks that are spawned where it has a value have that value too. Default false: a spawned task begins without. */
	readonly inherit?: boolean | undefined;
	/** An `AsyncLocalStorage` that keeps the values: then they flow wherever it flows, into native async functions and spawned tasks too. */
	readonly storage?: LocalStorage<T> | undefined;
}

/** A future that runs with a value of a task local: what {@link TaskLocal.scope} gives. */
export interface TaskLocalFuture<T, out R, out E> extends Future<R, E> {
	/**
	 * Takes the value out: the future goes on without it.
	 *
	 * @source `tokio::task::futures::TaskLocalFuture::take_value`
	 */
	takeValue(): T | undefined;
}

/**
 * A value that belongs to a task, or a part of it: made by {@link taskLocal}.
 *
 * @source `tokio::task::LocalKey`
 */
export abstract class TaskLocal<T> implements LocalStorage<T> {
	/** Its name, in errors. */
	readonly name: string;

	/** @internal */
	constructor(name: string) {
		this.name = name;
	}

	/**
	 * Runs a future with a value: whatever is called in it reads that, at each of its polls and in its cleanup, and nobody else does.
	 *
	 * @throws {@link TypeError} at the call, if it is no future
	 * @errors the failures of the future
	 * @cancelSafety cancel safe if the future is
	 * @source `tokio::task::LocalKey::scope`
	 */
	abstract scope<const F extends Waitable>(value: T, future: F & Starred<F>): TaskLocalFuture<T, Out<F>, Err<F>>;

	/**
	 * Runs a function with a value, without waits.
	 *
	 * @source `tokio::task::LocalKey::sync_scope`
	 */
	abstract syncScope<R>(value: T, f: () => R): R;

	/**
	 * Its value, or `undefined` where it has none.
	 *
	 * @source `tokio::task::LocalKey::try_get`
	 */
	abstract tryGet(): T | undefined;

	/**
	 * Its value.
	 *
	 * @throws {@link TaskLocalError} where it has none
	 * @source `tokio::task::LocalKey::get`
	 */
	get(): T {
		return this.with((value) => value);
	}

	/**
	 * Calls a function with its value.
	 *
	 * @throws {@link TaskLocalError} where it has none
	 * @source `tokio::task::LocalKey::with`, `try_with`
	 */
	with<R>(f: (value: T) => R): R {
		checkFunction("TaskLocal.with", f);
		const value = this.tryGet();
		if (value === undefined) throw new TaskLocalError(this.name);
		return f(value);
	}

	/** As {@link syncScope}, by the name that `AsyncLocalStorage` has for it: so a task local can stand for one. */
	run<R>(value: T, f: () => R): R {
		return this.syncScope(value, f);
	}

	/** As {@link tryGet}, by the name that `AsyncLocalStorage` has for it. */
	getStore(): T | undefined {
		return this.tryGet();
	}
}

/** Runs a branch with a value: how it is set and put back is up to the local. */
class Scoped<T, R, E> extends OneBranch<R, E> implements TaskLocalFuture<T, R, E> {
	readonly #local: TaskLocal<T>;
	#value: T | undefined;

	constructor(root: Iterator<unknown, unknown>, local: TaskLocal<T>, value: T) {
		super(root);
		this.#local = local;
		this.#value = value;
	}

	poll(cx: Context): Poll<R> {
		return this.#local.syncScope(this.#value as T, () => this.run(cx)) as Poll<R>;
	}

	protected override drop(cx: Context): Poll<void> {
		return this.#local.syncScope(this.#value as T, () => super.drop(cx));
	}

	takeValue(): T | undefined {
		const value = this.#value;
		this.#value = undefined;
		return value;
	}
}

/** The value that was set last. */
function valueIn<T>(values: Local | null, local: TaskLocal<T>): T | undefined {
	for (let l = values; l !== null; l = l.next) if (l.key === local) return l.value as T;
	return undefined;
}

/** Known where its scope is polled, and nowhere else. */
class Plain<T> extends TaskLocal<T> {
	scope<const F extends Waitable>(value: T, future: F & Starred<F>): TaskLocalFuture<T, Out<F>, Err<F>> {
		return new Scoped(into(future), this, value);
	}

	syncScope<R>(value: T, f: () => R): R {
		checkFunction("TaskLocal.syncScope", f);
		const before = around.locals;
		around.locals = { key: this, value, next: before };
		try {
			return f();
		} finally {
			around.locals = before;
		}
	}

	tryGet(): T | undefined {
		return valueIn(around.locals, this);
	}
}

/** One of a chain of values that spawned tasks take over. */
class Inherited<T> extends TaskLocal<T> {
	scope<const F extends Waitable>(value: T, future: F & Starred<F>): TaskLocalFuture<T, Out<F>, Err<F>> {
		return new Scoped(into(future), this, value);
	}

	syncScope<R>(value: T, f: () => R): R {
		checkFunction("TaskLocal.syncScope", f);
		const before = locals.current;
		inherits(currentRuntime());
		locals.current = { key: this, value, next: before, token: null };
		try {
			return f();
		} finally {
			locals.current = before;
		}
	}

	tryGet(): T | undefined {
		return valueIn(locals.current, this);
	}
}

/** Kept in a storage of somebody else. */
class Stored<T> extends TaskLocal<T> {
	readonly #storage: LocalStorage<T>;

	constructor(name: string, storage: LocalStorage<T>) {
		super(name);
		this.#storage = storage;
	}

	scope<const F extends Waitable>(value: T, future: F & Starred<F>): TaskLocalFuture<T, Out<F>, Err<F>> {
		return new Scoped(into(future), this, value);
	}

	syncScope<R>(value: T, f: () => R): R {
		checkFunction("TaskLocal.syncScope", f);
		return this.#storage.run(value, f);
	}

	tryGet(): T | undefined {
		return this.#storage.getStore();
	}
}

/**
 * Makes a value that belongs to a task, or to a part of it: a request's number, a user, a transaction. It is set for a future with
 * `scope(value, future)`, and read with `get()` by whatever that calls.
 *
 * A spawned task begins without it, unless `inherit` is set. In a native async function it is known until the first `await`; with an
 * `AsyncLocalStorage` as `storage` it is known after that too.
 *
 * @typeParam T - the values; `undefined` means that there is none
 * @throws {@link TypeError} for bad options
 * @source `tokio::task_local!`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { asyncFn, run, sleep, taskLocal } from "yamanote";
 *
 * const user = taskLocal<string>({ name: "user" });
 * const greet = asyncFn(function* () {
 *   yield* sleep(1);
 *   return `hello ${user.get()}`;
 * });
 * assert.equal(await run(user.scope("Ada", greet())), "hello Ada");
 * assert.equal(user.tryGet(), undefined);
 * ```
 */
export function taskLocal<T>(options: TaskLocalOptions<T> = {}): TaskLocal<T> {
	checkOptions("taskLocal", options);
	checkName(options.name);
	const { name = "a task local", inherit = false, storage } = options;
	if (storage === undefined) return inherit ? new Inherited(name) : new Plain(name);
	if (typeof storage.run !== "function" || typeof storage.getStore !== "function")
		throw new TypeError("taskLocal: storage must be an AsyncLocalStorage");
	return new Stored(name, storage);
}
