/** The errors of the runtime. */
import { YamanoteError } from "../core/error.ts";

/** A signal of the operating system asked the program to stop: the reason of the cancellation that `main` makes of it. */
export class SignalError extends YamanoteError {
	static override readonly codeOf: string = "YAMANOTE_SIGNAL";
	override readonly name = "SignalError";
	override readonly code = "YAMANOTE_SIGNAL";
	/** The name of the signal, as `"SIGINT"`. */
	readonly signal: string;
	constructor(signal: string) {
		super(`the program was asked to stop by ${signal}`);
		this.signal = signal;
	}
}
