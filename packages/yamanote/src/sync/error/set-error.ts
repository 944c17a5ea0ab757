/** The failure of setting a cell. */
import { YamanoteError } from "../../core/error.ts";

/**
 * A cell has a value already, or somebody is about to set it. It gives the value back.
 *
 * @source `tokio::sync::SetError`
 */
export class SetError<out T> extends YamanoteError {
	declare readonly name: "SetError";
	declare readonly code: "YAMANOTE_SET";
	/** Why: it is `"initialized"`, or somebody is `"initializing"` it. */
	readonly kind: "initialized" | "initializing";
	/** The value that was not set. */
	readonly value: T;

	/** @internal */
	static override get called(): string {
		return "SetError";
	}

	constructor(kind: "initialized" | "initializing", value: T) {
		super(kind === "initialized" ? "the cell has a value already" : "the cell is being initialized");
		this.kind = kind;
		this.value = value;
	}
}
