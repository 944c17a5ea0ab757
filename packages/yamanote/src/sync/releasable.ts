/** What must be given back: guards, permits, the ends of channels. */
import { kRelease } from "../core/discard.ts";

/** Something that is held until it is released: a `using` resource. Releasing it again does nothing. */
export abstract class Releasable implements Disposable {
	/** Gives it back. */
	abstract release(): void;

	[Symbol.dispose](): void {
		this.release();
	}

	/** @internal Nobody receives it. */
	[kRelease](): void {
		this.release();
	}
}
