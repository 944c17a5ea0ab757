/**
 * Async stacks: when a failure is thrown into a caller that had been suspended, that caller is not on the native stack of the error. It
 * stands at its `yield*` just then, so one captured frame gives its exact place. Only failing paths pay.
 */
import { CancelledError } from "./error.ts";
import { clean, visible } from "./stack-lines.ts";
import { stackBelow } from "./trace.ts";

const MAX_FRAMES = 50;
/** A caller and the plain generators and calls between it and its driver. */
const FRAMES_AT_ONCE = 30;
const E = Error as unknown as { readonly stackTraceLimit?: number };
const stitched = new WeakMap<Error, number>();

/** @internal Adds the place where `error` is rethrown (the caller of `below`) to its stack, and returns it; `once`: unless it ends there already. */
export function rethrown(error: unknown, below: (...args: never[]) => unknown, once = false): unknown {
	// Who asks for errors without stacks gets them.
	if (!(error instanceof Error) || Object.isFrozen(error) || E.stackTraceLimit === 0) return error;
	// One that was made without a stack, as that of a cancellation, keeps none.
	const frames = CancelledError.isBare(error) ? MAX_FRAMES : (stitched.get(error) ?? 0);
	if (frames >= MAX_FRAMES) return error;
	const lines = visible(stackBelow(below, FRAMES_AT_ONCE).split("\n"));
	const places = lines.map((line) => line.replace(/^\s*at (async )?/, "    at async ")).slice(0, MAX_FRAMES - frames);
	const [first] = places;
	try {
		const { stack } = error;
		if (first === undefined || first === lines[0] || typeof stack !== "string") return error;
		const text = frames === 0 ? clean(stack) : stack;
		// An error that was made in the poll of a combinator has its callers on the native stack already.
		const known = once && frames === 0 && text.includes(`\n${first.replace("at async ", "at ")}`);
		error.stack = known ? text : `${text}\n${places.join("\n")}`;
		stitched.set(error, frames + places.length);
	} catch {
		// A stack that cannot be written stays as it is.
	}
	return error;
}

/** @internal The stack of this error has all that it gets: another awaiter of the same failure adds nothing. */
export function sealed(error: unknown): unknown {
	if (error instanceof Error && !CancelledError.isBare(error)) stitched.set(error, MAX_FRAMES);
	return error;
}
