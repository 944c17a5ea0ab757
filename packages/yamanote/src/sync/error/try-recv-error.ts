/** The failure of a `tryRecv`. */
import { YamanoteError } from "../../core/error.ts";

/**
 * There is no message now, or there will be none any more.
 *
 * @source `tokio::sync::mpsc::error::TryRecvError`
 */
export class TryRecvError extends YamanoteError {
	declare readonly name: "TryRecvError";
	declare readonly code: "YAMANOTE_TRY_RECV";
	/** Why: `"empty"` can be different the next time, `"closed"` cannot. */
	readonly kind: "empty" | "closed";

	/** @internal */
	static override get called(): string {
		return "TryRecvError";
	}

	constructor(kind: "empty" | "closed") {
		super(kind === "empty" ? "the channel is empty" : "the channel is closed and empty");
		this.kind = kind;
	}
}
