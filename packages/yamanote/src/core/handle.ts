/** What `spawn` gives: the handle of a task. The task itself is the object behind it. */
import type { Future } from "./future.ts";

/** Aborts a task, and nothing else: what {@link JoinHandle.abortHandle} gives. */
export interface AbortHandle {
	/** The number of the task. */
	readonly id: number;
	/** Whether the task has ended, its cleanup included. */
	readonly isFinished: boolean;
	/** Cancels the task; see {@link JoinHandle.abort}. */
	abort(reason?: unknown): void;
}

/**
 * The handle of a spawned task. It is a future of the task's outcome that can be awaited any number of times, by any number of tasks.
 *
 * Dropping it (a lost `select`, an elapsed `timeout`) detaches the task, which runs on. `abortOnDrop()` ties the two.
 *
 * @source `tokio::task::JoinHandle`
 */
export interface JoinHandle<out T, out E = never> extends Future<T, E>, AbortHandle {
	/** The name that the task was spawned with. */
	readonly name: string | undefined;
	/**
	 * Cancels the task: it is unwound at its wait, `finally` and `using` run, and the handle rejects with `CancelledError` when they have
	 * ended. A second call, and one after the end, does nothing.
	 */
	abort(reason?: unknown): void;
	/** Something that aborts the task and cannot wait for it. */
	abortHandle(): AbortHandle;
	/**
	 * The outcome as an owned future: dropping it aborts the task, and waits for its cleanup.
	 *
	 * @cancelSafety not cancel safe: what the task has done is aborted with it
	 * @source `tokio_util::task::AbortOnDropHandle`
	 */
	abortOnDrop(): Future<T, E>;
	/** Nobody will wait for the task: its failure is reported at once. */
	detach(): void;
}
