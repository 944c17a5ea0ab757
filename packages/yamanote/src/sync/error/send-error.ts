/** The failure of a send. */
import { YamanoteError } from "../../core/error.ts";

/**
 * Nobody will receive the message: the receivers are gone, or the channel is closed. It gives the message back.
 *
 * @typeParam T - the message; `undefined` where there was none yet (`reserve`)
 * @source `tokio::sync::mpsc::error::SendError`
 */
export class SendError<out T> extends YamanoteError {
	declare readonly name: "SendError";
	declare readonly code: "YAMANOTE_SEND";
	/** The message that was not sent. */
	readonly value: T;

	/** @internal */
	static override get called(): string {
		return "SendError";
	}

	constructor(value: T) {
		super("the channel is closed: nobody receives from it");
		this.value = value;
	}
}
