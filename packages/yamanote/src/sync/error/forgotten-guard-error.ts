/** The failure of forgetting a guard. */
import { YamanoteError } from "../../core/error.ts";

/** A guard or permit was collected that had never been released: its lock stays locked. Reported while holders are tracked. */
export class ForgottenGuardError extends YamanoteError {
	declare readonly name: "ForgottenGuardError";
	declare readonly code: "YAMANOTE_FORGOTTEN_GUARD";
	/** Where it was taken. */
	readonly takenAt: string;

	/** @internal */
	static override get called(): string {
		return "ForgottenGuardError";
	}

	constructor(what: string, takenAt: string) {
		super(`a ${what} taken at ${takenAt} was never released: take it by \`using\``);
		this.takenAt = takenAt;
	}
}
