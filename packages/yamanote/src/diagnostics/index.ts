/// <reference lib="esnext.disposable" preserve="true" />
/**
 * What the runtime tells: dumps of all tasks, and what goes wrong with them.
 *
 * @module
 */
export type { DeadlockOptions } from "./detect/deadlock.ts";
export type { LongPollOptions } from "./detect/long-poll.ts";
export type { NeverPolledOptions } from "./detect/never-polled.ts";
export type { StarvedLoopOptions } from "./detect/starved-loop.ts";
export type { FullQueueOptions, LongWaitOptions } from "./detect/waits.ts";
export type { WakeStormOptions } from "./detect/wake-storm.ts";
export { type DiagnoseOptions, diagnose } from "./diagnose.ts";
export type { Diagnosis, DiagnosisCode, DiagnosisSeverity } from "./diagnosis.ts";
export { Dump, type DumpOptions, type DumpRuntime, dump, type TrackOptions, trackTasks } from "./dump.ts";
export { type FormatDiagnosisOptions, formatDiagnosis } from "./format-diagnosis.ts";
export type { DumpFrame } from "./frames.ts";
export { type InstallDumpOptions, installDump } from "./install-dump.ts";
export { named } from "./named.ts";
export type { DumpBranch, DumpTask } from "./task-dump.ts";
export type { DumpWait } from "./wait.ts";
