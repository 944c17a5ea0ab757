/** A future that runs one other, in a way of its own: the base of `timeout`, `attempt`, `withContext` and their like. */
import { Branch } from "./branch.ts";
import { Composite } from "./composite.ts";
import type { Context, Poll } from "./poll.ts";

/** @internal */
export abstract class OneBranch<out T, out E = never> extends Composite<T, E> {
	/** @internal */
	readonly branch: Branch;

	constructor(root: Iterator<unknown, unknown>) {
		super();
		// Each poll says whom to wake.
		this.branch = new Branch(root, this as never);
	}

	/** Polls the branch: its value, `Pending`, or a throw. */
	protected run(cx: Context): unknown {
		this.branch.parent = cx.waker;
		return this.branch.run();
	}

	protected override drop(cx: Context): Poll<void> {
		return this.branch.drop(cx);
	}

	/** The drivers within, for dumps. */
	branches(): Iterable<Branch> {
		return [this.branch];
	}
}
