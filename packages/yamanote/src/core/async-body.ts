/**
 * A native async function as a future: lazy, with a signal, and with a scope, through which its waits for futures of ours can be cancelled.
 *
 * Cancelling it aborts the signal, and rejects the waits of ours that are pending, or else the next one, with one `CancelledError`; later
 * waits work, so that cleanup can. It is then given `cleanupGrace` while it waits for foreign promises, `cleanupTimeout` while it waits for ours.
 */
import { type AsyncScope, inScope, storedScope } from "./ambient.ts";
import { discard } from "./discard.ts";
import { type Driver, rareOf } from "./driver.ts";
import { CancelledError, CleanupTimeout, isReason } from "./error.ts";
import { FAILED } from "./flags.ts";
import { Listening } from "./from-promise.ts";
import type { HostHandle } from "./host.ts";
import { type Context, Pending, type Poll, type Waker } from "./poll.ts";
import { currentRuntime, type RuntimeCore } from "./runtime-core.ts";
import { runningTask, S } from "./shared.ts";
import type { Task } from "./task.ts";

interface WaitOfOurs extends Waker {
	/** The body was cancelled. */
	cancel(): void;
}

/** @internal */
export class AsyncBody extends Listening<unknown> implements AsyncScope {
	live = true;
	readonly parent: AsyncScope | null = storedScope();
	readonly #driver: Driver;
	readonly runtime: RuntimeCore = currentRuntime();
	readonly #task: Task | null = runningTask();
	readonly #waits: Set<WaitOfOurs> = new Set();
	/** What its waits are rejected with since it was cancelled. */
	cancelled: CancelledError | null = null;
	/** Cancelled while it waited for nothing of ours: the next wait is rejected. */
	#owed = false;
	#timer: HostHandle | null = null;
	/** The last task of others whose failure it was given, before it was cancelled. */
	#failed: Task | null = null;

	constructor(driver: Driver) {
		super();
		this.#driver = driver;
	}

	/** Calls the function in this scope. */
	call<R>(f: () => R): R {
		// Its own code is native: what it starts before its first `await` belongs to this scope, too.
		const { current, native } = S;
		S.native = runningTask();
		S.current = null;
		try {
			return inScope(this, f);
		} finally {
			S.current = current;
			S.native = native;
		}
	}

	/** A paused clock waits for it, and wants to know its name; no other does. */
	protected begin(): void {
		const { runtime } = this;
		runtime.beginWork(this, runtime.clock === null ? "" : `an async function of task ${this.#label}`);
	}

	protected end(): void {
		this.live = false;
		if (this.#waits.size === 0) this.runtime.endWork(this);
	}

	/** It was abandoned. */
	protected override late(ok: boolean, result: unknown): void {
		this.end();
		if (ok) discard(result);
		else if (!this.#isNoNews(result)) this.#report(result);
	}

	protected override drop(cx: Context): Poll<void> {
		this.waker = cx.waker;
		if (this.cancelled === null) this.#cancel();
		if (this.state === "waiting") {
			this.#limit();
			return Pending;
		}
		this.#timer?.cancel();
		if (this.state === "ok") discard(this.result);
		else if (this.state === "failed" && !this.#isNoNews(this.result)) rareOf(this.#driver).fail(this.result);
	}

	#cancel(): void {
		const { rare, reason } = this.#driver;
		// One error for all: what the signal was aborted with, if anybody has asked for it.
		const told: unknown = rare?.controller?.signal.reason;
		const cancelled = CancelledError.of(told instanceof CancelledError ? told : reason);
		this.cancelled = cancelled;
		rare?.controller?.abort(cancelled);
		this.#owed = this.#waits.size === 0;
		for (const w of this.#waits) w.cancel();
	}

	/** It ended with its cancellation; or it passes on the failure of a task of others, which is told of unless they were given it as well. */
	#isNoNews(error: unknown): boolean {
		if (this.#isCancellation(error)) return true;
		const failed = this.#failed;
		if (failed === null || failed.error !== error) return false;
		failed.unclaim(this.#driver);
		return true;
	}

	/** The function ended with its own cancellation: also a copy of it, as `fetch` and `axios` make, or an error that it has caused. */
	#isCancellation(error: unknown): boolean {
		let e = error as { readonly name?: unknown; readonly cause?: unknown } | null | undefined;
		for (let depth = 0; depth < 10 && e !== undefined && e !== null; depth++, e = e.cause as typeof e) {
			if (isReason(this.cancelled, e)) return true;
			if (e instanceof CancelledError) {
				// Of another task: what it carries would be lost, and so would the failure for which that one was cancelled.
				if (e.suppressed !== undefined || e.cause instanceof AggregateError) return false;
				if (e.reason instanceof Error) continue;
			}
			if (e.name === "AbortError" || e.name === "CanceledError") return true;
		}
		return false;
	}

	get #label(): string {
		return this.#task?.label() ?? "";
	}

	/** It may take longer while it waits for futures of ours than while it waits for anything else. */
	#limit(): void {
		const { cleanupGrace, cleanupTimeout } = this.#driver.rare?.limits ?? (this.#task ?? this.runtime).limits;
		this.#timer?.cancel();
		const ms = this.#waits.size > 0 ? cleanupTimeout : cleanupGrace;
		this.#timer = this.runtime.timer(ms, () => {
			if (this.state !== "waiting") return;
			this.state = "dropped";
			this.#report(new CleanupTimeout(ms, `an async function of task ${this.#label}`));
			this.waker?.wake();
		});
	}

	#report(error: unknown): void {
		this.runtime.report(error, this.#label, "cleanup");
	}

	wait<T>(task: Task<T>, owned: boolean): Promise<T> {
		if (this.#owed) {
			this.#owed = false;
			if (owned) task.abort(this.cancelled);
			return Promise.reject(this.cancelled);
		}
		// The body has ended, and this is called by what it left behind.
		if (!this.live) return task.promise();
		return new Promise((resolve, reject) => {
			let cancelled = false;
			const w: WaitOfOurs = {
				cancel: () => {
					cancelled = true;
					if (owned) return task.abort(this.cancelled);
					task.removeWaiter(w);
					this.#left(w);
					reject(this.cancelled);
				},
				wake: () => {
					this.#left(w);
					if (!cancelled) {
						if (!owned && this.cancelled === null && (task.flags & FAILED) !== 0) this.#failed = task as Task;
						task.settle(resolve, reject);
					} else {
						task.drop();
						reject(this.cancelled);
					}
				},
			};
			if (this.#waits.size === 0) this.runtime.endWork(this);
			this.#waits.add(w);
			if (this.cancelled !== null && this.#timer !== null) this.#limit();
			if (task.isFinished) w.wake();
			else task.addWaiter(w);
		});
	}

	#left(w: WaitOfOurs): void {
		if (!this.#waits.delete(w) || this.#waits.size > 0) return;
		if (this.live) this.begin();
		if (this.#timer !== null && this.state === "waiting") this.#limit();
	}
}
