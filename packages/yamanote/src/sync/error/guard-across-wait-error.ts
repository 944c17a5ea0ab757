/** The failure of a guard that must not live across a wait. */
import { YamanoteError } from "../../core/error.ts";

/** The guard of a `SyncMutex` was held when its task suspended. It is thrown at that wait, which is dropped. */
export class GuardAcrossWaitError extends YamanoteError {
	declare readonly name: "GuardAcrossWaitError";
	declare readonly code: "YAMANOTE_GUARD_ACROSS_WAIT";
	/** Where the lock was taken. */
	readonly takenAt: string;
	/** Where the task suspended; `undefined` for an `await` in native code. */
	readonly waitedAt: string | undefined;

	/** @internal */
	static override get called(): string {
		return "GuardAcrossWaitError";
	}

	constructor(lock: string, takenAt: string, waitedAt: string | undefined) {
		super(
			`${lock}, taken at ${takenAt}, was held across a wait${waitedAt === undefined ? " (an await)" : ` at ${waitedAt}`}: release it before, or use Mutex, which may be held`,
		);
		this.takenAt = takenAt;
		this.waitedAt = waitedAt;
	}
}
