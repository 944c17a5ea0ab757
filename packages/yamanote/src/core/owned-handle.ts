/** A join handle that owns its task: dropping it aborts the task, and waits for its cleanup. */
import type { Context, Poll } from "./poll.ts";
import { S } from "./shared.ts";
import type { Task } from "./task.ts";
import { WAITS } from "./trace.ts";

/** @internal */
export class OwnedHandle<out T, out E> {
	readonly #task: Task<T, E>;

	constructor(task: Task<T, E>) {
		this.#task = task;
	}

	poll(cx: Context): Poll<T> {
		return this.#task.poll(cx);
	}

	next(): IteratorResult<unknown, T> {
		return this.#task.next();
	}

	return(value?: unknown): IteratorResult<unknown, T> {
		const task = this.#task;
		const { current } = S;
		task.drop(current);
		if (!task.isFinished) {
			task.abort(current?.reason);
			if (current !== null) {
				task.addWaiter(current);
				S.suspended = this;
				S.dropping = true;
				return WAITS;
			}
		}
		return { done: true, value } as never;
	}

	[Symbol.iterator](): this {
		return this;
	}

	then<A = T, B = never>(
		onValue?: ((value: T) => A | PromiseLike<A>) | null,
		onError?: ((error: unknown) => B | PromiseLike<B>) | null,
	): Promise<A | B> {
		return this.#task.then(onValue, onError);
	}

	catch<B = never>(onError?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
		return this.then(undefined, onError);
	}

	finally(f?: (() => void) | null): Promise<T> {
		return this.then().finally(f);
	}

	[Symbol.dispose](): void {
		this.#task.drop();
		this.#task.abort();
	}
}
