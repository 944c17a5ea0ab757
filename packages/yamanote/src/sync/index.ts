/**
 * Locks and channels.
 *
 * @module
 */
export { mpsc, oneshot } from "./channels.ts";
export { AcquireError } from "./error/acquire-error.ts";
export { RecvError } from "./error/recv-error.ts";
export { ReleasedError } from "./error/released-error.ts";
export { SendError } from "./error/send-error.ts";
export { TryAcquireError } from "./error/try-acquire-error.ts";
export { TryLockError } from "./error/try-lock-error.ts";
export { TryRecvError } from "./error/try-recv-error.ts";
export { TrySendError } from "./error/try-send-error.ts";
export type { Message } from "./message.ts";
export { Mutex, MutexGuard } from "./mutex.ts";
export { type Notified, Notify } from "./notify.ts";
export { Semaphore, SemaphorePermit } from "./semaphore.ts";
