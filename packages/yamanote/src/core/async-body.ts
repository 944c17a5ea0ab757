/**
 * A native async function as a future: lazy, with a signal, and with a scope, through which its waits for futures of ours can be cancelled.
 *
 * Cancelling it aborts the signal, and rejects the waits of ours that are pending, or else the next one, with one `CancelledError`; later
 * waits work, so that cleanup can. It is then given `cleanupGrace` while it waits for foreign promises, `cleanupTimeout` while it waits for ours.
 */
import { type AsyncScope, inScope, storedScope } from "./ambient.ts";
import { discard } from "./discard.ts";
import { type Driver, rareOf } from "./driver.ts";
import { CancelledError, CleanupTimeout } from "./error.ts";
import { Future } from "./future.ts";
import { type HostHandle, setHostTimer } from "./host.ts";
import { type Context, Pending, type Poll, type Waker } from "./poll.ts";
import { currentRuntime, type RuntimeCore } from "./runtime-core.ts";
import { S } from "./shared.ts";
import type { Task } from "./task.ts";

interface WaitOfOurs extends Waker {
	readonly task: Task;
	readonly owned: boolean;
	cancelled: boolean;
	reject(error: unknown): void;
}

type State = "waiting" | "ok" | "failed" | "abandoned";

/** @internal */
export class AsyncBody extends Future<unknown> implements AsyncScope {
	live = true;
	readonly parent: AsyncScope | null = storedScope();
	readonly #driver: Driver;
	readonly runtime: RuntimeCore = currentRuntime();
	readonly #task: Task | null = S.task;
	readonly #waits: Set<WaitOfOurs> = new Set();
	#state: State = "waiting";
	#result: unknown;
	#waker: Waker | null = null;
	#cancelled: CancelledError | null = null;
	/** Cancelled while it waited for nothing of ours: the next wait is rejected. */
	#owed = false;
	#timer: HostHandle | null = null;

	constructor(driver: Driver) {
		super();
		this.#driver = driver;
	}

	/** Calls the function in this scope. */
	call<R>(f: () => R): R {
		// Its own code is native: what it starts before its first `await` belongs to this scope, too.
		const { current } = S;
		S.current = null;
		try {
			return inScope(this, f);
		} finally {
			S.current = current;
		}
	}

	/** The function has given its promise. */
	attach(promise: PromiseLike<unknown>): void {
		this.#beginWork();
		const settle = (state: State, result: unknown): void => {
			this.live = false;
			if (this.#waits.size === 0) this.runtime.endWork(this);
			if (this.#state === "abandoned") {
				if (state === "failed" && !this.#isCancellation(result)) this.#report(result);
				else if (state === "ok") discard(result);
				return;
			}
			this.#state = state;
			this.#result = result;
			this.#waker?.wake();
		};
		promise.then(
			(v) => settle("ok", v),
			(e) => settle("failed", e),
		);
	}

	poll(cx: Context): Poll<unknown> {
		if (this.#state === "waiting") {
			this.#waker = cx.waker;
			return Pending;
		}
		if (this.#state === "failed") throw this.#result;
		return this.#result;
	}

	protected override drop(cx: Context): Poll<void> {
		this.#waker = cx.waker;
		if (this.#cancelled === null) this.#cancel();
		if (this.#state === "waiting") {
			this.#limit();
			return Pending;
		}
		this.#timer?.cancel();
		if (this.#state === "ok") discard(this.#result);
		else if (this.#state === "failed" && !this.#isCancellation(this.#result)) rareOf(this.#driver).fail(this.#result);
	}

	#cancel(): void {
		const { rare, reason } = this.#driver;
		// One error for all: what the signal was aborted with, if anybody has asked for it.
		const told: unknown = rare?.controller?.signal.reason;
		const given = told instanceof CancelledError ? told : reason;
		const cancelled = given instanceof CancelledError ? given : CancelledError.bare(given);
		this.#cancelled = cancelled;
		rare?.controller?.abort(cancelled);
		this.#owed = this.#waits.size === 0;
		for (const w of this.#waits) {
			w.cancelled = true;
			if (w.owned) w.task.abort(cancelled);
			else {
				w.task.removeWaiter(w);
				this.#left(w);
				w.reject(cancelled);
			}
		}
	}

	/** The function ended with its own cancellation: also a copy of it, which `fetch` makes. */
	#isCancellation(error: unknown): boolean {
		return (
			error === this.#cancelled || error === this.#cancelled?.reason || (error as Error | null)?.name === "AbortError"
		);
	}

	get #label(): string {
		return this.#task?.label() ?? "";
	}

	/** A paused clock waits for it, and wants to know its name; no other does. */
	#beginWork(): void {
		const { runtime } = this;
		runtime.beginWork(this, runtime.clock === null ? "" : `an async function of task ${this.#label}`);
	}

	/** It may take longer while it waits for futures of ours than while it waits for anything else. */
	#limit(): void {
		const { cleanupGrace, cleanupTimeout } = this.runtime.limits;
		this.#timer?.cancel();
		const ms = this.#waits.size > 0 ? cleanupTimeout : cleanupGrace;
		this.#timer = setHostTimer(ms, () => {
			if (this.#state !== "waiting") return;
			this.#state = "abandoned";
			this.#report(new CleanupTimeout(ms, `an async function of task ${this.#label}`));
			this.#waker?.wake();
		});
	}

	#report(error: unknown): void {
		this.runtime.limits.onUnhandled({ error, task: this.#label, runtime: this.runtime.name, when: "cleanup" });
	}

	wait<T>(task: Task<T>, owned: boolean): Promise<T> {
		if (this.#owed) {
			this.#owed = false;
			if (owned) task.abort(this.#cancelled);
			return Promise.reject(this.#cancelled);
		}
		return new Promise((resolve, reject) => {
			const w: WaitOfOurs = {
				task: task as Task,
				owned,
				cancelled: false,
				reject,
				wake: () => {
					this.#left(w);
					if (!w.cancelled) task.settle(resolve, reject);
					else {
						task.drop();
						reject(this.#cancelled);
					}
				},
			};
			if (this.#waits.size === 0) this.runtime.endWork(this);
			this.#waits.add(w);
			if (this.#cancelled !== null && this.#timer !== null) this.#limit();
			if (task.isFinished) w.wake();
			else task.addWaiter(w);
		});
	}

	#left(w: WaitOfOurs): void {
		if (!this.#waits.delete(w) || this.#waits.size > 0) return;
		if (this.live) this.#beginWork();
		if (this.#timer !== null && this.#state === "waiting") this.#limit();
	}

	get cancelled(): CancelledError | null {
		return this.#cancelled;
	}
}
