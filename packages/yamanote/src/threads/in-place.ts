/** A call of a worker's function inside its own worker: it runs where it is, as any other function. */
import { Branch } from "../core/branch.ts";
import { Composite } from "../core/composite.ts";
import { into } from "../core/into.ts";
import { type Context, kFuture, type Poll } from "../core/poll.ts";
import { kindOfFunction } from "./thread-run.ts";

type AnyFunction = (...args: unknown[]) => unknown;

/** @internal */
export class InPlace<out T> extends Composite<T> {
	readonly #f: AnyFunction;
	readonly #args: readonly unknown[];
	#branch: Branch | null = null;

	constructor(f: AnyFunction, args: readonly unknown[]) {
		super();
		this.#f = f;
		this.#args = args;
	}

	poll(cx: Context): Poll<T> {
		if (this.#branch === null) {
			const f = this.#f;
			const args = this.#args;
			const made = kindOfFunction(f) === "AsyncFunction" ? () => f(...args) : f(...args);
			if (!waits(made)) return made as T;
			this.#branch = new Branch(into(made), cx.waker);
		}
		this.#branch.parent = cx.waker;
		return this.#branch.run() as Poll<T>;
	}

	protected override drop(cx: Context): Poll<void> {
		if (this.#branch === null) return;
		return this.#branch.drop(cx);
	}
}

/** @internal Whether a function has given something to wait for, and not its result. */
export function waits(made: unknown): boolean {
	if (typeof made === "function") return true;
	if (typeof made !== "object" || made === null) return false;
	if ((made as { [kFuture]?: boolean })[kFuture] === true) return true;
	if (typeof (made as PromiseLike<unknown>).then === "function") return true;
	return typeof (made as Iterator<unknown>).next === "function" && Symbol.iterator in made;
}
