/**
 * A branch: a driver inside a combinator. It runs one future or generator on behalf of the combinator's driver, with a waker of its own, so
 * that a combinator polls only what was woken.
 */
import { advance, type Driver, ended, type Frame, type Rare, rareOf, setRoot, unwind } from "./driver.ts";
import { FutureConsumedError, isReason } from "./error.ts";
import { BUDGET } from "./flags.ts";
import { reap } from "./future.ts";
import { type Context, type Poll, Pending as pending, type Waker } from "./poll.ts";
import { runningTask, S as shared } from "./shared.ts";
import type { Task } from "./task.ts";

// Constants of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;
const Pending: typeof pending = pending;

const CLEANUP_TIMEOUT_MS = 5_000;
/** Combinators within combinators are cancelled on one native stack to this depth. */
const MAX_NESTED = 100;
let nested = 0;

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
		const { current, frame } = S;
		// Polled by hand, outside of any task: nobody else gives it a budget.
		if (current === null) S.budget = BUDGET;
		try {
			return this.step(runningTask());
		} finally {
			restore(current, frame);
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
		const { current, frame } = S;
		const elsewhere = this.rare?.elsewhere ?? null;
		if (elsewhere !== null && elsewhere !== current) return this.ended;
		if (nested === MAX_NESTED) return cancelElsewhere(this);
		const task = runningTask();
		this.task = task;
		S.current = this;
		this.woken = false;
		nested++;
		try {
			if (!unwind(this, (this.rare?.limits ?? task?.limits)?.cleanupTimeout ?? CLEANUP_TIMEOUT_MS)) return false;
		} finally {
			nested--;
			S.dropping = false;
			restore(current, frame);
		}
		end(this);
		for (const error of this.rare?.errors ?? []) reportCleanup(error, this.reason);
		return true;
	}

	get ended(): boolean {
		return this.root === ended;
	}

	/** Cancels it on behalf of `cx`: what the `drop` of a future with one branch does. */
	drop(cx: Context): Poll<void> {
		const elsewhere = this.rare?.elsewhere ?? null;
		if (elsewhere === null || elsewhere === cx) this.parent = cx.waker;
		return this.cancel() ? undefined : Pending;
	}
}

/** @internal Reports an error of what is cancelled for `reason`. The failure that is the reason itself is no news: somebody throws it. */
export function reportCleanup(error: unknown, reason: unknown): void {
	if (!isReason(reason, error)) runningTask()?.report(error);
}

/** @internal A branch was polled: goes on with the driver and the frame that poll it. */
export function restore(current: Driver | null, frame: Frame | null): void {
	S.current = current;
	S.frame = frame;
	S.top = null;
	S.suspended = false;
}

/** A task of its own unwinds it, on a native stack of its own; whoever waits for it is woken when that has ended. */
function cancelElsewhere(branch: Branch): boolean {
	const { parent } = branch;
	const task = reap((cx) => branch.drop(cx));
	rareOf(branch).elsewhere = task;
	task.whenEnded(() => parent.wake(branch));
	return false;
}

// A function, and not a private method: a class with those gives each branch one more field.
function end(branch: Branch): void {
	branch.root = ended;
	branch.generator = false;
	branch.woken = true;
}
