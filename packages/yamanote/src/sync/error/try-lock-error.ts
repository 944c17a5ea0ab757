/** The failure of a `tryLock`, `tryRead`, `tryWrite`. */
import { YamanoteError } from "../../core/error.ts";

/**
 * A lock could not be had without waiting.
 *
 * @source `tokio::sync::TryLockError`
 */
export class TryLockError extends YamanoteError {
	static override readonly codeOf: string = "YAMANOTE_TRY_LOCK";
	override readonly name = "TryLockError";
	override readonly code = "YAMANOTE_TRY_LOCK";
	constructor() {
		super("the lock is taken, or somebody waits for it");
	}
}
