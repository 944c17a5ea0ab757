/** What a task waits for, in words: the future that it stopped at, the resource behind it, and who holds that. */
import type { Driver } from "../core/driver.ts";
import { Task } from "../core/task.ts";
import { msLeft } from "../time/left.ts";
import type { Sleep } from "../time/sleep.ts";
import type { Timeout } from "../time/timeout.ts";
import { nameGiven } from "./named.ts";
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

/** @internal A task, of any copy of the library. */
export function isTask(leaf: object): leaf is Task {
	return leaf instanceof Task || ("abortHandle" in leaf && "runtime" in leaf && "flags" in leaf);
}

/** What a future tells of itself. It may be anybody's, and have methods of these names for something else: then it tells nothing. */
function toldBy(leaf: object): { what: string; holders: Task[] } | undefined {
	try {
		const told = (leaf as Tells).waitsFor?.();
		if (typeof told?.what !== "string") return undefined;
		return { what: told.what, holders: [...(told.holders ?? [])].filter(isTask) };
	} catch {
		return undefined;
	}
}

/** @internal The branches of a future that runs others. */
export function* branchesOf(leaf: object | null): Iterable<Driver> {
	try {
		for (const branch of (leaf as Tells | null)?.branches?.() ?? []) if (isDriver(branch)) yield branch;
	} catch {
		// As above.
	}
}

function isDriver(branch: unknown): boolean {
	return typeof branch === "object" && branch !== null && "root" in branch && "top" in branch;
}

function kindOf(of: object): string {
	try {
		return String(of.constructor.name);
	} catch {
		return "";
	}
}

/** @internal What it is if it is one of ours: a bundler that puts two modules into one file numbers what has the same name in both. */
export function ourKindOf(of: object): string {
	return kindOf(of).replace(/\d+$/, "");
}

/** @internal The tasks that can end a wait for `leaf`, where that is known. */
export function blockersOf(leaf: object | null): Task[] {
	if (leaf === null) return [];
	if (isTask(leaf)) return [leaf];
	const told = toldBy(leaf)?.holders ?? [];
	const resource = resourceOf(leaf);
	return told.length > 0 || resource === undefined ? told : holdersOf(resource);
}

/** @internal */
export function waitOf(leaf: object | null): DumpWait | null {
	if (leaf === null) return null;
	return { what: words(leaf), holders: isTask(leaf) ? [] : blockersOf(leaf).map((task) => task.label()) };
}

function words(leaf: object): string {
	if (isTask(leaf)) return `task ${leaf.label()}`;
	const told = toldBy(leaf)?.what ?? timed(leaf as Partial<Sleep & Timeout<unknown, unknown>>);
	if (told !== undefined) return told;
	const what = known[ourKindOf(leaf)] ?? (kindOf(leaf) || "a future");
	return withName(what, resourceOf(leaf));
}

function withName(what: string, resource: object | undefined): string {
	const name = nameGiven(resource);
	return name === undefined ? what : `${what} "${name}"`;
}

/** @internal A lock or channel, in words. */
export function resourceWords(of: object): string {
	const kind = kindOf(of);
	return withName(kind === "Chan" ? "a channel" : kind === "" ? "something" : `a ${kind}`, of);
}

/** Sleeps and timeouts are in every program, and have no words of their own. */
function timed(leaf: Partial<Sleep & Timeout<unknown, unknown>>): string | undefined {
	if (leaf.timers !== undefined) return `a sleep with ${msLeft(leaf as Sleep)} ms left`;
	if (leaf.sleep === undefined) return undefined;
	return leaf.elapsed === true ? "cleanup after a timeout" : `a timeout with ${msLeft(leaf.sleep)} ms left`;
}

/** Futures of ours by the names of their classes: a bundler that shortens names shortens these. */
const known: { readonly [kind: string]: string } = {
	Arrival: "the others at a Barrier",
	AcquirePermits: "permits of a Semaphore",
	Attempting: "what it attempts",
	AsyncBody: "a promise, in an async function",
	ByRef: "a future that is lent to it",
	Cancelled: "a CancellationToken",
	Changed: "a change of a watch channel",
	FromCallback: "a callback",
	FromPromise: "a promise",
	Join: "its branches",
	Lock: "a Mutex",
	Never: "nothing: it is never ready",
	Next: "the next of a FuturesUnordered",
	NextEvent: "an event",
	NotifiedFuture: "a Notify",
	PollFn: "a pollFn",
	Read: "a RwLock, to read",
	Receiver: "the value of a oneshot channel",
	Recv: "a message",
	RecvMany: "messages",
	Reserve: "room in a channel",
	Room: "room in a channel",
	Select: "the first of its branches",
	Send: "room in a channel",
	SharedFuture: "a shared future",
	Tracked: "a future that a TaskTracker counts",
	Turn: "its turn at a OnceCell",
	UntilCancelled: "a future, or a CancellationToken",
	Write: "a RwLock, to write",
	YieldNow: "its turn",
};
