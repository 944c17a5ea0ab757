/**
 * How user code is driven: `advance` runs it to its next suspension, `unwind` cancels it.
 *
 * A **driver** is a task or a branch of a combinator: it owns one root (a future or a generator) and is the waker of all that
 * the root waits for. A **frame** is one `asyncFn` call in progress. When a frame suspends, the driver remembers the innermost one
 * (`top`), and resumes it alone: a caller is resumed only when its callee has returned. So a resume costs the same at any depth,
 * and neither resuming nor cancelling uses native stack by depth.
 *
 * Only these two functions call `next`, `throw` or `return` on a generator, and never while it is on the stack.
 */

import { discard } from "./discard.ts";
import {
	AsyncCleanupError,
	CancelledError,
	CleanupTimeout,
	FutureConsumedError,
	NotIterableError,
	YieldError,
} from "./error.ts";
import { isGenerator, resume } from "./generator.ts";
import type { Held, Tied } from "./held.ts";
import type { HostHandle } from "./host.ts";
import { type Context, Pending as pending, type Waker } from "./poll.ts";
import { currentRuntime, type RuntimeLimits } from "./runtime-core.ts";
import { MOST_NESTING, S as shared } from "./shared.ts";
import type { Task } from "./task.ts";
import { generatorDepth } from "./trace.ts";
import type { TaskFailure } from "./unobserved.ts";

// Constants of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;
const Pending: typeof pending = pending;
const next = resume;

/** @internal One `asyncFn` call in progress. */
export interface Frame {
	/** Its generator, one of the engine, while it runs; its outcome afterwards: one field, so that a waiting call takes less memory. */
	readonly value: unknown;
	/** The frame that waits for this one; null when a driver's root does. */
	readonly parent: Frame | null;
	/** Its generator releases its resources. */
	readonly closing: boolean;
	/** Disposes `resource` when the frame ends, in reverse order (`acquire`, `byRef`). */
	hold(resource: Tied): Held;
	/** Its generator returned or threw: keeps the outcome for the caller. False if resources must be released first. */
	settle(ok: boolean, outcome: unknown): boolean;
	/** It was unwound. */
	close(): void;
}

/** @internal A task, or a branch of a combinator. */
export interface Driver extends Context, Waker {
	root: Iterator<unknown, unknown>;
	/** The root is a generator of the engine. */
	generator: boolean;
	/** The innermost suspended frame; null when the root itself (a leaf, or a bare generator on a leaf) is suspended. */
	top: Frame | null;
	/** What few drivers have. */
	rare: Rare | null;
	/** Why it was cancelled, if it was and a reason was given. */
	readonly reason: unknown;
	/** The task that is polled when this is; null when it is polled by hand. */
	readonly task: Task | null;
}

/** @internal How long cleanup may take, in milliseconds of the real clock. */
export type CleanupLimits = Pick<RuntimeLimits, "cleanupGrace" | "cleanupTimeout">;

/** @internal What few drivers have, kept apart so that the others stay small. */
export class Rare {
	/** Resources of a bare generator root. */
	held: Held | null = null;
	/** The root releases them. */
	closing = false;
	/** The `asyncFn` call that is the root was disposed by somebody else. */
	disposed = false;
	/** Gives the signal of the driver's body. */
	controller: AbortController | null = null;
	/** How long its cleanup may take, where it is not as long as the runtime says. */
	limits: CleanupLimits | null = null;

	/** Whether it is being unwound. */
	unwinding = false;
	/** The frame that is being closed; null for the root. */
	frame: Frame | null = null;
	/** The generator of that frame waits in its cleanup: it goes on by `next()`, not by another `return()`. */
	inCleanup = false;
	/** What cleanup threw. */
	errors: unknown[] | null = null;
	timer: HostHandle | null = null;
	expired = false;

	// Of tasks only.
	/** The number of the task; 0 until somebody asks for it. */
	id = 0;
	name: string | undefined = undefined;
	/** As stacks write a place; known while somebody asks for it. */
	spawnedAt: string | undefined = undefined;
	failure: TaskFailure | null = null;
	/** How many were given its failure. */
	claims = 0;
	/** Called once when the task has ended. */
	onEnd: (() => void)[] | null = null;

	fail(error: unknown): void {
		(this.errors ??= []).push(error);
	}
}

