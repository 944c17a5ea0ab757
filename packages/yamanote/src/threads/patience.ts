/**
 * How long to look out for something before sleeping: longer when that was worth it, shorter when it was not. On a busy machine the other
 * side does not run meanwhile, and looking out would only take its time.
 */
const MIN_MS = 0.004;

/** @internal */
export class Patience {
	readonly #max: number;
	#ms: number;

	/** @param ms - the longest; 0 for none at all */
	constructor(ms: number) {
		this.#max = ms;
		this.#ms = ms;
	}

	/** Milliseconds; 0 if it is not worth it. */
	get ms(): number {
		return this.#ms < MIN_MS ? 0 : this.#ms;
	}

	/** It is known to come soon. */
	reset(): void {
		this.#ms = this.#max;
	}

	/** What was looked out for has come. */
	won(): void {
		this.#ms = Math.min(this.#max, this.#ms * 1.5);
	}

	/** It has not. */
	lost(): void {
		this.#ms = Math.max(this.#ms / 2, Math.min(this.#max, MIN_MS / 2));
	}

	/** It has come so soon after that looking out would have been worth it. */
	missed(afterMs: number): void {
		if (afterMs < this.#max) this.won();
	}
}
