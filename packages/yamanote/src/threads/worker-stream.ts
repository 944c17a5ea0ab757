/** What a streaming function of a worker gives its caller: items, with backpressure. */

import { discard } from "../core/discard.ts";
import { Future } from "../core/future.ts";
import type { Context, Poll } from "../core/poll.ts";
import type { RuntimeCore } from "../core/runtime-core.ts";
import { type CallSettings, cancel, type Dropping, submit } from "./call.ts";
import { type Packed, packArguments, simple } from "./codec/pack.ts";
import type { Crew } from "./crew.ts";
import type { WorkerLost } from "./error.ts";
import { ItemStream } from "./item-stream.ts";
import { ENDED, type Job, NEW } from "./job.ts";
import { abandon } from "./links/links.ts";
import { detach } from "./links/moved.ts";
import type { PoolCore } from "./pool-core.ts";
import { STREAM_CAPACITY } from "./protocol.ts";
import type { WorkerFunction } from "./worker-function.ts";

/**
 * The items of a streaming function of a worker (`async *name() {}`). Nothing runs before the first wait. The function is held at its `yield`
 * while 16 items wait here, so it never runs far ahead. A stream that is left early (`break`, `close`, `await using`) closes the function.
 *
 * @source none: a channel out of `spawn_blocking`
 */
export interface WorkerStream<out T, out E = never> extends AsyncIterable<T>, AsyncDisposable {
	/**
	 * Waits for the next item; `undefined` when there are no more. Several that wait at once are answered in the order in which they began; a
	 * failure of the function goes to the first of them, after the items.
	 *
	 * @cancelSafety cancel safe: no item is lost, only the place among those that wait
	 */
	recv(): Future<T | undefined, E>;
	/**
	 * Closes the function at its `yield`, and waits for its cleanup.
	 *
	 * @cancelSafety cancel safe: the stream stays closed
	 */
	close(): Future<void>;
	[Symbol.asyncIterator](): AsyncIterator<T, undefined>;
}

/** @internal */
export class CallStream<T> extends ItemStream<T> implements WorkerStream<T, WorkerLost>, Job {
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
	/** Taken since the other side was last told. */
	#taken = 0;
	#dropping: Dropping | null = null;
	#closed = false;

	constructor(fn: WorkerFunction, settings: CallSettings, args: readonly unknown[]) {
		super();
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

	protected get over(): boolean {
		return this.state === ENDED || this.#closed;
	}

	protected ask(): void {
		if (this.state === NEW) submit(this);
	}

	protected took(): void {
		if (this.state === ENDED || ++this.#taken < STREAM_CAPACITY / 2) return;
		this.crew?.credit(this, this.#taken);
		this.#taken = 0;
	}

	item(value: unknown): void {
		if (this.#closed) discard(value);
		else this.add(value as T);
	}

	settle(ok: boolean, result: unknown): void {
		this.state = ENDED;
		abandon(this.packed);
		if (this.#dropping !== null) return this.#dropping.ended(ok, result);
		this.runtime.endWork(this);
		this.ended(ok ? null : { error: result });
	}

	/** @internal Asks for the end. */
	stop(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.clear();
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
