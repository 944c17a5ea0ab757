/**
 * Branches that lie too deep in other combinators for the native stack are tasks of their own, with a stack of their own. Whoever runs in one
 * finds the task that it belongs to, and what was around it where it began.
 */
import type { Branch } from "./branch.ts";
import { rareOf } from "./driver.ts";
import { CANCEL } from "./flags.ts";
import { runningTask } from "./shared.ts";
import { around, type Local } from "./surroundings.ts";
import { Task } from "./task.ts";

class Deep extends Task {
	declare of: Task | undefined;
	declare due: number;
	declare locals: Local | null;

	override get task(): Task {
		return this.of ?? this;
	}

	override run(): void {
		around.locals = this.locals;
		// Cleanup goes on when the time is over.
		if ((this.flags & CANCEL) === 0) around.due = this.due;
		try {
			super.run();
		} finally {
			around.locals = null;
			around.due = Infinity;
		}
	}
}

/** @internal Branches that are about to be polled: those that begin are made tasks, and wait for them from now on. */
export function deepen(first: Branch | null): void {
	const of = runningTask();
	for (let branch = first; branch !== null && of !== null; branch = branch.qnext) {
		if (branch.task !== null || branch.stays) continue;
		const deep = Object.assign(new Deep(branch.root, of.runtime), { of }, around);
		rareOf(deep).limits = branch.rare?.limits ?? of.limits;
		branch.root = deep.abortOnDrop() as never;
		branch.generator = false;
	}
}
