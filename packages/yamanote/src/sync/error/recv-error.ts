/** The failure of a receive. */
import { YamanoteError } from "../../core/error.ts";

/**
 * Nothing will come any more: the senders are gone.
 *
 * @source `tokio::sync::oneshot::error::RecvError`
 */
export class RecvError extends YamanoteError {
	declare readonly name: "RecvError";
	declare readonly code: "YAMANOTE_RECV";

	/** @internal */
	static override get called(): string {
		return "RecvError";
	}

	constructor() {
		super("the channel is closed: nobody sends to it");
	}
}

/** @internal For iterators: nothing will come any more, so they end. */
export function noValue(error: unknown): undefined {
	if (!(error instanceof RecvError)) throw error;
}