/** @internal */
export function rareOf(d: Driver): Rare {
	return (d.rare ??= new Rare());
}

/** @internal The root of a driver that has ended: frees the code, and keeps the shape. */
export const ended: Iterator<unknown, unknown> = {
	next() {
		throw new FutureConsumedError();
	},
};

/** @internal Gives a driver its root: of an `asyncFn` call that has not begun that is only its generator. */
export function setRoot(d: Driver, root: Iterator<unknown, unknown>): void {
	const future = root as { asRoot?(d: Driver): void };
	if (future.asRoot !== undefined) future.asRoot(d);
	else {
		d.root = root;
		d.generator = isGenerator(root);
	}
}

/**
 * Runs the driver's code until it suspends ({@link Pending}), returns (its value) or throws. `S.current` must be `d`.
 *
 * `crossed`: a guard is held that must not live across the suspension where the code stands: the innermost of it fails there.
 *
 * @internal
 */
export function advance(d: Driver, base: unknown, crossed?: Error): unknown {
	let f = d.top;
	let begun: Frame | null = null;
	d.top = null;
	S.suspended = null;
	for (;;) {
		S.frame = f;
		S.top = null;
		let r: IteratorResult<unknown, unknown>;
		try {
			const it = codeOf(d, f);
			if (crossed !== undefined) r = refuseWait(it, crossed);
			// Compared, since the engine asks five questions to find out that what may be anything is true.
			else r = f !== null || d.generator === true ? next.call(it) : it.next();
			crossed = undefined;
			// The engine has to search for `done` where many kinds of futures pass by.
			let waits = r === S.suspended;
			if (!waits && r.done !== true) {
				r = refuse(it, r);
				waits = r.done !== true;
			}
			if (waits) {
				const begins = S.suspended === S.begins;
				S.suspended = null;
				if (begins) {
					// Nothing waits yet: a call was made where the native stack is deep, and begins here.
					begun = f = S.top;
					continue;
				}
				d.top = S.top ?? f;
				crossed = S.plain?.crossed(d);
				if (crossed === undefined) return Pending;
				f = d.top;
				d.top = null;
				continue;
			}
		} catch (error) {
			crossed = undefined;
			S.suspended = null;
			f = threw(d, f, base, error);
			continue;
		}
		if (f === null || f === base) {
			if (release(d, f, true, r.value)) return r.value;
		} else {
			// It never had to wait: its callers need not have left the native stack.
			if (f === begun) S.nesting = MOST_NESTING;
			if (f.settle(true, r.value)) f = f.parent;
		}
	}
}

function codeOf(d: Driver, f: Frame | null): Iterator<unknown, unknown> {
	return f === null ? d.root : (f.value as Iterator<unknown, unknown>);
}

/** The frame to go on with: the caller of one that threw. Throws itself if that was the last. */
function threw(d: Driver, f: Frame | null, base: unknown, error: unknown): Frame | null {
	if (f === null || f === base) {
		if (release(d, f, false, error)) throw error;
		return f;
	}
	return f.settle(false, error) ? f.parent : f;
}

/** The root returned or threw. False if it must run on, to release the resources tied to it. */
function release(d: Driver, f: Frame | null, ok: boolean, outcome: unknown): boolean {
	if (f !== null) return f.settle(ok, outcome);
	const { rare } = d;
	if (rare === null || rare.held === null) return true;
	d.root = rare.held.closing(ok, outcome);
	d.generator = true;
	rare.held = null;
	rare.closing = true;
	return false;
}

/** @internal A future was asked for its items. The poll can go on: what suspended was not waited for. */
export function notIterable(): NotIterableError {
	S.suspended = null;
	return new NotIterableError();
}

/** The wait is refused: its future is dropped, and its `yield*` throws. */
function refuseWait(it: Iterator<unknown, unknown>, error: Error): IteratorResult<unknown, unknown> {
	if (it.throw === undefined) throw error;
	return it.throw(error);
}

/** @internal The generator yielded something that no future of ours answered: tells it so, at that `yield`, until it waits or ends. */
export function refuse(
	it: Iterator<unknown, unknown>,
	r: IteratorResult<unknown, unknown>,
): IteratorResult<unknown, unknown> {
	let answer = r;
	while (answer.done !== true && S.suspended === null) answer = refuseWait(it, new YieldError(answer.value));
	return answer;
}

