/**
 * The engine of scopes: children that end before their scope does.
 *
 * A child's failure, a cancel, and the end of the scope's owner all come down to one thing: `cancel`, which aborts every child that lives, and
 * every one that is still to come. The owner (`ScopeFuture`) waits until the last child has ended, its cleanup included.
 */
import { kRelease } from "../core/discard.ts";
import { CancelledError, YamanoteError } from "../core/error.ts";
import { OBSERVED } from "../core/flags.ts";
import { into } from "../core/into.ts";
import type { Waker } from "../core/poll.ts";
import type { RuntimeCore } from "../core/runtime-core.ts";
import type { Task } from "../core/task.ts";
import { hasFailed, hasValue } from "./failures.ts";
import { Gate, Gated } from "./gate.ts";
import { Member, type MemberOwner, Members } from "./member.ts";
import { type SpawnOptions, taskOf } from "./spawn.ts";

/** A scope was given a child after it had ended. */
export class ScopeClosedError extends YamanoteError {
	declare readonly name: "ScopeClosedError";
	declare readonly code: "YAMANOTE_SCOPE_CLOSED";

	/** @internal */
	static override get called(): string {
		return "ScopeClosedError";
	}

	constructor() {
		super(
			"the scope has ended and takes no children any more: spawn inside of it, or use spawn() for an independent task",
		);
	}
}

/** A child of a scope. */
class Child extends Member {
	declare readonly owner: Nursery;
	readonly gated: Gated | null;

	constructor(task: Task, owner: Nursery, gated: Gated | null) {
		super(task, owner);
		this.gated = gated;
	}

	/** The deadline that its scope stands under, for those that ask within the child. */
	get scopeDeadline(): number {
		return this.owner.deadline;
	}
}

/** @internal */
export class Nursery implements MemberOwner {
	readonly children = new Members();
	/** The runtime of the children. */
	runtime: RuntimeCore;
	readonly #gate: Gate | null;
	/** Woken when the last child has ended, and at a cancel. */
	waker: Waker | null = null;
	/** Why it was cancelled. */
	cancelled: CancelledError | null = null;
	/** Told of that, once. */
	onCancel: ((reason: CancelledError) => void) | null = null;
	/** Failures of the children and of the body, as they came. */
	readonly failures: unknown[] = [];
	/** It has ended. */
	closed = false;
	/** As the clock of its runtime counts. */
	deadline = Infinity;
	/** Children that have ended with a guard or permit: released at the end, if nobody takes it. */
	#kept: Task[] = [];
	#prune = 64;

	constructor(what: string, runtime: RuntimeCore, concurrency: number | undefined) {
		this.runtime = runtime;
		this.#gate = concurrency === undefined ? null : new Gate(what, concurrency);
	}

	spawn(future: unknown, options: SpawnOptions | undefined): Task {
		if (this.closed) throw new ScopeClosedError();
		const root = into(future);
		const gated = this.#gate === null ? null : new Gated(this.#gate, root);
		const task = taskOf(gated ?? root, options, this.runtime);
		this.children.add(new Child(task, this, gated));
		if (this.cancelled !== null) task.abort(this.cancelled);
		return task;
	}

	ended(member: Child): void {
		const { task, gated } = member;
		this.children.remove(member);
		if (gated !== null) this.#gate?.leave(gated);
		if (!hasValue(task)) {
			if (hasFailed(task)) {
				// The scope throws it, or reports it: whoever else waited for the child, as the body, is cancelled, and would leave it unobserved.
				task.claim();
				this.fail(task.value);
			}
		} else if (holdsRelease(task.value, 3)) this.#keep(task);
		if (this.children.size === 0) this.waker?.wake();
	}

	#keep(task: Task): void {
		if (this.#kept.push(task) < this.#prune) return;
		this.#kept = this.#kept.filter((t) => (t.flags & OBSERVED) === 0);
		this.#prune = Math.max(64, 2 * this.#kept.length);
	}

	/** A failure of a child or of the body: everybody else is cancelled. */
	fail(error: unknown): void {
		this.failures.push(error);
		this.cancel(error, "another task of the scope failed");
	}

	cancel(reason: unknown, message?: string): void {
		if (this.cancelled !== null || this.closed) return;
		this.cancelled = reason instanceof CancelledError ? reason : new CancelledError(reason, message);
		this.children.abort(this.cancelled);
		this.onCancel?.(this.cancelled);
		this.waker?.wake();
	}

	/** All have ended. */
	close(): void {
		this.closed = true;
		for (const task of this.#kept) task.drop();
		this.#kept = [];
	}
}

function holdsRelease(value: unknown, depth: number): boolean {
	if (typeof value !== "object" || value === null) return false;
	if (typeof (value as { [kRelease]?: unknown })[kRelease] === "function") return true;
	if (depth === 0) return false;
	if (Array.isArray(value)) return value.some((item) => holdsRelease(item, depth - 1));
	if (Object.getPrototypeOf(value) !== Object.prototype) return false;
	return Object.values(value).some((item) => holdsRelease(item, depth - 1));
}
