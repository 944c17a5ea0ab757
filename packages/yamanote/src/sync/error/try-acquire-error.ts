/** The failure of a `tryAcquire`. */
import { YamanoteError } from "../../core/error.ts";

/**
 * A `tryAcquire` got no permit: there are not enough now, or the semaphore is closed.
 *
 * @source `tokio::sync::TryAcquireError`
 */
export class TryAcquireError extends YamanoteError {
	declare readonly name: "TryAcquireError";
	declare readonly code: "YAMANOTE_TRY_ACQUIRE";
	/** Why: `"no-permits"` can be different the next time, `"closed"` cannot. */
	readonly kind: "no-permits" | "closed";

	/** @internal */
	static override get called(): string {
		return "TryAcquireError";
	}

	constructor(kind: "no-permits" | "closed") {
		super(kind === "closed" ? "the semaphore is closed" : "not enough permits are free now");
		this.kind = kind;
	}
}
