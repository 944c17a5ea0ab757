/**
 * A task of a set: its place in the set's list of live tasks, and the handle that aborts it and does nothing else.
 *
 * A set learns of the end of a task as whoever waits for it does: the member is a waiter of the task. So a task costs no more for being in a
 * set than one small object.
 */
import { CancelledError } from "../core/error.ts";
import type { AbortHandle } from "../core/handle.ts";
import type { Waker } from "../core/poll.ts";
import type { Task } from "../core/task.ts";

/** @internal What a member tells that its task has ended. */
export interface MemberOwner {
	/** The task has ended, its cleanup included. The member is still in the list. */
	ended(member: Member): void;
}

/** @internal */
export class Member implements Waker, AbortHandle {
	readonly task: Task;
	readonly owner: MemberOwner;
	/** Its neighbours among the live tasks; later `after` links the ended ones. */
	before: Member | null = null;
	after: Member | null = null;

	constructor(task: Task, owner: MemberOwner) {
		this.task = task;
		this.owner = owner;
	}

	wake(): void {
		this.owner.ended(this);
	}

	get id(): number {
		return this.task.id;
	}

	get isFinished(): boolean {
		return this.task.isFinished;
	}

	abort(reason?: unknown): void {
		this.task.abort(reason);
	}
}

/** @internal The live tasks of a set, the one that was added last first. */
export class Members {
	head: Member | null = null;
	size = 0;

	add(member: Member): void {
		const { head } = this;
		member.after = head;
		if (head !== null) head.before = member;
		this.head = member;
		this.size++;
		member.task.addWaiter(member);
	}

	remove(member: Member): void {
		const { before, after } = member;
		if (before === null) this.head = after;
		else before.after = after;
		if (after !== null) after.before = before;
		member.before = member.after = null;
		this.size--;
	}

	/**
	 * Aborts every task, in the order in which they were added. They share one error, whose stack says who aborted them: an error of its own for
	 * each would cost most of the time.
	 */
	abort(reason?: unknown): void {
		let last = this.head;
		if (last === null) return;
		const cancelled = reason instanceof CancelledError ? reason : new CancelledError(reason);
		while (last.after !== null) last = last.after;
		for (let m: Member | null = last; m !== null; m = m.before) m.task.abort(cancelled);
	}
}
