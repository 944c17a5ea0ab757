/** A stream of a worker that is called inside its own worker: it runs in place. */
import { discard } from "../core/discard.ts";
import { FromPromise } from "../core/from-promise.ts";
import type { Future } from "../core/future.ts";
import { currentRuntime, type RuntimeCore } from "../core/runtime-core.ts";
import type { WorkerLost } from "./error.ts";
import { ItemStream } from "./item-stream.ts";
import type { WorkerStream } from "./worker-stream.ts";

/** @internal */
export class LocalStream<T> extends ItemStream<T> implements WorkerStream<T, WorkerLost> {
	readonly #source: AsyncIterator<T>;
	#runtime: RuntimeCore | null = null;
	#asking = false;
	protected over = false;

	constructor(source: AsyncIterator<T>) {
		super();
		this.#source = source;
	}

	protected ask(): void {
		if (this.#asking) return;
		this.#asking = true;
		const runtime = (this.#runtime ??= currentRuntime());
		runtime.beginWork(this, "an item of a stream");
		const arrived = (): void => {
			this.#asking = false;
			runtime.endWork(this);
		};
		this.#source.next().then(
			({ done, value }) => {
				arrived();
				if (this.over) discard(value);
				else if (done === true) this.#end(null);
				else this.add(value);
			},
			(error) => {
				arrived();
				this.#end({ error });
			},
		);
	}

	protected took(): void {}

	#end(failure: { readonly error: unknown } | null): void {
		this.over = true;
		this.ended(failure);
	}

	close(): Future<void> {
		return new FromPromise(async () => {
			this.over = true;
			this.clear();
			await this.#source.return?.();
		});
	}
}
