/** The failure of a receive. */
import { YamanoteError } from "../../core/error.ts";

/**
 * Nothing will come any more: the senders are gone.
 *
 * @source `tokio::sync::oneshot::error::RecvError`
 */
export class RecvError extends YamanoteError {
	static override readonly codeOf: string = "YAMANOTE_RECV";
	override readonly name = "RecvError";
	override readonly code = "YAMANOTE_RECV";
	constructor() {
		super("the channel is closed: nobody sends to it");
	}
}
