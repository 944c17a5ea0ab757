/**
 * Nothing is left over: after a test no task lives, no timer is armed, no failure is unobserved, no clock is paused.
 *
 * A test that leaves something behind says so with `leaves("why")`; it is cleared away all the same.
 */
import { resume } from "yamanote";
import { hostTurn } from "./host.ts";
import { clockOf, liveTasks, runtimes } from "./state.ts";

const key = Symbol.for("yamanote.test.leaves");
const home = globalThis as unknown as Record<symbol, string | undefined>;

/** The running test leaves tasks or timers behind, for this reason. */
export function leaves(why: string): void {
	home[key] = why;
}

/** What is left over, as sentences. */
export function leftOver(): string[] {
	const found: string[] = [];
	for (const runtime of runtimes()) {
		const where = `runtime "${runtime.name}"`;
		for (const task of liveTasks(runtime)) found.push(`${where}: task ${task.label()} lives`);
		const clock = clockOf(runtime);
		if (clock !== undefined && clock.wheel.size > 0) found.push(`${where}: ${clock.wheel.size} timer(s) armed`);
		if (runtime.clock !== null && runtime.name === "default") found.push(`${where}: its clock is paused`);
		for (const { task, error } of runtime.unobserved)
			found.push(`${where}: the failure of task ${task} is unobserved: ${String(error)}`);
		if (runtime.roots !== 0) found.push(`${where}: ${runtime.roots} root waiter(s)`);
	}
	return found;
}

/** The check after each test: throws if something is left, having cleared it away. */
export async function checkLeaks(): Promise<void> {
	const why = home[key];
	home[key] = undefined;
	// Each test begins in a fresh turn of the host; and one may end in the same turn as the tasks that it cancelled.
	await hostTurn();
	// What is ready gets its turns, a few milliseconds each: on a busy machine many tasks need many of them.
	const ready = (): boolean => runtimes().some((runtime) => runtime.queue.size > 0);
	for (let turn = 0; (turn < 3 || (turn < 500 && ready())) && leftOver().length > 0; turn++) await hostTurn();
	const found = leftOver();
	if (found.length === 0) return;
	await clear();
	if (why === undefined) throw new Error(`the test leaves something behind:\n  ${found.join("\n  ")}`);
}

async function clear(): Promise<void> {
	for (const runtime of runtimes()) {
		for (const task of liveTasks(runtime)) task.abort();
		(runtime.unobserved as Set<unknown>).clear();
	}
	await hostTurn();
	for (const runtime of runtimes()) {
		const clock = clockOf(runtime);
		if (clock === undefined) continue;
		// What is still armed fires into the void.
		clock.shift += 1e12;
		clock.wheel.advance(Math.floor(clock.now()));
		if (runtime.clock !== null && runtime.name === "default") resume();
	}
	await hostTurn();
}
