/**
 * A branch: a driver inside a combinator. It runs one future or generator on behalf of the combinator's driver, with a waker of its own, so
 * that a combinator polls only what was woken.
 */
import { advance, type Driver, ended, type Rare, setRoot, unwind } from "./driver.ts";
import { FutureConsumedError } from "./error.ts";
import { BUDGET } from "./flags.ts";
import { type Context, Pending, type Poll, type Waker } from "./poll.ts";
import { runningTask, S } from "./shared.ts";
import type { Task } from "./task.ts";

const CLEANUP_TIMEOUT_MS = 5_000;

/** @internal */
export class Branch implements Driver {
	root: Iterator<unknown, unknown> = ended;
	generator = false;
	top: Driver["top"] = null;
	rare: Rare | null = null;
	/** Woken when this is. */
	parent: Waker;
	task: Task | null = null;
	/** It was woken since its last poll: there is something to poll for. */
	woken = true;

	constructor(root: Iterator<unknown, unknown>, parent: Waker) {
		this.parent = parent;
		setRoot(this, root);
	}

	get reason(): undefined {
		return undefined;
	}

	get waker(): Waker {
		return this;
	}

	wake(): void {
		if (this.woken) return;
		this.woken = true;
		this.parent.wake();
	}

	/** Polls it: its value, `Pending`, or a throw. */
	run(): unknown {
		if (this.rare?.disposed === true) {
			if (!this.cancel()) return Pending;
			throw new FutureConsumedError();
		}
		const { current, frame } = S;
		// Polled by hand, outside of any task: nobody else gives it a budget.
		if (current === null) S.budget = BUDGET;
		this.task = runningTask();
		S.current = this;
		this.woken = false;
		let value: unknown = ended;
		try {
			value = advance(this, this.root);
			return value;
		} finally {
			if (value !== Pending) this.#end();
			S.current = current;
			S.frame = frame;
			S.top = null;
			S.suspended = false;
		}
	}

	/** Cancels it. False while its cleanup waits: call it again when it was woken. */
	cancel(): boolean {
		const { current, frame } = S;
		const task = runningTask();
		this.task = task;
		S.current = this;
		this.woken = false;
		try {
			if (!unwind(this, (this.rare?.limits ?? task?.limits)?.cleanupTimeout ?? CLEANUP_TIMEOUT_MS)) return false;
		} finally {
			S.current = current;
			S.frame = frame;
			S.top = null;
			S.suspended = false;
			S.dropping = false;
		}
		this.#end();
		for (const error of this.rare?.errors ?? []) task?.report(error);
		return true;
	}

	#end(): void {
		this.root = ended;
		this.generator = false;
	}

	/** Cancels it on behalf of `cx`: what the `drop` of a future with one branch does. */
	drop(cx: Context): Poll<void> {
		this.parent = cx.waker;
		return this.cancel() ? undefined : Pending;
	}
}
