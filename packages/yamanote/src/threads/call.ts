/** The future of a call to a function of a worker. */
import { discard } from "../core/discard.ts";
import { CancelledError, CleanupTimeout } from "../core/error.ts";
import { Future } from "../core/future.ts";
import { type HostHandle, setHostTimer } from "../core/host.ts";
import { type Context, Pending, type Poll, type Waker } from "../core/poll.ts";
import { currentRuntime, type RuntimeCore } from "../core/runtime-core.ts";
import { rethrown } from "../core/stack.ts";
import { type Packed, packArguments, simple } from "./codec/pack.ts";
import type { Crew } from "./crew.ts";
import { WorkerLost } from "./error.ts";
import { ENDED, type Job, NEW } from "./job.ts";
import { abandon } from "./links/links.ts";
import { detach } from "./links/moved.ts";
import { type PoolCore, poolOf } from "./pool-core.ts";
import type { WorkerFunction } from "./worker-function.ts";

/** @internal How calls of a function are made: the options of {@link CallOptions}, checked. */
export interface CallSettings {
	readonly pool: PoolCore | null;
	readonly priority: number;
	readonly killOnAbort: boolean;
	/** Undefined: as the runtime says. */
	readonly graceMs: number | undefined;
	readonly checked: boolean;
}

/** @internal */
export class Call<out T> extends Future<T, WorkerLost> implements Job {
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
	waker: Waker | null = null;
	ok = false;
	result: unknown = undefined;
	/** What few calls have. */
	dropping: Dropping | null = null;

	/** The arguments are taken as they are now. */
	constructor(fn: WorkerFunction, settings: CallSettings, args: readonly unknown[]) {
		// What cannot cross is refused before there is a future, which nobody would have then.
		const packed = simple(args) ? null : detach(packArguments(args, settings.checked));
		super();
		this.fn = fn;
		this.settings = settings;
		this.args = args;
		this.packed = packed;
	}

	get priority(): number {
		return this.settings.priority;
	}

	get checked(): boolean {
		return this.settings.checked;
	}

	poll(cx: Context): Poll<T> {
		if (this.state === ENDED) {
			if (this.ok) return this.result as T;
			throw joined(this.result, cx, this as Call<unknown>);
		}
		this.waker = cx.waker;
		if (this.state === NEW) submit(this as Call<unknown>);
		return Pending;
	}

	settle(ok: boolean, result: unknown): void {
		this.state = ENDED;
		abandon(this.packed);
		this.ok = ok;
		this.result = result;
		if (this.dropping !== null) return this.dropping.ended(ok, result);
		this.runtime.endWork(this);
		this.waker?.wake();
	}

	item(): void {}

	protected override drop(cx: Context): Poll<void> {
		if (this.state === NEW) return abandon(this.packed);
		if (this.state === ENDED) {
			if (this.dropping === null && this.ok) discard(this.result);
			return;
		}
		if (this.dropping !== null) return this.dropping.poll(cx);
		this.dropping = cancel(this as Call<unknown>);
		return this.dropping?.poll(cx);
	}

	/** @internal What it was given is dropped with it also when it was never polled. */
	override return(value?: unknown): IteratorResult<never, T> {
		if (this.owner === undefined) abandon(this.packed);
		return super.return(value);
	}
}

interface Sent extends Job {
	readonly settings: CallSettings;
	runtime: RuntimeCore;
	crew: Crew | null;
	pool: PoolCore | null;
}

/** @internal Hands it to its pool. */
export function submit(job: Sent): void {
	const runtime = (job.runtime = currentRuntime());
	const pool = (job.pool = job.settings.pool ?? poolOf(runtime));
	// Before it is submitted, where it may end at once.
	runtime.beginWork(job, job.fn.name);
	try {
		job.crew = pool.submit(job);
	} catch (error) {
		runtime.endWork(job);
		abandon(job.packed);
		throw error;
	}
}

/** @internal Nobody wants it any more. Null if it is over with that. */
export function cancel(job: Sent): Dropping | null {
	const { crew, pool } = job;
	if (crew?.cancel(job) === true) {
		pool?.cancelled(job);
		abandon(job.packed);
		job.runtime.endWork(job);
		return null;
	}
	pool?.dropped();
	return new Dropping(job);
}

/** @internal A call that was dropped while it runs: it is waited for within its grace, then given up, or its thread killed. */
export class Dropping {
	readonly #call: Sent;
	readonly #timer: HostHandle;
	readonly #wakers: Set<Waker> = new Set();
	#abandoned = false;

	constructor(call: Sent) {
		this.#call = call;
		const { killOnAbort, graceMs = call.runtime.limits.cleanupGrace } = call.settings;
		this.#timer = setHostTimer(graceMs, () => {
			if (call.state === ENDED) return;
			if (killOnAbort) call.crew?.threads.of(call.slot)?.stop("killed");
			else this.#abandon(graceMs);
		});
		this.#timer.ref(true);
	}

	poll(cx: Context): Poll<void> {
		if (this.#abandoned || this.#call.state === ENDED) return;
		this.#wakers.add(cx.waker);
		return Pending;
	}

	#wake(): void {
		for (const waker of this.#wakers) waker.wake();
		this.#wakers.clear();
	}

	/** The thread goes on with it, and nobody waits. */
	#abandon(ms: number): void {
		const call = this.#call;
		this.#abandoned = true;
		call.pool?.abandon(call);
		call.runtime.endWork(call);
		this.#report(
			new CleanupTimeout(ms, `${call.fn.name} on a worker thread (ask isAborted(), or kill it with killOnAbort)`),
		);
		this.#wake();
	}

	ended(ok: boolean, result: unknown): void {
		this.#timer.cancel();
		const call = this.#call;
		if (this.#abandoned) call.pool?.foundAgain(call);
		else call.runtime.endWork(call);
		if (ok) discard(result);
		else if (!isCancel(result)) this.#report(result);
		if (!this.#abandoned) this.#wake();
	}

	#report(error: unknown): void {
		const { runtime, fn } = this.#call;
		runtime.report(error, fn.name, "cleanup");
	}
}

/** A failure with the stacks of both sides: below the thread's frames stands who waits here. A native `await` leaves no trace of who that is. */
function joined(error: unknown, cx: Context, call: Call<unknown>): unknown {
	return (cx as { root?: unknown }).root === call ? error : rethrown(error, call.next);
}

function isCancel(error: unknown): boolean {
	return (
		error instanceof CancelledError ||
		(error instanceof WorkerLost && (error.reason === "killed" || error.reason === "shutdown")) ||
		(error as { name?: unknown } | null)?.name === "AbortError"
	);
}
