/** What a task waits for, in words: the future that it stopped at, the resource behind it, and who holds that. */
import type { Driver } from "../core/driver.ts";
import { Task } from "../core/task.ts";
import { holdersOf, resourceOf } from "./tracking.ts";

/** What a task, or a branch of it, waits for. */
export interface DumpWait {
	/** In words, as `Mutex.lock` or `task "worker" (#3)`. */
	readonly what: string;
	/** Who can end the wait, where that is known: the tasks that hold the lock, the task that is joined. */
	readonly holders: readonly string[];
}

/** @internal What a future may tell of itself, for dumps. */
interface Tells {
	waitsFor?(): { readonly what: string; readonly holders?: Iterable<Task> };
	branches?(): Iterable<Driver>;
}

/** @internal The branches of a future that runs others. */
export function branchesOf(leaf: object | null): Iterable<Driver> {
	return (leaf as Tells | null)?.branches?.() ?? [];
}

/** @internal The tasks that can end a wait for `leaf`, where that is known. */
export function blockersOf(leaf: object | null): Task[] {
	if (leaf === null) return [];
	if (leaf instanceof Task) return [leaf];
	const told = [...((leaf as Tells).waitsFor?.().holders ?? [])];
	const resource = resourceOf(leaf);
	return told.length > 0 || resource === undefined ? told : holdersOf(resource);
}

/** @internal */
export function waitOf(leaf: object | null): DumpWait | null {
	if (leaf === null) return null;
	return { what: words(leaf), holders: leaf instanceof Task ? [] : blockersOf(leaf).map((task) => task.label()) };
}

function words(leaf: object): string {
	if (leaf instanceof Task) return `task ${leaf.label()}`;
	const told = (leaf as Tells).waitsFor?.().what;
	if (told !== undefined) return told;
	const resource = resourceOf(leaf);
	if (resource !== undefined) return `${kind(leaf)} of ${labelled(resource)}`;
	return kind(leaf);
}

const plain: { readonly [kind: string]: string } = {
	FromPromise: "a promise",
	AsyncBody: "a promise, in an async function",
	YieldNow: "its turn",
	Never: "nothing: it is never ready",
	PollFn: "a pollFn",
};

function kind(leaf: object): string {
	const name = leaf.constructor?.name ?? "";
	return plain[name] ?? (name === "" ? "a future" : name);
}

/** A resource has a name if its user gave it one. */
function labelled(resource: object): string {
	const { name } = resource as { readonly name?: unknown };
	return typeof name === "string" ? `${kind(resource)} "${name}"` : kind(resource);
}
