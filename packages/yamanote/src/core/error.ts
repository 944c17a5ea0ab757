/** The errors of the core. Every error of the library has a stable `name` and `code`; match on `code` or with `instanceof`. */
import { limitStacks } from "./stack-limit.ts";

/**
 * The base of all errors of the library.
 *
 * `instanceof` also recognises errors of another copy of the library in the same program, by their `code`.
 */
export abstract class YamanoteError extends Error {
	/** Stable, literal, unlike the message: what programs match on. */
	abstract readonly code: string;

	/** @internal The name of the class, which does not change when it is minified. A getter, so that a class that nobody uses can be left out. */
	static get called(): string {
		return "YamanoteError";
	}

	constructor(message: string, options?: { readonly cause?: unknown }) {
		super(message, options);
		const { called } = new.target as unknown as typeof YamanoteError;
		this.name = called;
		(this as { code: string }).code = codeOf(called);
	}

	static override [Symbol.hasInstance](value: unknown): boolean {
		if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
		if (!(value instanceof Error)) return false;
		const { code } = value as { code?: unknown };
		if (this === YamanoteError) return typeof code === "string" && code.startsWith("YAMANOTE_");
		return Object.hasOwn(this, "called") && code === codeOf(this.called);
	}
}

const codes: Record<string, string> = {};

/** @internal The code of a class: `YAMANOTE_FUTURE_IN_USE` of `FutureInUseError`. */
export function codeOf(called: string): string {
	return (codes[called] ??= `YAMANOTE_${called
		.replace(/Error$/, "")
		.replace(/\B[A-Z]/g, "_$&")
		.toUpperCase()}`);
}

/**
 * A task was cancelled: what its handle rejects with, and what a native async function is rejected with at its next wait.
 *
 * `name` is `"AbortError"`, which foreign code knows.
 *
 * @source `tokio::task::JoinError` (`is_cancelled`)
 */
export class CancelledError extends YamanoteError {
	declare readonly name: "AbortError";
	declare readonly code: "YAMANOTE_CANCELLED";
	/** What `abort(reason)` was given, or the reason of the signal. */
	readonly reason: unknown;
	/** Errors thrown by cleanup (`finally`, `using`) while the task was unwound. */
	suppressed: unknown = undefined;
	#bare = false;

	/** @internal */
	static override get called(): string {
		return "CancelledError";
	}

	constructor(reason?: unknown, message = "the task was cancelled") {
		super(message, reason === undefined ? undefined : { cause: reason });
		(this as { name: string }).name = "AbortError";
		this.reason = reason;
	}

	/** @internal Made without a stack: it would show the run queue, and takes time. */
	static bare(reason: unknown): CancelledError {
		const limit = limitStacks(0);
		try {
			const error = new CancelledError(reason);
			error.#bare = true;
			return error;
		} finally {
			limitStacks(limit);
		}
	}

	/** @internal Of what a task was aborted with, which may be one. */
	static of(reason: unknown): CancelledError {
		return reason instanceof CancelledError ? reason : CancelledError.bare(reason);
	}

	/** @internal Such an error stays without a stack. */
	static isBare(error: object): boolean {
		return #bare in error && error.#bare;
	}
}

/** A pending future was polled by another task or branch than its owner. Lend it with `byRef`, or share it with `shared`. */
export class FutureInUseError extends YamanoteError {
	declare readonly name: "FutureInUseError";
	declare readonly code: "YAMANOTE_FUTURE_IN_USE";

	/** @internal */
	static override get called(): string {
		return "FutureInUseError";
	}

	constructor() {
		super("this future is pending in another task or branch: lend it with byRef(f), or share it with shared(f)");
	}
}

/** A future was polled again after it had completed or was dropped. */
export class FutureConsumedError extends YamanoteError {
	declare readonly name: "FutureConsumedError";
	declare readonly code: "YAMANOTE_FUTURE_CONSUMED";

	/** @internal */
	static override get called(): string {
		return "FutureConsumedError";
	}

	constructor() {
		super("this future has already completed or was dropped: call its function again, or share it with shared(f)");
	}
}

/** A future was iterated by something else than `yield*` in a task. */
export class NotIterableError extends YamanoteError {
	declare readonly name: "NotIterableError";
	declare readonly code: "YAMANOTE_NOT_ITERABLE";

	/** @internal */
	static override get called(): string {
		return "NotIterableError";
	}

	constructor() {
		super("a future is no list: wait for it with `yield*` in a task, or with `await` in an async function");
	}
}

/** A task was given to a runtime that was shut down. */
export class RuntimeClosedError extends YamanoteError {
	declare readonly name: "RuntimeClosedError";
	declare readonly code: "YAMANOTE_RUNTIME_CLOSED";

