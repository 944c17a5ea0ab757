/** The errors of the runtime. */
import { YamanoteError } from "../core/error.ts";

/** A signal of the operating system asked the program to stop: the reason of the cancellation that `main` makes of it. */
export class SignalError extends YamanoteError {
	declare readonly name: "SignalError";
	declare readonly code: "YAMANOTE_SIGNAL";
	/** The name of the signal, as `"SIGINT"`. */
	readonly signal: string;

	/** @internal */
	static override get called(): string {
		return "SignalError";
	}

	constructor(signal: string) {
		super(`the program was asked to stop by ${signal}`);
		this.signal = signal;
	}
}

/** A paused clock was held for a second by host work that has not ended: time cannot advance by itself. */
export class ClockHeld extends YamanoteError {
	declare readonly name: "ClockHeld";
	declare readonly code: "YAMANOTE_CLOCK_HELD";

	/** @internal */
	static override get called(): string {
		return "ClockHeld";
	}

	constructor(work: string[]) {
		super(
			`the paused clock waits for ${work.length === 0 ? "host work" : work.slice(0, 5).join(", ")}${work.length > 5 ? ` and ${work.length - 5} more` : ""}`,
		);
	}
}

/** A timer goes by the clock of another runtime than the one that waits for it, and one of the two is paused. */
export class ForeignClockError extends YamanoteError {
	declare readonly name: "ForeignClockError";
	declare readonly code: "YAMANOTE_FOREIGN_CLOCK";

	/** @internal */
	static override get called(): string {
		return "ForeignClockError";
	}

	constructor(own: string, waiting: string) {
		super(
			`this timer goes by the clock of runtime "${own}", but runtime "${waiting}" waits for it: make it inside, as in blockOn(function* () { yield* sleep(5); })`,
		);
	}
}
