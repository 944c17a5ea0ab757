/** A promise as a future. It runs already, so dropping the future only stops listening. */
import { discard } from "./discard.ts";
import { Future } from "./future.ts";
import { type Context, Pending, type Poll, type Waker } from "./poll.ts";
import { currentRuntime, type RuntimeCore } from "./runtime-core.ts";

type State = "new" | "waiting" | "ok" | "failed" | "dropped";

/** @internal A future whose outcome comes from a promise. */
export abstract class Listening<out T, out E = never> extends Future<T, E> {
	state: State;
	result: unknown;
	waker: Waker | null;

	// Written out: the compiler's own would pass `arguments` on, which costs more than the rest.
	constructor() {
		super();
		this.state = "new";
		this.result = undefined;
		this.waker = null;
	}

	/** Host work that a paused clock waits for begins. */
	protected abstract begin(): void;
	/** The promise has settled. */
	protected abstract end(): void;

	listen(promise: PromiseLike<T>): void {
		// What only looks like a promise may answer twice, answer and then throw, or answer with a promise.
		const real = Promise.resolve(promise);
		this.state = "waiting";
		this.begin();
		real.then(
			(v) => this.#settle("ok", v),
			(e) => this.#settle("failed", e),
		);
	}

	#settle(state: State, result: unknown): void {
		if (this.state === "waiting") {
			this.end();
			this.state = state;
			this.result = result;
			this.waker?.wake();
		} else if (this.state === "dropped") this.late(state === "ok", result);
	}

	/** It has settled, and nobody listens any more. */
	protected late(ok: boolean, result: unknown): void {
		if (ok) discard(result);
	}

	poll(cx: Context): Poll<T> {
		if (this.state === "ok") return this.result as T;
		if (this.state === "failed") throw this.result;
		this.waker = cx.waker;
		return Pending;
	}
}

/** @internal */
export class FromPromise<out T, out E = never> extends Listening<T, E> {
	/** Null from the first poll on. */
	promise: PromiseLike<T> | (() => PromiseLike<T>) | null;
	/** Where it waits; set at the first poll. */
	#runtime!: RuntimeCore;

	constructor(promise: PromiseLike<T> | (() => PromiseLike<T>)) {
		super();
		this.promise = promise;
	}

	override poll(cx: Context): Poll<T> {
		const p = this.promise;
		if (p !== null) {
			this.promise = null;
			this.listen(typeof p === "function" ? p() : p);
		}
		return super.poll(cx);
	}

	protected begin(): void {
		this.#runtime = currentRuntime();
		this.#runtime.beginWork(this, "a promise");
	}

	protected end(): void {
		this.#runtime.endWork(this);
	}

	/** Dropped before its first poll: a rejection that nobody will hear must not end the process. */
	override return(value?: unknown): IteratorResult<never, T> {
		const promise = this.promise;
		if (promise !== null && typeof promise !== "function") {
			this.promise = null;
			promise.then(undefined, () => {});
		}
		return super.return(value);
	}

	protected override drop(): void {
		if (this.state === "waiting") this.end();
		if (this.state === "ok") discard(this.result);
		this.state = "dropped";
		// The promise keeps this object as long as it lives: not also whoever waited.
		this.waker = null;
	}
}
