/** A token that has come from another thread. */
import { CancellationToken } from "../../sync/cancellation-token.ts";

/** What a token tells of itself. */
export interface Keeper {
	/** It was cancelled on this side. */
	cancelled(why: unknown): void;
	/** Somebody waits for it, or may: it must not be collected, since nothing else may refer to it. */
	keep(token: RemoteToken | null): void;
	/** Whether somebody waits for it. */
	awaited(on: boolean): void;
}

/** @internal Equal to the token that was sent: cancelling either cancels both. */
export class RemoteToken extends CancellationToken {
	readonly #keeper: Keeper;
	#signalled = false;

	constructor(keeper: Keeper) {
		super();
		this.#keeper = keeper;
	}

	override spread(why: unknown): void {
		super.spread(why);
		this.#keeper.cancelled(why);
	}

	override listenersChanged(): void {
		super.listenersChanged();
		this.#keeper.keep(this.listeners > 0 || this.#signalled ? this : null);
		this.#keeper.awaited(this.listeners > 0);
	}

	override get signal(): AbortSignal {
		this.#signalled = true;
		this.#keeper.keep(this);
		return super.signal;
	}
}