	/** @internal */
	static override get called(): string {
		return "RuntimeClosedError";
	}

	constructor(runtime: string) {
		super(`the runtime "${runtime}" was shut down: it takes no tasks any more`);
	}
}

/** A generator of a task yielded something that is no future. It is thrown into the generator, at that `yield`. */
export class YieldError extends YamanoteError {
	declare readonly name: "YieldError";
	declare readonly code: "YAMANOTE_YIELD";

	/** @internal */
	static override get called(): string {
		return "YieldError";
	}

	constructor(value: unknown) {
		super(`this generator has a plain \`yield\` of ${describe(value)}: write \`yield*\` to wait for a future`);
	}
}

/** A `finally` of a plain generator, delegated to by another generator, tried to wait while it was cancelled. */
export class AsyncCleanupError extends YamanoteError {
	declare readonly name: "AsyncCleanupError";
	declare readonly code: "YAMANOTE_ASYNC_CLEANUP";

	/** @internal */
	static override get called(): string {
		return "AsyncCleanupError";
	}

	constructor() {
		super("cleanup that waits inside a plain generator called by another generator was cut short: wrap it in asyncFn");
	}
}

/** Cleanup of cancelled code did not end within its limit (`cleanupGrace`, `cleanupTimeout`): it was abandoned. */
export class CleanupTimeout extends YamanoteError {
	declare readonly name: "CleanupTimeout";
	declare readonly code: "YAMANOTE_CLEANUP_TIMEOUT";

	/** @internal */
	static override get called(): string {
		return "CleanupTimeout";
	}

	constructor(ms: number, what: string) {
		super(`cleanup of ${what} did not end within ${ms} ms and was abandoned`);
	}
}

/** An error that would have been lost since another one was on its way. The engine's class where there is one has the same fields. */
export class SuppressedError extends YamanoteError {
	declare readonly name: "SuppressedError";
	declare readonly code: "YAMANOTE_SUPPRESSED";
	/** The later error. */
	readonly error: unknown;
	/** The earlier error, which `error` would have hidden. */
	readonly suppressed: unknown;

	/** @internal */
	static override get called(): string {
		return "SuppressedError";
	}

	constructor(error: unknown, suppressed: unknown) {
		super("an error was suppressed during cleanup");
		this.error = error;
		this.suppressed = suppressed;
	}
}

/** @internal Whether `error` is that for which something was cancelled with `reason`. */
export function isReason(reason: unknown, error: unknown): boolean {
	if (error === undefined) return false;
	return error === reason || (reason instanceof CancelledError && error === reason.reason);
}

/** A value for an error message: short, and safe to make for anything. */
export function describe(value: unknown): string {
	if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
	const isFunction = typeof value === "function";
	if (!isFunction && (typeof value !== "object" || value === null)) return String(value);
	let name: unknown;
	try {
		name = isFunction ? value.name : Object.getPrototypeOf(value)?.constructor?.name;
	} catch {
		// A proxy, or a getter that throws.
	}
	const known = typeof name === "string" && name !== "" && name !== "Object";
	if (isFunction) return known ? `function ${name}` : "a function";
	return known ? `a ${name}` : "an object";
}

/** @internal Refuses what cannot be called. */
export function checkFunction(what: string, f: unknown): void {
	if (typeof f !== "function") throw new TypeError(`${what}: give a function, not ${describe(f)}`);
}

/** @internal Refuses what is no object of options. */
export function checkOptions(what: string, options: unknown): void {
	if (typeof options !== "object" || options === null)
		throw new TypeError(`${what}: options must be an object, not ${describe(options)}`);
}

/** @internal Refuses what is no name of a task or runtime. */
export function checkName(name: unknown): void {
	if (name !== undefined && typeof name !== "string") throw new TypeError(`name: give a string, not ${describe(name)}`);
}

/** @internal Keeps both errors: the later one, and the earlier one that it would have hidden. The engine's class where it has one. */
export function suppress(error: unknown, suppressed: unknown): Error {
	const Native = (globalThis as { SuppressedError?: new (error: unknown, suppressed: unknown) => Error })
		.SuppressedError;
	return Native === undefined ? new SuppressedError(error, suppressed) : new Native(error, suppressed);
}

/** @internal The failure that came first; the others are the `AggregateError` in its `cause`. */
export function withOthers([first, ...rest]: readonly unknown[]): unknown {
	// Several may have failed with one and the same, as all do that wait for one that is shared.
	const others = rest.filter((error) => error !== first);
	if (others.length === 0 || !(first instanceof Error)) return first;
	try {
		const options = first.cause === undefined ? undefined : { cause: first.cause };
		first.cause = new AggregateError(others, `${others.length} more failed`, options);
	} catch {
		// It cannot be written to: it is thrown as it is.
	}
	return first;
}
