/** Resources tied to a frame (`acquire`, `byRef`): how they are released when it ends, however it ends. */
import { suppress } from "./error.ts";
import type { Waker } from "./poll.ts";
import { S } from "./shared.ts";

/** Waits for a promise, inside the core: no ownership, no budget, cannot be cancelled. */
export class PromiseWait implements Iterator<unknown, unknown> {
	done = false;
	value: unknown = undefined;
	readonly #promise: PromiseLike<unknown>;
	#state: "new" | "waiting" | "ok" | "failed" = "new";
	#waker: Waker | null = null;

	constructor(promise: PromiseLike<unknown>) {
		this.#promise = promise;
	}

	[Symbol.iterator](): this {
		return this;
	}

	next(): IteratorResult<unknown, unknown> {
		if (S.current === S.tracer) {
			S.suspended = this;
			return this;
		}
		if (this.#state === "failed") throw this.value;
		if (this.#state === "ok") {
			this.done = true;
			return this;
		}
		this.#waker = S.current;
		if (this.#state === "new") {
			this.#state = "waiting";
			Promise.resolve(this.#promise).then(
				(v) => this.#settle("ok", v),
				(e) => this.#settle("failed", e),
			);
		}
		S.suspended = this;
		return this;
	}

	return(): IteratorResult<unknown, unknown> {
		return { done: true, value: undefined };
	}

	#settle(state: "ok" | "failed", value: unknown): void {
		this.#state = state;
		this.value = value;
		this.#waker?.wake();
	}
}

/** @internal What a frame releases when it ends. */
export interface Tied extends AsyncDisposable {
	/** There is nothing left to release. */
	readonly over?: boolean;
}

const LEAST = 16;

/** @internal The resources of one frame. Those that are over are forgotten as it goes: a loop ties many in the life of a frame. */
export class Held {
	readonly #resources: Set<Tied> = new Set();
	#room = LEAST;

	/** Does nothing if it has it. */
	add(resource: Tied): void {
		this.#resources.add(resource);
		if (this.#resources.size <= this.#room) return;
		for (const one of this.#resources) if (one.over === true) this.#resources.delete(one);
		this.#room = Math.max(LEAST, 2 * this.#resources.size);
	}

	/** Disposes them in reverse order, then ends as the code that held them had ended. */
	*closing(ok: boolean, outcome: unknown): Generator<unknown, unknown> {
		for (const resource of [...this.#resources].reverse()) {
			try {
				const done = resource[Symbol.asyncDispose]() as unknown;
				// Ours answer with something to wait for by `yield*`, others with a promise, some with nothing.
				if (typeof done !== "object" || done === null) continue;
				yield* Symbol.iterator in done ? (done as Iterable<unknown>) : new PromiseWait(done as PromiseLike<unknown>);
			} catch (error) {
				outcome = ok ? error : suppress(error, outcome);
				ok = false;
			}
		}
		if (!ok) throw outcome;
		return outcome;
	}
}
