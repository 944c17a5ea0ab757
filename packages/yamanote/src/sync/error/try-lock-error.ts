/** The failure of a `tryLock`, `tryRead`, `tryWrite`. */
import { YamanoteError } from "../../core/error.ts";

/**
 * A lock could not be had without waiting.
 *
 * @source `tokio::sync::TryLockError`
 */
export class TryLockError extends YamanoteError {
	declare readonly name: "TryLockError";
	declare readonly code: "YAMANOTE_TRY_LOCK";

	/** @internal */
	static override get called(): string {
		return "TryLockError";
	}

	constructor() {
		super("the lock is taken, or somebody waits for it");
	}
}
