/**
 * Trace polls: where is suspended code? In trace mode `next()` captures the stack and answers pending before any poll runs, so that
 * resuming a generator goes down to its leaf and back without running a line of it.
 */
import type { Driver } from "./driver.ts";
import { S } from "./shared.ts";
import { limitStacks } from "./stack-limit.ts";

/** @internal The driver that stands for "we are tracing": no future is owned by it, so `next()` takes its slow path. */
export const TRACER: Driver & { stacks: string[]; leaves: object[] } = (S.tracer ??= {
	stacks: [],
	leaves: [],
	task: null,
	waker: { wake() {} },
	wake() {},
} as unknown as Driver) as Driver & { stacks: string[]; leaves: object[] };

/** @internal The iterator result of what has to wait, where it is none itself. */
export const WAITS: IteratorResult<never, never> = { done: false, value: undefined as never };

// The name survives minification, and marks in the stack where the traced generator ends.
const MARK = "yamanote trace";
/** Frames of a trace: most are short, and a stack takes time by its length. */
const SHORT = 12;
const LONG = 50;

/** @internal Called by `next()` of `leaf` in trace mode, instead of a poll. `below` is left out of the stack, with all above it. */
export function capture(below: (...args: never[]) => unknown, leaf: object): void {
	const stack = stackBelow(below, SHORT);
	TRACER.stacks.push(stack.includes(MARK) ? stack : stackBelow(below, LONG));
	TRACER.leaves.push(leaf);
	S.suspended = TRACER;
}

/** @internal The stack of the caller of `below`, `limit` frames at most, without its first line. */
export function stackBelow(below: (...args: never[]) => unknown, limit: number): string {
	const E = Error as unknown as { captureStackTrace?(o: object, f: unknown): void };
	const before = limitStacks(limit);
	try {
		if (E.captureStackTrace === undefined) return new Error().stack ?? "";
		const o = { stack: "" };
		E.captureStackTrace(o, below);
		return String(o.stack).replace(/^[^\n]*\n/, "");
	} catch {
		// A `prepareStackTrace` of somebody's: what it throws must not get into a generator that is traced.
		return "";
	} finally {
		limitStacks(before);
	}
}

const probe: Record<string, (it: Iterator<unknown, unknown>) => void> = {
	[MARK](it) {
		it.next();
	},
};

/** @internal The stack of a suspended generator, from its leaf outwards; no line of it runs. */
export function traceOf(it: Iterator<unknown, unknown>): string {
	const { current, frame, top, suspended, dropping } = S;
	TRACER.stacks = [];
	TRACER.leaves = [];
	S.current = TRACER;
	S.suspended = null;
	try {
		probe[MARK]?.(it);
	} finally {
		S.current = current;
		S.frame = frame;
		S.top = top;
		S.suspended = suspended;
		S.dropping = dropping;
	}
	const stack = TRACER.stacks[0] ?? "";
	const end = stack.indexOf(MARK);
	return end < 0 ? stack : stack.slice(0, stack.lastIndexOf("\n", end) + 1);
}

const resumption = /\b(next|return|throw)( \(<anonymous>\)| \(native|@\[native code\])/g;

/** @internal How many generators stand between a suspended generator and its leaf, itself included; 1 if the engine's stacks do not tell. */
export function generatorDepth(it: Iterator<unknown, unknown>): number {
	const stack = traceOf(it);
	// JavaScriptCore shows no resumptions: each frame above the mark is a generator's own.
	return stack.match(resumption)?.length ?? ("line" in new Error() ? Math.max(1, stack.split("\n").length - 1) : 1);
}
