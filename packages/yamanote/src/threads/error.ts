/** The errors of threads. */
import { YamanoteError } from "../core/error.ts";

/**
 * Why a call lost its worker: the thread ended (`exit`), threw where nobody could catch it (`error`), ran out of memory (`memory`), could
 * not load the module (`load`), was killed since the call was cancelled (`killed`), or its pool was shut down (`shutdown`).
 */
export type WorkerLostReason = "exit" | "error" | "memory" | "load" | "killed" | "shutdown";

/**
 * The thread that ran a call is gone, or could not be started. Only the calls that it ran fail; the others go to other threads.
 *
 * @source `tokio::task::JoinError` (`is_panic`, `is_cancelled`)
 */
export class WorkerLost extends YamanoteError {
	declare readonly name: "WorkerLost";
	declare readonly code: "YAMANOTE_WORKER_LOST";
	/** What became of the thread. */
	readonly reason: WorkerLostReason;

	/** @internal */
	static override get called(): string {
		return "WorkerLost";
	}

	constructor(reason: WorkerLostReason, message: string, cause?: unknown) {
		super(message, cause === undefined ? undefined : { cause });
		this.reason = reason;
	}
}

/** The module of a worker was bundled into the program: a thread that loads it would start the program a second time. */
export class WorkerBundledError extends YamanoteError {
	declare readonly name: "WorkerBundledError";
	declare readonly code: "YAMANOTE_WORKER_BUNDLED";

	/** @internal */
	static override get called(): string {
		return "WorkerBundledError";
	}

	constructor(url: string) {
		super(
			`${url} is the program itself, so a thread that loads it would start the program again: keep defineWorker in a module of its own, ` +
				'and when you bundle, give it `() => new Worker(new URL("./that.worker.js", import.meta.url), { type: "module" })` in place of import.meta.url',
		);
	}
}

/** A value cannot cross to another thread. The message says which, by its path, and what to do. */
export class NotSendError extends YamanoteError {
	declare readonly name: "NotSendError";
	declare readonly code: "YAMANOTE_NOT_SEND";
	/** Where the value is: `args[0].user.onClick`. */
	readonly path: string;

	/** @internal */
	static override get called(): string {
		return "NotSendError";
	}

	constructor(path: string, why: string, cause?: unknown) {
		super(`${path} ${why}`, cause === undefined ? undefined : { cause });
		this.path = path;
	}
}

/** The queue of a pool is full, and the pool was told to refuse (`whenFull: "fail"`). */
export class PoolFullError extends YamanoteError {
	declare readonly name: "PoolFullError";
	declare readonly code: "YAMANOTE_POOL_FULL";

	/** @internal */
	static override get called(): string {
		return "PoolFullError";
	}

	constructor(maxQueue: number) {
		super(`${maxQueue} calls wait for a thread already`);
	}
}
