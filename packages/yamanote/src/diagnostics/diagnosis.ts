/** What a detector has found, as data. */
import type { DumpFrame } from "./frames.ts";

/** What was found. The codes are stable; four of them are those of the errors that tell the same. */
export type DiagnosisCode =
	| "YAMANOTE_LONG_POLL"
	| "YAMANOTE_NEVER_YIELDS"
	| "YAMANOTE_NEVER_POLLED"
	| "YAMANOTE_GUARD_ACROSS_WAIT"
	| "YAMANOTE_FORGOTTEN_GUARD"
	| "YAMANOTE_WAKE_STORM"
	| "YAMANOTE_LONG_HOLD"
	| "YAMANOTE_LONG_WAIT"
	| "YAMANOTE_DEADLOCK"
	| "YAMANOTE_LAGGED"
	| "YAMANOTE_FULL_QUEUE"
	| "YAMANOTE_STARVED_LOOP";

/** `"error"`: the program is wrong, or stands still. `"warning"`: it is slow, or will be. */
export type DiagnosisSeverity = "error" | "warning";

/** What a detector has found: plain data. */
export interface Diagnosis {
	/** Which kind: stable, for programs. */
	readonly code: DiagnosisCode;
	readonly severity: DiagnosisSeverity;
	/** What happened. */
	readonly message: string;
	/** What to do about it. */
	readonly advice: string;
	/** Where, in the user's code; undefined if that is not known. */
	readonly place: DumpFrame | undefined;
	/** How it came there, innermost frame first. */
	readonly stack: readonly DumpFrame[];
	/** The task, as `"worker" (#7)`; undefined for code outside of tasks. */
	readonly task: string | undefined;
	/** The number of the task. */
	readonly id: number | undefined;
	/** The name of the task, if it has one. */
	readonly name: string | undefined;
	/** The name of the task's runtime. */
	readonly runtime: string | undefined;
	/** When it was told, by the wall clock, in ISO 8601. */
	readonly time: string;
	/** How many of the same code and line were found since the last that was told. */
	readonly repeats: number;
	/** More, by code: durations in milliseconds, holders, the cycle. Fit for JSON. */
	readonly details: { readonly [key: string]: unknown };
}

/** @internal Severity and advice by code. */
export const KINDS: {
	readonly [C in DiagnosisCode]: { readonly severity: DiagnosisSeverity; readonly advice: string };
} = {
	YAMANOTE_LONG_POLL: {
		severity: "warning",
		advice:
			"nobody else ran meanwhile: move the work to a thread (spawnBlocking), or give way in it (yield* consumeBudget())",
	},
	YAMANOTE_NEVER_YIELDS: {
		severity: "error",
		advice:
			"nobody else can run: let the loop wait for something, give way in it (yield* yieldNow()), or move it to a thread (spawnBlocking)",
	},
	YAMANOTE_NEVER_POLLED: {
		severity: "error",
		advice: "calling it runs nothing: write yield* (or await) before the call, or spawn(…) it",
	},
	YAMANOTE_GUARD_ACROSS_WAIT: {
		severity: "error",
		advice: "release the guard before the wait, or use a Mutex, whose guard may be held across waits",
	},
	YAMANOTE_FORGOTTEN_GUARD: {
		severity: "error",
		advice: "what it guards stays locked: take it by `using`, or use withLock/withPermit",
	},
	YAMANOTE_WAKE_STORM: {
		severity: "warning",
		advice: "it keeps the processor busy by asking: let whoever makes the progress wake it (Notify, watch, oneshot)",
	},
	YAMANOTE_LONG_HOLD: {
		severity: "warning",
		advice: "hold a lock for as long as the value is used: take what is needed, release it, then wait",
	},
	YAMANOTE_LONG_WAIT: {
		severity: "warning",
		advice: "look at what the holder does meanwhile; give the wait a limit with timeout(…)",
	},
	YAMANOTE_DEADLOCK: {
		severity: "error",
		advice:
			"take the locks in one order everywhere, or one lock for both values; never wait for a task that needs what you hold",
	},
	YAMANOTE_LAGGED: {
		severity: "warning",
		advice: "give the channel a larger capacity, make the receiver faster, or use mpsc, whose senders wait",
	},
	YAMANOTE_FULL_QUEUE: {
		severity: "warning",
		advice:
			"the receiver is too slow or has stopped: look at what it waits for, or let the senders do with less (trySend)",
	},
	YAMANOTE_STARVED_LOOP: {
		severity: "warning",
		advice: "timers and sockets were not served: give way more often, or move work to threads (spawnBlocking)",
	},
};
