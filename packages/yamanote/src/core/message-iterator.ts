/** Messages for `for await`. */
import { delegate } from "./delegate.ts";
import { FnFuture } from "./frame.ts";

function* next<T>(wait: PromiseLike<T | undefined>): Generator<unknown, IteratorResult<T>> {
	const value = (yield* delegate(wait)) as T | undefined;
	return value === undefined ? { done: true, value } : { done: false, value };
}

/**
 * Leaving the loop leaves the receiver as it is. The wait that a stream has begun ahead of time is cancelled then: it would take a message that
 * nobody is given. `next` gives a future, so that `each` waits as a task does: it can be cancelled at once, and holds no paused clock.
 *
 * @internal
 */
export class MessageIterator<T> implements AsyncIterableIterator<T> {
	readonly #recv: () => PromiseLike<T | undefined>;
	#last: Disposable | undefined;

	constructor(recv: () => PromiseLike<T | undefined>) {
		this.#recv = recv;
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	next(): Promise<IteratorResult<T>> {
		const last = new FnFuture(next(this.#recv()));
		this.#last = last;
		return last as never;
	}

	async return(): Promise<IteratorResult<T>> {
		this.#last?.[Symbol.dispose]();
		return { done: true, value: undefined };
	}
}
