/// <reference lib="esnext.disposable" preserve="true" />
/**
 * Tests of concurrent code: tasks polled by hand, a paused clock for any test runner, and the exploration of schedules.
 *
 * @module
 */
export { AssertionError, assertElapsed, assertFails, assertPending, assertReady, assertReadyEq } from "./assertions.ts";
export { DeadlockError } from "./deadlock.ts";
export { type ExploreOptions, type ExploreReport, explore } from "./explore.ts";
export { ExploreError } from "./explore-error.ts";
export { type Bytes, type MockIo, type MockIoBuilder, type MockIoHandle, mockIo } from "./mock-io.ts";
export { type MockStream, type MockStreamBuilder, mockStream } from "./mock-stream.ts";
export { type MockTask, mockTask } from "./mock-task.ts";
export { type PausedOptions, paused } from "./paused.ts";
export type { ExploreKind } from "./verdict.ts";
