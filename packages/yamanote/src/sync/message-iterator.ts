/** Messages for `for await`. */

/** @internal Leaving the loop early leaves the receiver as it is, and does not wait for a message that was asked for. */
export class MessageIterator<T> implements AsyncIterableIterator<T> {
	readonly #recv: () => PromiseLike<T | undefined>;

	constructor(recv: () => PromiseLike<T | undefined>) {
		this.#recv = recv;
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	async next(): Promise<IteratorResult<T>> {
		const value = await this.#recv();
		return value === undefined ? { done: true, value } : { done: false, value };
	}

	async return(): Promise<IteratorResult<T>> {
		return { done: true, value: undefined };
	}
}
