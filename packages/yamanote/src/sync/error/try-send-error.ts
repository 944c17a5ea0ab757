/** The failure of a `trySend`. */
import { YamanoteError } from "../../core/error.ts";

/**
 * A message could not be sent without waiting. It gives the message back.
 *
 * @typeParam T - the message; `undefined` where there was none yet (`tryReserve`)
 * @source `tokio::sync::mpsc::error::TrySendError`
 */
export class TrySendError<out T> extends YamanoteError {
	declare readonly name: "TrySendError";
	declare readonly code: "YAMANOTE_TRY_SEND";
	/** Why: `"full"` can be different the next time, `"closed"` cannot. */
	readonly kind: "full" | "closed";
	/** The message that was not sent. */
	readonly value: T;

	/** @internal */
	static override get called(): string {
		return "TrySendError";
	}

	constructor(kind: "full" | "closed", value: T) {
		super(kind === "full" ? "the channel is full" : "the channel is closed: nobody receives from it");
		this.kind = kind;
		this.value = value;
	}
}
