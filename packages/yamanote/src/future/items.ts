/** What `each` and `mapConcurrent` have in common: the items of a source, the future of one, and how a source is closed. */
import { reportCleanup } from "../core/branch.ts";
import { delegate } from "../core/delegate.ts";
import { describe } from "../core/error.ts";
import type { Future } from "../core/future.ts";
import { isGeneratorFunction } from "../core/generator.ts";
import { MessageIterator } from "../core/message-iterator.ts";
import { currentRuntime } from "../core/runtime-core.ts";
import { runningTask, S } from "../core/shared.ts";
import type { IntoFuture, TaskContext } from "../core/types.ts";

/** Has items to wait for: the receiving end of a channel. `recv` gives `undefined` when there are no more. */
export interface Receives<T> {
	/** @cancelSafety cancel safe, as a `recv` of a channel is */
	recv(): Future<T | undefined>;
}

/** What `each` and `mapConcurrent` take. */
export type Source<T> = Receives<T> | ReadableStream<T> | AsyncIterable<T> | Iterable<T>;

/** @internal */
export function isReceiver<T>(source: Source<T>): source is Receives<T> {
	return typeof (source as Partial<Receives<T>> | null | undefined)?.recv === "function";
}

/** @internal Refuses what has no items. */
export function checkSource(what: string, source: unknown): void {
	if (isReceiver(source as Receives<unknown>)) return;
	const keys = ["getReader", Symbol.asyncIterator, Symbol.iterator];
	if (source === null || source === undefined || !keys.some((key) => key in Object(source)))
		throw new TypeError(`${what}: ${describe(source)} is neither a receiver nor iterable`);
}

/** @internal Refuses what is no number of places: how many may run at once, or be tried. */
export function checkPlaces(what: string, name: string, places: unknown): void {
	if (places !== Infinity && !(Number.isInteger(places) && (places as number) >= 1))
		throw new RangeError(`${what}: ${name} must be a whole number of at least 1, or Infinity, not ${describe(places)}`);
}

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

/** The messages of a receiver: its own iterator may be one that nobody can cancel, and one that is left would take a message all the same. */
class ReceiverIterator<T> implements AnyIterator<T> {
	readonly #source: Receives<T> & Partial<AsyncDisposable>;
	readonly #messages: MessageIterator<T>;

	constructor(source: Receives<T>) {
		this.#source = source;
		this.#messages = new MessageIterator(() => source.recv());
	}

	next(): PromiseLike<IteratorResult<T>> {
		return this.#messages.next();
	}

	/** A receiver is left as it is; a stream of a worker would hold its thread until somebody closes it. */
	return(): unknown {
		return this.#source[Symbol.asyncDispose]?.();
	}
}

/** @internal */
export function iteratorOf<T>(source: Source<T>): AnyIterator<T> {
	if (isReceiver(source)) return new ReceiverIterator(source);
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

/** @internal Whether it can be closed while an item is waited for. */
export function closesAtOnce(source: unknown): boolean {
	return isReceiver(source as Receives<unknown>) || "getReader" in Object(source) || "destroy" in Object(source);
}

/**
 * Something has failed already: what closing the source throws does not take its place. Who is cancelled meanwhile throws nothing any more, and
 * so the failure is told.
 *
 * @internal
 */
export function* closeQuietly(close: () => Generator<unknown, void>, failure: unknown): Generator<unknown, void> {
	let cut = true;
	try {
		yield* delegate(close());
		cut = false;
	} catch (late) {
		cut = false;
		closingReporter()(late);
	} finally {
		if (cut) reportCleanup(failure, S.current?.reason);
	}
}
