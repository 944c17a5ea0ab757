/** All detectors by one call: `diagnose`. */
import { checkFunction, checkOptions } from "../core/error.ts";
import { hostNow, hostProcess, hostReport, setHostTimer } from "../core/host.ts";
import { type DeadlockOptions, deadlock } from "./detect/deadlock.ts";
import { BEAT_MS, type Detector, type Tell } from "./detect/detector.ts";
import { forgottenGuard, guardAcrossWait } from "./detect/guards.ts";
import { lagged } from "./detect/lagged.ts";
import { type LongPollOptions, longPoll } from "./detect/long-poll.ts";
import { type NeverPolledOptions, neverPolled } from "./detect/never-polled.ts";
import { type LoopFacts, type StarvedLoopOptions, starvedLoop } from "./detect/starved-loop.ts";
import { checkLimit, type FullQueueOptions, fullQueue, type LongWaitOptions, longWait } from "./detect/waits.ts";
import { type WakeStormOptions, wakeStorm } from "./detect/wake-storm.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { formatDiagnosis, wantsColors } from "./format-diagnosis.ts";
import { observe } from "./observe.ts";
import { Reporter } from "./reporter.ts";

/** Options of {@link diagnose}: what is told to whom, and which detectors look for it. All are on unless they are `false`. */
export interface DiagnoseOptions {
	/** Is told of each diagnosis, at once: possibly in the middle of a poll, so it must not wait. */
	readonly onDiagnosis?: ((diagnosis: Diagnosis) => void) | undefined;
	/** Print each to the standard error. Default: only if there is no `onDiagnosis`. */
	readonly print?: boolean | undefined;
	/** The same code and line is told again after so many milliseconds at the earliest. Default 60,000. */
	readonly repeatMs?: number | undefined;
	/** The most that are told in a minute. Default 60. */
	readonly maxPerMinute?: number | undefined;
	/** Polls that hold the loop for too long, or for ever. */
	readonly longPoll?: LongPollOptions | false | undefined;
	/** A `SyncMutex` whose guard was held when its task suspended. */
	readonly guardAcrossWait?: boolean | undefined;
	/** Guards and permits that were collected before they were released. */
	readonly forgottenGuard?: boolean | undefined;
	/** Futures that were made and never polled. */
	readonly neverPolled?: NeverPolledOptions | false | undefined;
	/** Tasks that wake themselves again and again. */
	readonly wakeStorm?: WakeStormOptions | false | undefined;
	/** Locks that are held or waited for very long. */
	readonly longWait?: LongWaitOptions | false | undefined;
	/** Tasks that wait for each other in a circle, or for nothing. */
	readonly deadlock?: DeadlockOptions | false | undefined;
	/** Receivers of broadcast channels that have missed messages. */
	readonly lagged?: boolean | undefined;
	/** Channels that stay at their bounds. */
	readonly fullQueue?: FullQueueOptions | false | undefined;
	/** The host's loop is not served. */
	readonly starvedLoop?: StarvedLoopOptions | false | undefined;
}

/**
 * Looks for what goes wrong with tasks and locks while the program runs, and tells each with its place and what to do about it: to a callback,
 * to the standard error, and to `diagnostics_channel` (`yamanote:diagnosis`) where the engine has it. Disposing it ends that.
 *
 * Each is told once for its line in a while. Nothing is changed in what the program does, and without it the runtime pays nothing.
 *
 * @throws {@link RangeError} for a limit that is not above 0; {@link TypeError} if `onDiagnosis` is no function
 * @source none: the lints of tokio-console
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { attempt, run, sleep } from "yamanote";
 * import { diagnose } from "yamanote/diagnostics";
 * import { SyncMutex } from "yamanote/sync";
 *
 * const codes: string[] = [];
 * using _diagnosis = diagnose({ onDiagnosis: ({ code }) => codes.push(code) });
 * const hits = new SyncMutex(0);
 * await run(attempt(function* () {
 *   using _guard = hits.lock();
 *   yield* sleep(1);
 * }));
 * assert.deepEqual(codes, ["YAMANOTE_GUARD_ACROSS_WAIT"]);
 * ```
 */
export function diagnose(options: DiagnoseOptions = {}): Disposable {
	checkOptions("diagnose", options);
	const { onDiagnosis, repeatMs = 60_000, maxPerMinute = 60 } = options;
	if (onDiagnosis !== undefined) checkFunction("diagnose: onDiagnosis", onDiagnosis);
	checkLimit("repeatMs", repeatMs);
	checkLimit("maxPerMinute", maxPerMinute);
	const sinks: ((diagnosis: Diagnosis) => void)[] = [];
	if (onDiagnosis !== undefined) sinks.push(onDiagnosis);
	if (options.print ?? onDiagnosis === undefined) sinks.push(print);
	const reporter = new Reporter({ repeatMs, maxPerMinute, sinks });
	const tell: Tell = (finding) => reporter.tell(finding);
	return run(detectorsOf(options, tell));
}

function detectorsOf(options: DiagnoseOptions, tell: Tell): Detector[] {
	const facts: LoopFacts = { longPollAt: 0, sampled: null };
	const makers = {
		longPoll: (o: LongPollOptions) => longPoll(tell, o, facts),
		neverPolled: (o: NeverPolledOptions) => neverPolled(tell, o),
		guardAcrossWait: () => guardAcrossWait(tell),
		forgottenGuard: () => forgottenGuard(tell),
		wakeStorm: (o: WakeStormOptions) => wakeStorm(tell, o, options.longPoll === false ? null : facts),
		longWait: (o: LongWaitOptions) => longWait(tell, o),
		deadlock: (o: DeadlockOptions) => deadlock(tell, o),
		lagged: () => lagged(tell),
		fullQueue: (o: FullQueueOptions) => fullQueue(tell, o),
		starvedLoop: (o: StarvedLoopOptions) => starvedLoop(tell, o, facts),
	};
	const detectors: Detector[] = [];
	try {
		for (const [name, make] of Object.entries(makers)) {
			const chosen = options[name as keyof typeof makers] ?? {};
			if (chosen !== false) detectors.push(make(chosen as object));
		}
	} catch (error) {
		for (const detector of detectors) detector.close?.();
		throw error;
	}
	return detectors;
}

function run(detectors: readonly Detector[]): Disposable {
	const stops = detectors.map((detector) => observe(detector));
	let timer = setHostTimer(BEAT_MS, beat);
	function beat(): void {
		timer = setHostTimer(BEAT_MS, beat);
		const now = hostNow();
		for (const detector of detectors) detector.beat?.(now);
	}
	const exit = (): void => {
		for (const detector of detectors) detector.exit?.();
	};
	const dry = (): void => {
		for (const detector of detectors) detector.dry?.();
	};
	const process = hostProcess();
	process?.on("beforeExit", dry);
	process?.on("exit", exit);
	return {
		[Symbol.dispose]() {
			timer.cancel();
			process?.off("beforeExit", dry);
			process?.off("exit", exit);
			for (const stop of stops) stop();
			for (const detector of detectors) detector.close?.();
		},
	};
}

function print(diagnosis: Diagnosis): void {
	hostReport(formatDiagnosis(diagnosis, { colors: wantsColors() }));
}
