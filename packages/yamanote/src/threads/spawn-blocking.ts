/** Tokio's word for it: `spawnBlocking`. */

import type { Future } from "../core/future.ts";
import type { JoinHandle } from "../core/handle.ts";
import { currentRuntime } from "../core/runtime-core.ts";
import { Task } from "../core/task.ts";
import { behind, type FromDefineWorker } from "./define-worker.ts";
import type { SendParameters } from "./send.ts";

/**
 * Starts a call of a worker's function now, as an independent task: the handle can be awaited any number of times, and dropping it lets the
 * call run on. `await h.f(x)` is shorter where the caller waits anyway.
 *
 * `abort()` on the handle takes a call back that waits for a thread; a running one is told (`isAborted()`, `abortSignal()`), and given
 * `cleanupGrace`.
 *
 * @param f - a function of `defineWorker`, perhaps with options (`h.f.with({ priority: 1 })`)
 * @param args - its arguments
 * @throws {@link TypeError} at the call, if it is no function of a worker, or one that streams
 * @throws {@link NotSendError} at the call, for an argument that cannot cross
 * @errors what the function throws; `WorkerLost`; `CancelledError` after `abort()`
 * @cancelSafety a wait for the handle is cancel safe: dropping it lets the call run on
 * @source `tokio::task::spawn_blocking`
 *
 * @example
 * ```ts no-run
 * import { spawnBlocking } from "yamanote/threads";
 * import { passwords } from "./passwords.worker.ts"; // the example of `defineWorker`
 *
 * const job = spawnBlocking(passwords.scrypt, "hunter2", new Uint8Array(16));
 * const key = await job;
 * ```
 */
export function spawnBlocking<A extends unknown[], T, E, const B extends A>(
	f: FromDefineWorker<A, Future<T, E>>,
	...args: SendParameters<B>
): JoinHandle<T, E>;
export function spawnBlocking(f: unknown, ...args: unknown[]): unknown {
	const { fn } = behind("spawnBlocking", f);
	if (fn.streams) throw new TypeError(`spawnBlocking: ${fn.name} streams: call it, and receive its items`);
	const task = new Task((f as (...args: unknown[]) => Iterator<unknown, unknown>)(...args), currentRuntime());
	task.name = fn.name;
	return task;
}
