/// <reference lib="esnext.disposable" preserve="true" />
/**
 * Yamanote: a Tokio-grade async runtime for TypeScript. This is what most programs import; `yamanote/sync` has locks and channels.
 *
 * @module
 */

export type { Duration, DurationFields } from "./core/duration.ts";
export {
	AsyncCleanupError,
	CancelledError,
	CleanupTimeout,
	FutureConsumedError,
	FutureInUseError,
	NotIterableError,
	RuntimeClosedError,
	SuppressedError,
	YamanoteError,
	YieldError,
} from "./core/error.ts";
export { Future } from "./core/future.ts";
export type { AbortHandle, JoinHandle } from "./core/handle.ts";
export { type Context, Pending, type Poll, type Waker } from "./core/poll.ts";
export type {
	Async,
	Err,
	Errs,
	FutureIterator,
	FutureRecord,
	Futures,
	IntoFuture,
	Out,
	Outs,
	Starred,
	TaskContext,
	Wait,
} from "./core/types.ts";
export type { TaskFailure } from "./core/unobserved.ts";
export { acquire } from "./future/acquire.ts";
export { asyncFn, promiseFn } from "./future/async-fn.ts";
export { type Attempt, attempt } from "./future/attempt.ts";
export { fail, lazy, pending, pollFn, ready } from "./future/basic.ts";
export { byRef } from "./future/by-ref.ts";
export { disposeUnclaimed } from "./future/dispose-unclaimed.ts";
export { type EachOptions, each } from "./future/each.ts";
export {
	type EmitterLike,
	EventOverflowError,
	type EventSource,
	Events,
	type EventsOptions,
	type EventTargetLike,
	events,
	once,
} from "./future/events.ts";
export { type FromPromiseOptions, fromCallback, fromPromise, type Settle } from "./future/from.ts";
export { FuturesUnordered } from "./future/futures-unordered.ts";
export type { Receives, Source } from "./future/items.ts";
export { type JoinOptions, join, joinSettled, type Settled, tryJoin } from "./future/join.ts";
export { mapConcurrent } from "./future/map-concurrent.ts";
export { type RunOptions, run } from "./future/run.ts";
export { NoBranchError, race, type SelectBranch, type Selected, type SelectOptions, select } from "./future/select.ts";
export { shared } from "./future/shared.ts";
export { type ContextStorage, withContext } from "./future/with-context.ts";
export { type CleanupLimitsOptions, withLimits } from "./future/with-limits.ts";
export { ClockHeld, ForeignClockError, SignalError } from "./runtime/error.ts";
export { main } from "./runtime/main.ts";
export type { RuntimeOptions } from "./runtime/options.ts";
export { Handle, Runtime, type RuntimeMetrics, type ShutdownOptions } from "./runtime/runtime.ts";
export { consumeBudget, cooperative, hasBudgetRemaining, unconstrained } from "./task/coop.ts";
export { currentTask, type TaskInfo } from "./task/current-task.ts";
export {
	type GracefulShutdownOptions,
	gracefulShutdown,
	type Service,
	type ShutdownReport,
} from "./task/graceful-shutdown.ts";
export { type Giving, type Joined, JoinSet, type JoinSetOptions } from "./task/join-set.ts";
export { ScopeClosedError } from "./task/nursery.ts";
export { type OpenScope, type OpenScopeOptions, openScope } from "./task/open-scope.ts";
export { type Scope, type ScopeOptions, type Spawner, scope } from "./task/scope.ts";
export { type SpawnOptions, spawn } from "./task/spawn.ts";
export {
	type LocalStorage,
	TaskLocal,
	TaskLocalError,
	type TaskLocalFuture,
	type TaskLocalOptions,
	taskLocal,
} from "./task/task-local.ts";
export { TaskTracker, type TaskTrackerToken } from "./task/task-tracker.ts";
export { yieldNow } from "./task/yield-now.ts";
export { advance, pause, resume } from "./time/clock.ts";
export { currentDeadline, deadline } from "./time/deadline.ts";
export { Elapsed, NotPausedError } from "./time/error.ts";
export { Instant } from "./time/instant.ts";
export { Interval, type IntervalOptions, interval, intervalAt } from "./time/interval.ts";
export { MissedTickBehavior } from "./time/missed-tick.ts";
export { type RetryOptions, retry } from "./time/retry.ts";
export { type Reserves, SendTimeoutError, sendTimeout } from "./time/send-timeout.ts";
export { Sleep, sleep, sleepUntil } from "./time/sleep.ts";
export { timeout, timeoutAt } from "./time/timeout.ts";
