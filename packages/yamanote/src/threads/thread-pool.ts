/** Pools of threads: `ThreadPool`, and the one that a runtime has. */

import { type Duration, toMs } from "../core/duration.ts";
import { checkOptions } from "../core/error.ts";
import { FromPromise } from "../core/from-promise.ts";
import { Future } from "../core/future.ts";
import { type Context, Pending, type Poll, type Waker } from "../core/poll.ts";
import { checkSource } from "./bundled.ts";
import { behind, type CallOptions } from "./define-worker.ts";
import type { WorkerLost } from "./error.ts";
import type { PoolMetrics } from "./metrics.ts";
import type { PoolOptions } from "./options.ts";
import { PoolCore, poolOf } from "./pool-core.ts";

interface Configurable {
	with(options: CallOptions): unknown;
}

const CLOSE_MS = 5_000;

/**
 * A pool of threads of one's own. Programs rarely need one: each runtime has a pool, which all workers share. Threads start when calls come,
 * and end when they have been idle for `threadKeepAlive`; an idle pool does not keep the process alive.
 *
 * @source the blocking pool of `tokio::runtime::Runtime`
 *
 * @example
 * ```ts no-run
 * import { ThreadPool } from "yamanote/threads";
 * import { images } from "./images.worker.ts"; // the example of `transfer`
 *
 * await using pool = new ThreadPool({ maxBlockingThreads: 1, recycle: { aboveHeapMb: 500 } });
 * const { invert } = pool.bind(images);
 * await invert(new Uint8Array(100));
 * ```
 */
export class ThreadPool implements AsyncDisposable {
	/** @internal */
	readonly core: PoolCore;

	/** @throws {@link RangeError} or {@link TypeError} for an option out of range */
	constructor(options: PoolOptions = {}) {
		checkOptions("ThreadPool", options);
		this.core = options instanceof PoolCore ? options : new PoolCore(options);
	}

	/** The pool of the current runtime: `new Runtime({ maxBlockingThreads })` says how big it is, and `shutdown` ends it. */
	static current(): ThreadPool {
		return new ThreadPool(poolOf() as never);
	}

	/**
	 * The functions of a worker, run by this pool.
	 *
	 * @throws {@link TypeError} if they are called with `killOnAbort`, and a thread of this pool runs several calls at a time
	 */
	bind<H extends { readonly [name: string]: Configurable }>(worker: H): H {
		const bound: Record<string, unknown> = {};
		for (const name of Object.keys(worker)) bound[name] = (worker[name] as Configurable).with({ pool: this });
		return Object.freeze(bound) as H;
	}

	/**
	 * Starts threads beforehand, and waits until they have loaded the worker's module.
	 *
	 * @param worker - what `defineWorker` gave
	 * @param threads - how many. Default: all that the pool may have
	 * @errors `WorkerLost` if none came up
	 * @cancelSafety cancel safe: the threads start all the same
	 */
	warmUp(
		worker: { readonly [name: string]: unknown },
		threads: number = this.core.options.maxThreads,
	): Future<void, WorkerLost> {
		const { fn } = behind("warmUp", Object.values(worker ?? {})[0]);
		if (!Number.isInteger(threads) || threads < 1)
			throw new RangeError(`warmUp: threads must be a whole number of at least 1, not ${String(threads)}`);
		checkSource(fn.source);
		return new FromPromise<void, WorkerLost>(() => this.core.warmUp(fn, threads));
	}

	/**
	 * Waits until fewer than `maxQueue` calls wait for a thread: a producer that asks first never runs far ahead.
	 *
	 * @cancelSafety cancel safe: nothing is reserved
	 * @source `tower::Service::poll_ready`
	 */
	ready(): Future<void> {
		return new Room(this.core);
	}

	/** What it does, and has done. */
	metrics(): PoolMetrics {
		return this.core.metrics();
	}

	/**
	 * Takes no more calls, waits for those that run or wait, and ends all threads. What has not ended within `timeout` is lost
	 * (`WorkerLost`, reason `"shutdown"`). `await using` does it with 5 seconds.
	 *
	 * @param options - `timeout` in milliseconds of the real clock. Default: no limit
	 * @cancelSafety cancel safe: the shutdown goes on
	 * @source `tokio::runtime::Runtime::shutdown_timeout`
	 */
	shutdown(options: { readonly timeout?: Duration | undefined } = {}): Future<void> {
		checkOptions("shutdown", options);
		const ms = toMs(options.timeout ?? Infinity);
		return new FromPromise<void>(() => this.core.close(ms));
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.core.close(CLOSE_MS);
	}
}

class Room extends Future<void> {
	readonly #pool: PoolCore;
	#waker: Waker | null = null;

	constructor(pool: PoolCore) {
		super();
		this.#pool = pool;
	}

	poll(cx: Context): Poll<void> {
		if (this.#waker !== null) this.#pool.forgetWaiter(this.#waker);
		if (this.#pool.hasRoom) return;
		this.#waker = cx.waker;
		this.#pool.waitForRoom(cx.waker);
		return Pending;
	}

	protected override drop(): void {
		if (this.#waker !== null) this.#pool.forgetWaiter(this.#waker);
	}
}
