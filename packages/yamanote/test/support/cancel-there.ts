/** Cancelling at a given place. */
import { expect } from "vitest";
import { CancelledError, type IntoFuture, spawn } from "yamanote";
import { microtasks } from "./host.ts";

/** Runs it until it waits, and cancels it there. */
export async function cancelThere(future: IntoFuture): Promise<void> {
	const task = spawn(future as () => Promise<unknown>);
	await microtasks();
	expect(task.isFinished).toBe(false);
	task.abort();
	await expect(task).rejects.toBeInstanceOf(CancelledError);
}
