/** Messages for `for await`. */
import type { Future } from "../core/future.ts";

/** @internal Leaving the loop early leaves the receiver as it is. */
export class MessageIterator<T> implements AsyncIterableIterator<T> {
	readonly #recv: () => Future<T | undefined, unknown>;

	constructor(recv: () => Future<T | undefined, unknown>) {
		this.#recv = recv;
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	next(): Promise<IteratorResult<T>> {
		return this.#recv().then((value) => (value === undefined ? { done: true, value } : { done: false, value }));
	}

	return(): Promise<IteratorResult<T>> {
		return Promise.resolve({ done: true, value: undefined });
	}
}
