/** The failure of using what was given back. */
import { YamanoteError } from "../../core/error.ts";

/** A guard, a permit or a channel end was used after it had been released. */
export class ReleasedError extends YamanoteError {
	static override readonly codeOf: string = "YAMANOTE_RELEASED";
	override readonly name = "ReleasedError";
	override readonly code = "YAMANOTE_RELEASED";
	constructor(what: string) {
		super(`this ${what} was released: it must not be used any more`);
	}
}
