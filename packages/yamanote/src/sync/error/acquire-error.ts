/** The failure of an acquire. */
import { YamanoteError } from "../../core/error.ts";

/**
 * A semaphore was closed before the permits were granted.
 *
 * @source `tokio::sync::AcquireError`
 */
export class AcquireError extends YamanoteError {
	static override readonly codeOf: string = "YAMANOTE_ACQUIRE";
	override readonly name = "AcquireError";
	override readonly code = "YAMANOTE_ACQUIRE";
	constructor() {
		super("the semaphore is closed");
	}
}
