/** The errors of time. */
import { YamanoteError } from "../core/error.ts";

/**
 * A deadline passed before the future was ready. `name` is `"TimeoutError"`, which foreign code knows.
 *
 * @source `tokio::time::error::Elapsed`
 */
export class Elapsed extends YamanoteError {
	static override readonly codeOf: string = "YAMANOTE_ELAPSED";
	override readonly name = "TimeoutError";
	override readonly code = "YAMANOTE_ELAPSED";
	/** The milliseconds that were given. */
	readonly ms: number;
	constructor(ms: number) {
		super(`the deadline of ${Math.round(ms * 1000) / 1000} ms has passed`);
		this.ms = ms;
	}
}

/** `advance` or `resume` needs a paused clock. */
export class NotPausedError extends YamanoteError {
	static override readonly codeOf: string = "YAMANOTE_NOT_PAUSED";
	override readonly name = "NotPausedError";
	override readonly code = "YAMANOTE_NOT_PAUSED";
	constructor(what: string) {
		super(`${what} needs a paused clock: call pause() first, or start the runtime with { startPaused: true }`);
	}
}

/** A paused clock was held for a second by host work that has not ended: time cannot advance by itself. */
export class ClockHeld extends YamanoteError {
	static override readonly codeOf: string = "YAMANOTE_CLOCK_HELD";
	override readonly name = "ClockHeld";
	override readonly code = "YAMANOTE_CLOCK_HELD";
	constructor(work: string[]) {
		super(
			`the paused clock waits for ${work.length === 0 ? "host work" : work.slice(0, 5).join(", ")}${work.length > 5 ? ` and ${work.length - 5} more` : ""}`,
		);
	}
}

/** A timer goes by the clock of another runtime than the one that waits for it, and one of the two is paused. */
export class ForeignClockError extends YamanoteError {
	static override readonly codeOf: string = "YAMANOTE_FOREIGN_CLOCK";
	override readonly name = "ForeignClockError";
	override readonly code = "YAMANOTE_FOREIGN_CLOCK";
	constructor(own: string, waiting: string) {
		super(
			`this timer goes by the clock of runtime "${own}", but runtime "${waiting}" waits for it: make it inside, as in blockOn(function* () { yield* sleep(5); })`,
		);
	}
}
