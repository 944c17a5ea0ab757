/** The failure of using what was given back. */
import { YamanoteError } from "../../core/error.ts";

/** A guard, a permit or a channel end was used after it had been released. */
export class ReleasedError extends YamanoteError {
	declare readonly name: "ReleasedError";
	declare readonly code: "YAMANOTE_RELEASED";

	/** @internal */
	static override get called(): string {
		return "ReleasedError";
	}

	constructor(what: string) {
		super(`this ${what} was released: it must not be used any more`);
	}
}
