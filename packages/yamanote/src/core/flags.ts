/** The states of a task, as bits of its `flags`. In a file without imports, so that bundlers put the numbers in their places. */

export const QUEUED = 1;
export const DONE = 2;
export const FAILED = 4;
export const CANCEL = 8;
/** Somebody awaits or awaited the outcome. */
export const OBSERVED = 16;
/** Nobody will ever take the outcome. */
export const DETACHED = 32;
/** @internal Made by `then` on a future, which shares its outcome ever after. */
export const STARTED = 64;
/** Its failure is no news to anybody: it was cancelled, or told at once. */
export const NO_NEWS = 128;
/** Above the flags: how often it was polled, up to a limit. */
export const POLL = 256;
export const MANY_POLLS = 0x4000_0000;

/** Tokio's cooperative budget: how many ready waits one poll may have before it must yield. */
export const BUDGET = 128;
