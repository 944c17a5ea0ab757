/** User values that are not leaked when nobody receives them: `disposeUnclaimed`. */
import { delegate } from "../core/delegate.ts";
import { kRelease } from "../core/discard.ts";
import { describe } from "../core/error.ts";
import { FnFuture } from "../core/frame.ts";
import { FromPromise } from "../core/from-promise.ts";
import type { Future } from "../core/future.ts";
import { isGeneratorFunction } from "../core/generator.ts";
import { into } from "../core/into.ts";
import { kFuture } from "../core/poll.ts";
import { currentRuntime } from "../core/runtime-core.ts";
import { Task } from "../core/task.ts";
import type { Err, Out, Starred, Waitable } from "../core/types.ts";

type Dispose<T> = (value: T) => unknown;

function isPromise(value: unknown): value is PromiseLike<unknown> {
	return (
		typeof (value as PromiseLike<unknown> | null)?.then === "function" &&
		(value as { [kFuture]?: boolean })[kFuture] !== true
	);
}

function dispose(value: Partial<AsyncDisposable & Disposable>): unknown {
	const { [Symbol.dispose]: sync, [Symbol.asyncDispose]: async } = value;
	return (sync ?? async)?.call(value);
}

/** Calls `f` with a value that nobody received; what it waits for goes on as a task. */
function release(value: object, f: Dispose<never>): void {
	const runtime = currentRuntime();
	const report = (error: unknown): void => runtime.report(error, "(a value that nobody received)", "cleanup");
	try {
		const made = f(value as never);
		if (typeof made !== "object" || made === null) return;
		if (isPromise(made)) Promise.resolve(made).catch(report);
		else if (kFuture in made || Symbol.iterator in made) new Task(into(made), runtime).detach();
	} catch (error) {
		report(error);
	}
}

/** Marks a value, so that whoever discards it releases it. */
function marked(value: unknown, f: Dispose<never> | undefined): unknown {
	if (value === undefined || value === null) return value;
	if (typeof value !== "object")
		throw new TypeError(
			`disposeUnclaimed: ${describe(value)} is no object, and cannot be marked: give an object around it`,
		);
	if (kRelease in value) return value;
	if (f === undefined && !(Symbol.dispose in value || Symbol.asyncDispose in value)) {
		throw new TypeError(
			`disposeUnclaimed: ${describe(value)} has neither Symbol.dispose nor Symbol.asyncDispose: say how it is disposed of, disposeUnclaimed(future, (value) => value.close())`,
		);
	}
	if (!Object.isExtensible(value))
		throw new TypeError(
			`disposeUnclaimed: ${describe(value)} is frozen, and cannot be marked: give an object around it`,
		);
	Object.defineProperty(value, kRelease, {
		configurable: true,
		value(this: { [kRelease]?: unknown }): void {
			delete this[kRelease];
			release(this, f ?? (dispose as Dispose<never>));
		},
	});
	return value;
}

function* marking(f: unknown, mark: (value: unknown) => unknown): Generator<unknown, unknown> {
	return mark(yield* delegate(f));
}

/**
 * Ties a value to its future: when the value is there and nobody receives it, it is disposed of. Without this, what a losing branch of a
 * `select`, a failed `tryJoin`, a dropped handle or a closed channel had received of yours is dropped as it is; guards and permits of this
 * library are always released. It also covers what comes too late: a promise that gives its value after the future was cancelled.
 *
 * Whoever receives the value owns it from then on. The mark stays on it: a task that returns it hands it on, and if that result is discarded,
 * so is the value.
 *
 * @param future - gives an object with `Symbol.dispose` or `Symbol.asyncDispose`, unless `dispose` is given; also an array or record of a
 * combinator: give the futures in it to this function, one by one
 * @param dispose - how to dispose of it; may return a promise or future. An error of it is reported as one of cleanup
 * @throws {@link TypeError} at the call, if it is no future
 * @errors the failures of the future; {@link TypeError} if its value can neither be disposed of nor marked: a frozen object, a number.
 * `undefined` and `null` pass
 * @cancelSafety as the future, and no value is lost
 * @source `Drop` of the value
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { disposeUnclaimed, run, sleep, timeout } from "yamanote";
 *
 * const log: string[] = [];
 * const connect = async () => {
 *   await new Promise((resolve) => setTimeout(resolve, 20)); // takes no notice of a signal
 *   return { close: () => log.push("closed") };
 * };
 * await assert.rejects(run(timeout(5, disposeUnclaimed(connect, (connection) => connection.close()))));
 * await run(sleep(30));
 * assert.deepEqual(log, ["closed"]);
 * ```
 */
export function disposeUnclaimed<const F extends Waitable>(
	future: F & Starred<F>,
	dispose?: (value: Out<F>) => unknown,
): Future<Out<F>, Err<F>> {
	if (dispose !== undefined && typeof dispose !== "function")
		throw new TypeError(`disposeUnclaimed: give a function that disposes of the value, not ${describe(dispose)}`);
	const mark = (value: unknown): unknown => marked(value, dispose as Dispose<never> | undefined);
	// A promise's value is marked before anybody else sees it: it may come when the future is long gone.
	const promised = isPromise(future) ? new FromPromise<Out<F>, Err<F>>(future as PromiseLike<Out<F>>) : future;
	if (promised instanceof FromPromise) {
		const { promise } = promised;
		const seen = (p: unknown): Promise<never> => Promise.resolve(p).then(mark as (value: unknown) => never);
		if (promise !== null) promised.promise = typeof promise === "function" ? () => seen(promise()) : seen(promise);
		return promised as Future<Out<F>, Err<F>>;
	}
	let source: unknown = future;
	if (typeof future === "function" && !isGeneratorFunction(future)) {
		const f = future as (task: unknown) => unknown;
		source = (task: unknown) => {
			const made = f(task);
			return isPromise(made) ? Promise.resolve(made).then(mark) : made;
		};
	}
	return new FnFuture<Out<F>, Err<F>>(marking(into(source), mark));
}
