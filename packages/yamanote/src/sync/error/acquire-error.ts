/** The failure of an acquire. */
import { YamanoteError } from "../../core/error.ts";

/**
 * A semaphore was closed before the permits were granted.
 *
 * @source `tokio::sync::AcquireError`
 */
export class AcquireError extends YamanoteError {
	declare readonly name: "AcquireError";
	declare readonly code: "YAMANOTE_ACQUIRE";

	/** @internal */
	static override get called(): string {
		return "AcquireError";
	}

	constructor() {
		super("the semaphore is closed");
	}
}