/**
 * Cancels the driver's code frame by frame, innermost first; `S.current` must be `d`. Returns true when all of it is closed, false
 * while cleanup waits: call it again when the driver was woken. Errors of cleanup are kept in `d.rare.errors`.
 *
 * @internal
 */
export function unwind(d: Driver, limitMs: number): boolean {
	let u = d.rare;
	let f = d.top;
	let inCleanup = false;
	let abandoned = false;
	let crossed: Error | undefined;
	if (u?.unwinding === true) {
		f = u.frame;
		inCleanup = u.inCleanup;
		abandoned = u.expired;
	} else {
		const base = closingFrame(d);
		if (base !== undefined) {
			// Releasing resources is cleanup: it goes on.
			f = base;
			inCleanup = true;
			u = suspend(d, f, true, limitMs);
		} else d.top = null;
		u?.controller?.abort(CancelledError.of(d.reason));
	}
	// When its time is over before it had its first turn, it has that: what need not wait is cleaned up.
	while (!abandoned) {
		try {
			if (inCleanup) {
				d.top ??= f;
				// `advance` also releases what is tied to the frame.
				const refused = crossed;
				crossed = undefined;
				const outcome = advance(d, f, refused);
				if (outcome === Pending) {
					if (u?.expired !== true) return false;
					abandoned = true;
					continue;
				}
				discard(outcome);
			} else {
				const state = close(d, f);
				if (state !== CLOSED) {
					u = suspend(d, f, state === IN_CLEANUP, limitMs);
					if (state === DROPPING || generatorDepth(codeOf(d, f)) <= 1) {
						inCleanup = state === IN_CLEANUP;
						if (inCleanup) crossed = S.plain?.crossed(d);
						if (crossed !== undefined) continue;
						if (!u.expired) return false;
						abandoned = true;
						continue;
					}
					// Its `finally` waits, and resuming it would bring its caller back to life: it is cut short by another `return()`.
					u.fail(new AsyncCleanupError());
					continue;
				}
			}
		} catch (error) {
			rareOf(d).fail(error);
		}
		inCleanup = !release(d, f, true, undefined);
		if (inCleanup) {
			u = suspend(d, f, true, limitMs);
			continue;
		}
		if (f === null) break;
		f.close();
		if (f === (d.root as unknown)) break;
		f = f.parent;
	}
	u?.timer?.cancel();
	if (abandoned) rareOf(d).fail(new CleanupTimeout(limitMs, "a cancelled task"));
	return true;
}

/** The outermost frame that releases its resources just now; null for the root, undefined if none does. */
function closingFrame(d: Driver): Frame | null | undefined {
	if (d.rare?.closing === true) return null;
	let found: Frame | undefined;
	for (let f = d.top; f !== null; f = f.parent) if (f.closing) found = f;
	return found;
}

const CLOSED = 0;
const IN_CLEANUP = 1;
const DROPPING = 2;

/** Sends `return()` to one generator: it is closed, or it waits in its cleanup, or the leaf that it waited for takes time to drop. */
function close(d: Driver, f: Frame | null): number {
	const it = codeOf(d, f);
	S.frame = f;
	S.top = null;
	S.suspended = null;
	S.dropping = false;
	const outer = S.closing;
	S.closing = d;
	let r: IteratorResult<unknown, unknown>;
	try {
		r = refuse(it, it.return?.(undefined) ?? { done: true, value: undefined });
	} finally {
		S.closing = outer;
	}
	const { dropping } = S;
	// It is in no loop that could begin a call.
	if (S.suspended === S.begins) d.wake();
	S.suspended = null;
	S.dropping = false;
	if (r.done === true) return CLOSED;
	d.top = S.top ?? f;
	return dropping ? DROPPING : IN_CLEANUP;
}

/** The unwinding has to wait: keeps where it stands, for `limitMs` at most. */
function suspend(d: Driver, f: Frame | null, inCleanup: boolean, limitMs: number): Rare {
	const u = rareOf(d);
	u.unwinding = true;
	u.frame = f;
	u.inCleanup = inCleanup;
	if (!u.expired)
		u.timer ??= currentRuntime().timer(limitMs, () => {
			u.expired = true;
			d.wake();
		});
	return u;
}
