/** The errors of time. */
import { YamanoteError } from "../core/error.ts";

/**
 * A deadline passed before the future was ready. `name` is `"TimeoutError"`, which foreign code knows.
 *
 * @source `tokio::time::error::Elapsed`
 */
export class Elapsed extends YamanoteError {
	declare readonly name: "TimeoutError";
	declare readonly code: "YAMANOTE_ELAPSED";
	/** The milliseconds that were given. */
	readonly ms: number;

	/** @internal */
	static override get called(): string {
		return "Elapsed";
	}

	constructor(ms: number) {
		super(`the deadline of ${Math.round(ms * 1000) / 1000} ms has passed`);
		(this as { name: string }).name = "TimeoutError";
		this.ms = ms;
	}
}

/** `advance` or `resume` needs a paused clock. */
export class NotPausedError extends YamanoteError {
	declare readonly name: "NotPausedError";
	declare readonly code: "YAMANOTE_NOT_PAUSED";

	/** @internal */
	static override get called(): string {
		return "NotPausedError";
	}

	constructor(what: string) {
		super(`${what} needs a paused clock: call pause() first, or start the runtime with { startPaused: true }`);
	}
}
