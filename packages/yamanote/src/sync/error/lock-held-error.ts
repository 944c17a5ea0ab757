/** The failure of a lock that cannot be waited for. */
import { YamanoteError } from "../../core/error.ts";

/** A `SyncMutex` was locked that is locked already: a wait for it would never end, since nothing else runs meanwhile. */
export class LockHeldError extends YamanoteError {
	declare readonly name: "LockHeldError";
	declare readonly code: "YAMANOTE_LOCK_HELD";
	/** Where the lock was taken. */
	readonly takenAt: string;

	/** @internal */
	static override get called(): string {
		return "LockHeldError";
	}

	constructor(lock: string, takenAt: string) {
		super(`${lock} is held already, since ${takenAt}: to wait for it here would never end`);
		this.takenAt = takenAt;
	}
}
