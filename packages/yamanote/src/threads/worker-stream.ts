/** What a streaming function of a worker gives its caller: items, with backpressure. */

import { discard } from "../core/discard.ts";
import { FromPromise } from "../core/from-promise.ts";
import { Future } from "../core/future.ts";
import { type Context, Pending, type Poll, type Waker } from "../core/poll.ts";
import type { RuntimeCore } from "../core/runtime-core.ts";
import { rethrown } from "../core/stack.ts";
import { type CallSettings, cancel, type Dropping, submit } from "./call.ts";
import { type Packed, packArguments, simple } from "./codec/pack.ts";
import type { Crew } from "./crew.ts";
import type { WorkerLost } from "./error.ts";
import { ENDED, type Job, NEW } from "./job.ts";
import { abandon } from "./links/links.ts";
import { detach } from "./links/moved.ts";
import type { PoolCore } from "./pool-core.ts";
import { STREAM_CAPACITY } from "./protocol.ts";
import type { WorkerFunction } from "./worker-function.ts";

/**
 * The items of a streaming function of a worker (`async *name() {}`). Nothing runs before the first wait. The function is held at its `yield`
 * while 16 items wait here, so it never runs far ahead. A stream that is left early (`break`, `close`, `using`) closes the function.
 *
 * @source none: a channel out of `spawn_blocking`
 */
export interface WorkerStream<out T, out E = never> extends AsyncIterable<T>, AsyncDisposable {
	/**
	 * Waits for the next item; `undefined` when there are no more.
	 *
	 * @cancelSafety cancel safe: no item is lost
	 */
	recv(): Future<T | undefined, E>;
	/** Closes the function at its `yield`, and waits for its cleanup. */
	close(): Future<void>;
	[Symbol.asyncIterator](): AsyncIterator<T, undefined>;
}

/** @internal */
export class CallStream<T> implements WorkerStream<T, WorkerLost>, Job {
	state: number = NEW;
	slot = -1;
	serial = 0;
	since = 0;
	queued: Job | null = null;
	readonly fn: WorkerFunction;
	readonly args: readonly unknown[];
	readonly packed: Packed | null;
	readonly settings: CallSettings;
	pool: PoolCore | null = null;
	crew: Crew | null = null;
	runtime: RuntimeCore = null as never;
	#items: T[] = [];
	/** Taken since the other side was last told. */
	#taken = 0;
	#failure: { readonly error: unknown } | null = null;
	readonly #waiting: Set<Waker> = new Set();
	#dropping: Dropping | null = null;
	/** Told to close before it had begun. */
	#closed = false;

	constructor(fn: WorkerFunction, settings: CallSettings, args: readonly unknown[]) {
		this.fn = fn;
		this.settings = settings;
		this.args = args;
		this.packed = simple(args) ? null : detach(packArguments(args, settings.checked));
	}

	get priority(): number {
		return this.settings.priority;
	}

	get checked(): boolean {
		return this.settings.checked;
	}

	recv(): Future<T | undefined, WorkerLost> {
		return new Next(this);
	}

	/** @internal */
	take(cx: Context): Poll<T | undefined> {
		if (this.#items.length > 0) {
			const item = this.#items.shift();
			if (this.state !== ENDED && ++this.#taken >= STREAM_CAPACITY / 2) {
				this.crew?.credit(this, this.#taken);
				this.#taken = 0;
			}
			return item;
		}
		if (this.#failure !== null) {
			const { error } = this.#failure;
			this.#failure = null;
			throw error;
		}
		if (this.state === ENDED || this.#closed) return undefined;
		this.#waiting.add(cx.waker);
		if (this.state === NEW) submit(this);
		return Pending;
	}

	/** @internal */
	forget(waker: Waker): void {
		this.#waiting.delete(waker);
	}

	item(value: unknown): void {
		if (this.#closed) return discard(value);
		this.#items.push(value as T);
		this.#wake();
	}

	settle(ok: boolean, result: unknown): void {
		this.state = ENDED;
		abandon(this.packed);
		if (this.#dropping !== null) return this.#dropping.ended(ok, result);
		this.runtime.endWork(this);
		if (!ok) this.#failure = { error: result };
		this.#wake();
	}

	#wake(): void {
		for (const waker of this.#waiting) waker.wake();
		this.#waiting.clear();
	}

	/** @internal Asks for the end. */
	stop(): void {
		if (this.#closed) return;
		this.#closed = true;
		discard(this.#items.splice(0));
		this.#failure = null;
		this.#wake();
		if (this.state === NEW) {
			this.state = ENDED;
			abandon(this.packed);
		}
		if (this.state === ENDED) return;
		this.#dropping = cancel(this);
	}

	/** @internal */
	stopped(cx: Context): Poll<void> {
		if (this.state !== ENDED && this.#dropping !== null) return this.#dropping.poll(cx);
	}

	close(): Future<void> {
		return new Close(this);
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
	readonly #stream: CallStream<T>;
	#waker: Waker | null = null;

	constructor(stream: CallStream<T>) {
		super();
		this.#stream = stream;
	}

	poll(cx: Context): Poll<T | undefined> {
		this.#waker = cx.waker;
		try {
			return this.#stream.take(cx);
		} catch (error) {
			throw rethrown(error, this.next);
		}
	}

	protected override drop(): void {
		if (this.#waker !== null) this.#stream.forget(this.#waker);
	}
}

class Close extends Future<void> {
	readonly #stream: CallStream<unknown>;

	constructor(stream: CallStream<unknown>) {
		super();
		this.#stream = stream;
	}

	poll(cx: Context): Poll<void> {
		this.#stream.stop();
		return this.#stream.stopped(cx);
	}
}

/** @internal A stream called inside its own worker: it runs in place. */
export class LocalStream<T> implements WorkerStream<T> {
	readonly #items: AsyncIterator<T>;

	constructor(items: AsyncIterator<T>) {
		this.#items = items;
	}

	recv(): Future<T | undefined> {
		return new FromPromise(async () => {
			const { done, value } = await this.#items.next();
			return done === true ? undefined : (value as T);
		});
	}

	close(): Future<void> {
		return new FromPromise(async () => void (await this.#items.return?.()));
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<T, undefined> {
		yield* { [Symbol.asyncIterator]: () => this.#items };
		return undefined;
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close() as unknown as Promise<void>;
	}
}
