/** Messages for `for await`. */

type Wait<T> = PromiseLike<T | undefined> & Partial<Disposable>;

/**
 * Leaving the loop leaves the receiver as it is. The wait that a stream has begun ahead of time is given up then: it would take a message that
 * nobody is given.
 *
 * @internal
 */
export class MessageIterator<T> implements AsyncIterableIterator<T> {
	readonly #recv: () => Wait<T>;
	/** The last wait; null when the loop was left. */
	#wait: Wait<T> | null = null;

	constructor(recv: () => Wait<T>) {
		this.#recv = recv;
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	async next(): Promise<IteratorResult<T>> {
		const wait = this.#recv();
		this.#wait = wait;
		let value: T | undefined;
		try {
			value = await wait;
		} catch (error) {
			if (this.#wait !== null) throw error;
		}
		return value === undefined ? { done: true, value } : { done: false, value };
	}

	async return(): Promise<IteratorResult<T>> {
		this.#wait?.[Symbol.dispose]?.();
		this.#wait = null;
		return { done: true, value: undefined };
	}
}
