/**
 * Locks and channels: how tasks share values, wait for each other, and talk.
 *
 * - One value, one user at a time, across waits: {@link Mutex}; many readers or one writer: {@link RwLock}. A section without waits needs no
 *   lock; {@link SyncMutex} makes sure that it stays one.
 * - So many at once: {@link Semaphore}.
 * - Something happened, look again: {@link Notify}. All have come: {@link Barrier}. A value that is made once: {@link OnceCell}. Stop:
 *   {@link CancellationToken}.
 * - Messages: `mpsc` (many senders, one receiver), `mpmc` (each message to one of many receivers), `oneshot` (one message), `broadcast` (each
 *   message to all), `watch` (the latest value).
 *
 * All of them serve those who wait in their order, are safe to cancel at every wait unless they say otherwise, and know nothing of the
 * runtime: they wake whoever polled them. Guards, permits and the ends of channels are `using` resources; nothing depends on their being
 * collected.
 *
 * @module
 */
export { Barrier, type BarrierWaitResult } from "./barrier.ts";
export { CancellationToken, DropGuard } from "./cancellation-token.ts";
export { broadcast, mpmc, mpsc, oneshot, watch } from "./channels.ts";
export { AcquireError } from "./error/acquire-error.ts";
export { ForgottenGuardError } from "./error/forgotten-guard-error.ts";
export { GuardAcrossWaitError } from "./error/guard-across-wait-error.ts";
export { LaggedError } from "./error/lagged-error.ts";
export { LockHeldError } from "./error/lock-held-error.ts";
export { RecvError } from "./error/recv-error.ts";
export { ReleasedError } from "./error/released-error.ts";
export { SendError } from "./error/send-error.ts";
export { SetError } from "./error/set-error.ts";
export { TryAcquireError } from "./error/try-acquire-error.ts";
export { TryLockError } from "./error/try-lock-error.ts";
export { TryRecvError } from "./error/try-recv-error.ts";
export { TrySendError } from "./error/try-send-error.ts";
export { type Holder, holdersOf, type TrackHoldersOptions, trackHolders } from "./holders.ts";
export type { Message } from "./message.ts";
export { Mutex, MutexGuard } from "./mutex.ts";
export { type Notified, Notify } from "./notify.ts";
export { OnceCell } from "./once-cell.ts";
export { RwLock } from "./rw-lock.ts";
export { RwLockReadGuard, RwLockWriteGuard } from "./rw-lock-guard.ts";
export { Semaphore, SemaphorePermit } from "./semaphore.ts";
export { SyncMutex, SyncMutexGuard, type SyncMutexOptions } from "./sync-mutex.ts";
