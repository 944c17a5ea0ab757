/** Sends the items of an async generator, as many as the other side has room for. */
import { CancelledError } from "../core/error.ts";
import { STREAM_CAPACITY } from "./protocol.ts";
import type { Outcome } from "./thread-run.ts";

/** @internal */
export class ItemPump {
	readonly #items: AsyncIterator<unknown>;
	readonly #outcome: Outcome;
	readonly #send: (item: unknown) => void;
	#credit = STREAM_CAPACITY;
	#pulling = false;
	#closed = false;

	constructor(items: AsyncIterator<unknown>, outcome: Outcome, send: (item: unknown) => void) {
		this.#items = items;
		this.#outcome = outcome;
		this.#send = send;
	}

	start(): void {
		void this.#pull();
	}

	/** The other side has room for `n` more. */
	credit(n: number): void {
		this.#credit += n;
		void this.#pull();
	}

	/** Nobody wants more: the generator is closed at its `yield`, or as soon as it comes to one. */
	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		Promise.resolve(this.#items.return?.()).then(
			() => this.#outcome.threw(new CancelledError()),
			(error) => this.#outcome.threw(error),
		);
	}

	async #pull(): Promise<void> {
		if (this.#pulling) return;
		this.#pulling = true;
		try {
			while (this.#credit > 0 && !this.#closed) {
				const { done, value } = await this.#items.next();
				if (this.#closed) return;
				if (done === true) {
					this.#closed = true;
					this.#outcome.returned(undefined);
					return;
				}
				if (value === undefined)
					throw new TypeError("a stream cannot carry undefined, which says that there are no more");
				this.#credit--;
				this.#send(value);
			}
		} catch (error) {
			if (this.#closed) return;
			this.#closed = true;
			this.#outcome.threw(error);
			// It may have been an item that cannot cross: the generator is still open.
			void Promise.resolve(this.#items.return?.()).catch(() => {});
		} finally {
			this.#pulling = false;
		}
	}
}
