/**
 * Real threads: calls to functions of worker modules, checked end to end, and data parallelism.
 *
 * @module
 */
export { checkSend, sendClone } from "./check-send.ts";
export {
	type Caller,
	type CallOptions,
	defineWorker,
	type FromDefineWorker,
	type Functions,
	type OpenCaller,
	type Remote,
	type Reply,
	type WorkerSource,
} from "./define-worker.ts";
export { NotSendError, PoolFullError, WorkerBundledError, WorkerLost, type WorkerLostReason } from "./error.ts";
export type { ThreadOptions } from "./host-worker.ts";
export type { Histogram, PoolMetrics } from "./metrics.ts";
export type { PoolOptions, RecycleOptions } from "./options.ts";
export type { Range, RangeChunk, TypedArray } from "./parallel/items.ts";
export {
	type Parallel,
	type ParallelChunks,
	type ParallelOptions,
	type ParallelProgress,
	parallel,
} from "./parallel/parallel.ts";
export type { NotSend, Send, SendableClasses } from "./send.ts";
export { fromSend, type SendableAs, type SendableClass, sendable, toSend } from "./sendable.ts";
export { spawnBlocking } from "./spawn-blocking.ts";
export { ThreadPool } from "./thread-pool.ts";
export { abortSignal, isAborted } from "./thread-state.ts";
export { transfer } from "./transfer.ts";
export type { WorkerStream } from "./worker-stream.ts";
