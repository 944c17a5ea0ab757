/** The failure of a receiver that was too slow. */
import { YamanoteError } from "../../core/error.ts";

/**
 * A broadcast receiver was slower than the senders, and messages were dropped that it had not received. It can receive on: the oldest message
 * that is left is next.
 *
 * @source `tokio::sync::broadcast::error::RecvError::Lagged`
 */
export class LaggedError extends YamanoteError {
	declare readonly name: "LaggedError";
	declare readonly code: "YAMANOTE_LAGGED";
	/** How many messages it has missed. */
	readonly missed: number;

	/** @internal */
	static override get called(): string {
		return "LaggedError";
	}

	constructor(missed: number) {
		super(`the receiver was too slow: it has missed ${missed} ${missed === 1 ? "message" : "messages"}`);
		this.missed = missed;
	}
}
