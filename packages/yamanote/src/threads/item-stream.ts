/**
 * Items that come from elsewhere, and those who wait for them: what the streams of workers have in common.
 *
 * Waits are answered in the order in which they began. An item is taken in the poll that gives it, so a wait that is dropped has taken none;
 * whoever is answered, or dropped, passes the turn on.
 */
import { discard } from "../core/discard.ts";
import { Future } from "../core/future.ts";
import { type Context, Pending, type Poll, type Waker } from "../core/poll.ts";
import { rethrown } from "../core/stack.ts";
import type { WorkerLost } from "./error.ts";

/** @internal */
export abstract class ItemStream<T> {
	readonly #items: T[] = [];
	#failure: { readonly error: unknown } | null = null;
	readonly #waiting: Set<Next<T>> = new Set();

	/** No more items come. */
	protected abstract get over(): boolean;
	/** Somebody waits, and there is nothing: asks for more, unless that was done. */
	protected abstract ask(): void;
	/** An item was taken. */
	protected abstract took(): void;
	abstract close(): Future<void>;

	recv(): Future<T | undefined, WorkerLost> {
		return new Next(this);
	}

	/** @internal The answer for one that asks, if it is its turn. */
	take(asker: Next<T>): Poll<T | undefined> {
		if (this.#hasNone) this.ask();
		if (this.#hasNone || !this.#isFirst(asker)) {
			this.#waiting.add(asker);
			return Pending;
		}
		this.#waiting.delete(asker);
		try {
			return this.#answer();
		} finally {
			this.#next();
		}
	}

	/** @internal One that asks is dropped. */
	forget(asker: Next<T>): void {
		this.#waiting.delete(asker);
		this.#next();
	}

	protected add(item: T): void {
		this.#items.push(item);
		this.#next();
	}

	/** It is over; with a failure, which the first that asks is given, after the items. */
	protected ended(failure: { readonly error: unknown } | null): void {
		this.#failure = failure;
		this.#next();
	}

	/** What was not taken is not given any more. */
	protected clear(): void {
		discard(this.#items.splice(0));
		this.ended(null);
	}

	get #hasNone(): boolean {
		return this.#items.length === 0 && this.#failure === null && !this.over;
	}

	#isFirst(asker: Next<T>): boolean {
		for (const first of this.#waiting) return first === asker;
		return true;
	}

	#answer(): T | undefined {
		if (this.#items.length > 0) {
			const item = this.#items.shift();
			this.took();
			return item;
		}
		const failure = this.#failure;
		this.#failure = null;
		if (failure !== null) throw failure.error;
		return undefined;
	}

	/** There is something for the first that waits, or it is asked for. */
	#next(): void {
		for (const first of this.#waiting) {
			if (this.#hasNone) this.ask();
			else first.wake();
			return;
		}
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<T, undefined> {
		try {
			for (;;) {
				const item = await this.recv();
				if (item === undefined) return undefined;
				yield item;
			}
		} finally {
			await this.close();
		}
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close() as unknown as Promise<void>;
	}
}

class Next<T> extends Future<T | undefined, WorkerLost> {
	readonly #stream: ItemStream<T>;
	#waker: Waker | null = null;

	constructor(stream: ItemStream<T>) {
		super();
		this.#stream = stream;
	}

	wake(): void {
		this.#waker?.wake();
	}

	poll(cx: Context): Poll<T | undefined> {
		this.#waker = cx.waker;
		try {
			return this.#stream.take(this);
		} catch (error) {
			throw rethrown(error, this.next);
		}
	}

	protected override drop(): void {
		this.#stream.forget(this);
	}
}
