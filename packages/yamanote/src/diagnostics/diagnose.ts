/** All detectors by one call: `diagnose`. */
import { hostNow, hostProcess, hostReport, setHostTimer } from "../core/host.ts";
import { BEAT_MS, type Detector, type Tell } from "./detect/detector.ts";
import { forgottenGuard, guardAcrossWait } from "./detect/guards.ts";
import { type LongPollOptions, longPoll } from "./detect/long-poll.ts";
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
}

/**
 * Looks for what goes wrong with tasks and locks while the program runs, and tells each with its place and what to do about it: to a callback,
 * to the standard error, and to `diagnostics_channel` (`yamanote:diagnosis`) where the engine has it. Disposing it ends that.
 *
 * Each is told once for its line in a while. Nothing is changed in what the program does, and without it the runtime pays nothing.
 *
 * @throws {@link RangeError} for a limit that is not above 0
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
	const { onDiagnosis, repeatMs = 60_000, maxPerMinute = 60 } = options;
	const sinks: ((diagnosis: Diagnosis) => void)[] = [];
	if (onDiagnosis !== undefined) sinks.push(onDiagnosis);
	if (options.print ?? onDiagnosis === undefined) sinks.push(print);
	const reporter = new Reporter({ repeatMs, maxPerMinute, sinks });
	const tell: Tell = (finding) => reporter.tell(finding);
	const detectors: Detector[] = [];
	const { longPoll: long } = options;
	if (long !== false) detectors.push(longPoll(tell, long ?? {}));
	if (options.guardAcrossWait !== false) detectors.push(guardAcrossWait(tell));
	if (options.forgottenGuard !== false) detectors.push(forgottenGuard(tell));
	return run(detectors);
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
	const process = hostProcess();
	process?.on("exit", exit);
	return {
		[Symbol.dispose]() {
			timer.cancel();
			process?.off("exit", exit);
			for (const stop of stops) stop();
			for (const detector of detectors) detector.close?.();
		},
	};
}

function print(diagnosis: Diagnosis): void {
	hostReport(formatDiagnosis(diagnosis, { colors: wantsColors() }));
}
