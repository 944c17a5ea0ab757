/** A promise as a future. It runs already, so dropping the future only stops listening. */
import { discard } from "./discard.ts";
import { Future } from "./future.ts";
import { type Context, Pending, type Poll, type Waker } from "./poll.ts";
import { currentRuntime, type RuntimeCore } from "./runtime-core.ts";

/** @internal */
export class FromPromise<out T, out E = never> extends Future<T, E> {
	#promise: PromiseLike<T> | (() => PromiseLike<T>) | null;
	readonly #mapError: ((error: unknown) => unknown) | undefined;
	#state: "new" | "waiting" | "ok" | "failed" | "dropped" = "new";
	#result: unknown;
	#waker: Waker | null = null;
	#runtime: RuntimeCore | null = null;

	/** @param mapError - makes the failure from what the promise was rejected with */
	constructor(promise: PromiseLike<T> | (() => PromiseLike<T>), mapError?: (error: unknown) => unknown) {
		super();
		this.#promise = promise;
		this.#mapError = mapError;
	}

	poll(cx: Context): Poll<T> {
		switch (this.#state) {
			case "ok":
				return this.#result as T;
			case "failed":
				throw this.#mapError === undefined ? this.#result : this.#mapError(this.#result);
			case "new":
				this.#waker = cx.waker;
				this.#listen();
				// A thenable may have answered already.
				return this.#waker === null ? this.poll(cx) : Pending;
		}
		this.#waker = cx.waker;
		return Pending;
	}

	#listen(): void {
		const p = this.#promise as PromiseLike<T> | (() => PromiseLike<T>);
		this.#promise = null;
		const promise = typeof p === "function" ? p() : p;
		this.#state = "waiting";
		this.#runtime = currentRuntime();
		this.#runtime.beginWork(this, "a promise");
		promise.then(
			(v) => this.#settle("ok", v),
			(e) => this.#settle("failed", e),
		);
	}

	#settle(state: "ok" | "failed", result: unknown): void {
		if (this.#state !== "waiting") {
			if (state === "ok") discard(result);
			return;
		}
		(this.#runtime as RuntimeCore).endWork(this);
		this.#state = state;
		this.#result = result;
		this.#waker?.wake();
		this.#waker = null;
	}

	/** Dropped before its first poll: a rejection that nobody will hear must not end the process. */
	override return(value?: unknown): IteratorResult<never, T> {
		const promise = this.#promise;
		if (promise !== null && typeof promise !== "function") {
			this.#promise = null;
			promise.then(undefined, () => {});
		}
		return super.return(value);
	}

	protected override drop(): void {
		if (this.#state === "waiting") (this.#runtime as RuntimeCore).endWork(this);
		else if (this.#state === "ok") discard(this.#result);
		this.#state = "dropped";
		this.#waker = null;
	}
}
