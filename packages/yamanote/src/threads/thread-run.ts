/** Runs one function of a worker, whatever kind it is: plain, async, a task, or a stream. */
import { CancelledError } from "../core/error.ts";
import { into } from "../core/into.ts";
import { kFuture } from "../core/poll.ts";
import { currentRuntime } from "../core/runtime-core.ts";
import { Task } from "../core/task.ts";
import type { Running, ThreadState } from "./thread-state.ts";

type AnyFunction = (...args: unknown[]) => unknown;

/** How a call ends: told once. */
export interface Outcome {
	returned(value: unknown): void;
	threw(error: unknown): void;
	/** It streams: gives its items one by one. */
	streams(items: AsyncIterator<unknown>): void;
}

/** @internal What a function is, by how it was written. */
export const kindOfFunction = (f: unknown): unknown =>
	typeof f === "function" ? ((f as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] ?? "Function") : undefined;

/** @internal Calls the function. It may have ended when this returns, or end later. */
export function runFunction(state: ThreadState, call: Running, f: AnyFunction, args: unknown[], to: Outcome): void {
	const before = state.current;
	state.current = call;
	try {
		if (kindOfFunction(f) === "AsyncFunction") drive(call, () => f(...args), to);
		else ended(call, f(...args), to);
	} catch (error) {
		to.threw(error);
	} finally {
		state.current = before;
	}
}

/** What a function has given, if it is not the result itself. */
function ended(call: Running, made: unknown, to: Outcome): void {
	if (typeof made !== "object" || made === null) return to.returned(made);
	if (Symbol.asyncIterator in made && typeof (made as unknown as AsyncIterator<unknown>).next === "function")
		return to.streams(made as unknown as AsyncIterator<unknown>);
	const waits =
		(made as { [kFuture]?: boolean })[kFuture] === true ||
		(typeof (made as Iterator<unknown>).next === "function" && Symbol.iterator in made);
	if (waits) return drive(call, made, to);
	if (typeof (made as PromiseLike<unknown>).then === "function")
		return void (made as PromiseLike<unknown>).then(
			(value) => to.returned(value),
			(error) => to.threw(error),
		);
	to.returned(made);
}

/** Runs it as a task of this thread's own runtime, so that it can be cancelled at each of its waits. */
function drive(call: Running, future: unknown, to: Outcome): void {
	const task = new Task(into(future), currentRuntime());
	call.onAbort = () => task.abort(new CancelledError());
	task.promise().then(
		(value) => to.returned(value),
		(error) => to.threw(error),
	);
}
