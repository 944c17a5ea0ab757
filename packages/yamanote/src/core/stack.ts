/**
 * Async stacks: when a failure is thrown into a caller that had been suspended, that caller is not on the native stack of the error. It
 * stands at its `yield*` just then, so one captured frame gives its exact place. Only failing paths pay.
 */
import { stackBelow } from "./trace.ts";

const MAX_FRAMES = 50;
const stitched = new WeakMap<Error, number>();

/** @internal Adds the place where `error` is rethrown (the caller of `below`) to its stack, and returns it; `once`: unless it ends there already. */
export function rethrown(error: unknown, below: (...args: never[]) => unknown, once = false): unknown {
	if (!(error instanceof Error) || Object.isFrozen(error)) return error;
	const frames = stitched.get(error) ?? 0;
	if (frames >= MAX_FRAMES) return error;
	const line = stackBelow(below, 1).split("\n")[0] ?? "";
	const at = line.replace(/^\s*at (async )?/, "    at async ");
	try {
		const { stack } = error;
		if (at === line || internal.test(line) || typeof stack !== "string") return error;
		const text = frames === 0 ? clean(stack) : stack;
		// An error that was made in the poll of a combinator has its caller on the native stack already.
		const known = once && frames === 0 && text.endsWith(at.replace("at async ", "at "));
		error.stack = known ? text : `${text}\n${at}`;
		stitched.set(error, frames + 1);
	} catch {
		// A stack that cannot be written stays as it is.
	}
	return error;
}

/** @internal The stack of this error has all that it gets: another awaiter of the same failure adds nothing. */
export function sealed(error: unknown): unknown {
	if (error instanceof Error) stitched.set(error, MAX_FRAMES);
	return error;
}

const internal =
	/[\\/]yamanote[\\/](?:dist|src)[\\/]|\(node:(?:async_hooks|internal)|^\s*at .*\b(?:next|return|throw) \((?:<anonymous>|native)/;

// What stands below the first driver on the native stack is who woke the code, not who called it: callers are added as they are passed.
const driver = /\badvance\b.*[\\/]yamanote[\\/](?:dist|src)[\\/]core[\\/]driver\./;

/** @internal Hides the library's own frames and the engine's generator steps. */
export function clean(stack: string): string {
	const lines = stack.split("\n");
	const end = lines.findIndex((line) => driver.test(line));
	return (end < 0 ? lines : lines.slice(0, end)).filter((line, i) => i === 0 || !internal.test(line)).join("\n");
}

/** @internal An error as it is printed: its stack without our frames, and the chain of its causes. */
export function printed(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	const text = clean(error.stack ?? String(error));
	return error.cause instanceof Error ? `${text}\n[cause]: ${printed(error.cause)}` : text;
}
