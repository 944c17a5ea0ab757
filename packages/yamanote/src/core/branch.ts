/**
 * A branch: a driver inside a combinator. It runs one future or generator on behalf of the combinator's driver, with a waker of its own, so
 * that a combinator polls only what was woken.
 */
import { deepen } from "./deep.ts";
import { advance, type Driver, ended, type Frame, type Rare, setRoot, unwind } from "./driver.ts";
import { FutureConsumedError, isReason } from "./error.ts";
import { BUDGET } from "./flags.ts";
import { type Context, type Poll, Pending as pending, type Waker } from "./poll.ts";
import { runningTask, S as shared } from "./shared.ts";
import type { Task } from "./task.ts";

// Constants of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;
const Pending: typeof pending = pending;

const CLEANUP_TIMEOUT_MS = 5_000;
/** Branches within branches are polled, and cancelled, on one native stack to this depth. */
const MAX_DEPTH = 100;

/** Who waits for a branch: any waker, or one that has several branches. */
interface Waits {
	wake(branch: Branch): void;
	/** Why it is cancelled, or cancels its branches: of a driver or a combinator that knows. */
	readonly reason?: unknown;
}

/** @internal */
export class Branch implements Driver {
	root: Iterator<unknown, unknown> = ended;
	generator = false;
	top: Driver["top"] = null;
	rare: Rare | null = null;
	/** Woken when this is, and told of it. */
	parent: Waits;
	task: Task | null = null;
	/** It was woken since its last poll: there is something to poll for. Stays so when it has ended. */
	woken = true;
	/** Its place among the branches of a combinator, and the next of those that were woken. */
	readonly index: number;
	qnext: Branch | null = null;

	constructor(root: Iterator<unknown, unknown>, parent: Waits, index = 0) {
		this.parent = parent;
		this.index = index;
		setRoot(this, root);
	}

	/** As those above it say: the failure that a combinator throws, when it has cancelled the others, or what a task was aborted with. */
	get reason(): unknown {
		return this.parent.reason;
	}

	get waker(): Waker {
		return this;
	}

	wake(): void {
		if (this.woken) return;
		this.woken = true;
		this.parent.wake(this);
	}

	/** Polls it: its value, `Pending`, or a throw. */
	run(): unknown {
		const { current, frame, depth } = S;
		const task = descend(this);
		try {
			return this.step(task);
		} finally {
			restore(current, frame, depth);
		}
	}

	/** The same for one of several that are polled in a row: the caller brings back what was current. */
	step(task: Task | null): unknown {
		if (this.rare?.disposed === true) {
			if (!this.cancel()) return Pending;
			throw new FutureConsumedError();
		}
		this.task = task;
		this.woken = false;
		S.current = this;
		let value: unknown;
		try {
			value = advance(this, this.root);
		} catch (error) {
			end(this);
			throw error;
		}
		if (value !== Pending) end(this);
		return value;
	}

	/** Cancels it. False while its cleanup waits: call it again when it was woken. */
	cancel(): boolean {
		const { current, frame, depth } = S;
		const task = runningTask();
		this.task = task;
		S.current = this;
		this.woken = false;
		S.depth = depth + 1;
		try {
			if (!unwind(this, (this.rare?.limits ?? task?.limits)?.cleanupTimeout ?? CLEANUP_TIMEOUT_MS)) return false;
		} finally {
			S.dropping = false;
			restore(current, frame, depth);
		}
		end(this);
		for (const error of this.rare?.errors ?? []) reportCleanup(error, this.reason);
		return true;
	}

	get ended(): boolean {
		return this.root === ended;
	}

	/** It makes progress only while somebody waits for it, and so on the stack of those who do. */
	get stays(): boolean {
		return false;
	}

	/** Cancels it on behalf of `cx`: what the `drop` of a future with one branch does. */
	drop(cx: Context): Poll<void> {
		this.parent = cx.waker;
		return this.cancel() ? undefined : Pending;
	}
}

/** @internal A branch that is driven by whoever waits for it just then. */
export class Lent extends Branch {
	override get stays(): boolean {
		return true;
	}
}

/** @internal Reports an error of what is cancelled for `reason`. The failure that is the reason itself is no news: somebody throws it. */
export function reportCleanup(error: unknown, reason: unknown): void {
	if (!isReason(reason, error)) runningTask()?.report(error);
}

/** @internal Branches are about to be polled, in the task that it gives. Afterwards comes `restore`. */
export function descend(first: Branch | null): Task | null {
	// Polled by hand, outside of any task: nobody else gives it a budget.
	if (S.current === null) S.budget = BUDGET;
	if (S.depth >= MAX_DEPTH) deepen(first);
	S.depth++;
	return runningTask();
}

/** @internal A branch was polled: goes on with the driver and the frame that poll it. */
export function restore(current: Driver | null, frame: Frame | null, depth: number): void {
	S.current = current;
	S.frame = frame;
	S.depth = depth;
	S.top = null;
	S.suspended = null;
}

// A function, and not a private method: a class with those gives each branch one more field.
function end(branch: Branch): void {
	branch.root = ended;
	branch.generator = false;
	branch.woken = true;
}
