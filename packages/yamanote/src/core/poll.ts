/**
 * What a poll answers: a value, or {@link Pending}.
 *
 * The symbols are registered (`Symbol.for`), so that two copies of the library in one program understand each other.
 */

/** The answer of a {@link Future.poll} that has no value yet: the waker is stored, and will be woken. */
export const Pending: unique symbol = Symbol.for("yamanote.pending.v1") as never;

/** The type of {@link Pending}. */
export type Pending = typeof Pending;

/** @internal Recognises a future of any copy of the library. */
export const kFuture: unique symbol = Symbol.for("yamanote.future.v1") as never;

/**
 * The result of one poll: the value itself, or {@link Pending}. A failure is thrown.
 *
 * @source `std::task::Poll`
 */
export type Poll<T> = T | Pending;

/** Asks that the task (or branch) which was polled is polled again. Waking only enqueues: it never polls, and never throws. */
export interface Waker {
	/** Schedules one more poll. Waking twice before that poll has the effect of waking once. */
	wake(): void;
}

/**
 * What a poll is given: whom to wake when there is progress to make.
 *
 * @source `std::task::Context`
 */
export interface Context {
	/** The waker of the task or branch that polls. Store it before answering {@link Pending}. */
	readonly waker: Waker;
}
