/** What `each` and `mapConcurrent` have in common: the items of a source, the future of one, and how a source is closed. */
import { isGeneratorFunction } from "../core/generator.ts";
import { currentRuntime } from "../core/runtime-core.ts";
import { runningTask } from "../core/shared.ts";
import type { IntoFuture, TaskContext } from "../core/types.ts";

/**
 * The future of one call of `f`. An async function is called as a task body is, so that its waits are cancelled with it.
 *
 * @internal
 */
export function callOf<A extends unknown[]>(f: (...args: A) => IntoFuture, ...args: A): IntoFuture {
	if (isGeneratorFunction(f)) return f(...args);
	return (task: TaskContext) => {
		const made = f(...args);
		return typeof made === "function" ? made(task) : (made as PromiseLike<unknown>);
	};
}

/**
 * Tells of an error of a source that is closed since something has failed: it must not take the place of that failure.
 *
 * @internal
 */
export function closingReporter(): (error: unknown) => void {
	const runtime = currentRuntime();
	const task = runningTask();
	return (error) => runtime.report(error, task?.label() ?? "", "cleanup");
}

/** @internal */
export const isThenable = (value: unknown): boolean =>
	typeof (value as PromiseLike<unknown> | null)?.then === "function";

/**
 * What gives the items of a source, of either kind.
 *
 * @internal
 */
export interface AnyIterator<T> {
	next(): IteratorResult<T> | PromiseLike<IteratorResult<T>>;
	return?(): unknown;
}

/** The iterator of a stream of the web. Its own would close the stream only when the read that waits has ended. */
class WebIterator<T> {
	readonly #reader: ReadableStreamDefaultReader<T>;

	constructor(stream: ReadableStream<T>) {
		this.#reader = stream.getReader();
	}

	async next(): Promise<IteratorResult<T>> {
		const item = await this.#reader.read();
		if (item.done) this.#reader.releaseLock();
		return item as IteratorResult<T>;
	}

	async return(): Promise<void> {
		const closed = this.#reader.cancel();
		this.#reader.releaseLock();
		await closed;
	}
}

/** @internal */
export function iteratorOf<T>(source: ReadableStream<T> | AsyncIterable<T> | Iterable<T>): AnyIterator<T> {
	const { getReader, [Symbol.asyncIterator]: iterateAsync } = source as Partial<ReadableStream<T> & AsyncIterable<T>>;
	if (typeof getReader === "function") return new WebIterator(source as ReadableStream<T>);
	return iterateAsync?.call(source) ?? (source as Iterable<T>)[Symbol.iterator]();
}

/**
 * Closes a source through its iterator. A stream of Node is destroyed if an item is waited for: its iterator can only be closed when it does
 * not wait.
 *
 * @internal
 */
export function closeSource(source: unknown, it: AnyIterator<unknown>, waits: boolean): unknown {
	if (waits) (source as { destroy?(): void }).destroy?.();
	return it.return?.();
}
