/**
 * Which task waits at which lock, semaphore or channel, while somebody observes it: in the order in which they came.
 *
 * The primitives tell when somebody begins to wait and when he gives up; whether a wait has ended well is looked up when it matters.
 */
import { hostNow } from "../core/host.ts";
import { runningTask } from "../core/shared.ts";
import type { Task } from "../core/task.ts";
import { observe } from "./observe.ts";

/** @internal */
export interface Wait {
	/** What waits. */
	readonly future: object;
	readonly task: Task;
	/** What it waits for: a `Mutex`, a `Chan`. */
	readonly of: object;
	/** By the host's clock. */
	readonly since: number;
}

/** What all requests for permits have. */
interface Request {
	readonly place?: { readonly need: number } | null;
}

const waits = new Map<object, Wait>();
let observers = 0;
let stop: (() => void) | null = null;
/** More than that, and those that are over are sought and dropped. */
let many = 1_000;

function resource(event: string, of: object, detail: unknown): void {
	const future = detail as object;
	if (event === "wait") {
		// What is polled by hand can be abandoned, and nobody would tell.
		const task = runningTask();
		if (task === null) return;
		waits.set(future, { future, task, of, since: hostNow() });
		if (waits.size > many) {
			prune();
			many = Math.max(1_000, waits.size * 2);
		}
	} else if (event === "leave") waits.delete(future);
}

function prune(): void {
	for (const { future } of waits.values()) if (isOver(future)) waits.delete(future);
}

function isOver(future: object): boolean {
	const { place } = future as Request;
	return place == null || place.need <= 0;
}

/** @internal Observes who waits until the function that it gives is called. */
export function observeWaits(): () => void {
	if (observers++ === 0) stop = observe({ resource });
	let observing = true;
	return () => {
		if (!observing) return;
		observing = false;
		if (--observers > 0) return;
		stop?.();
		stop = null;
		waits.clear();
	};
}

/** @internal Those who still wait, the longest first. */
export function currentWaits(): Iterable<Wait> {
	prune();
	return waits.values();
}

/** @internal What a future waits for; undefined if it does not, or if that is not known. */
export function waitOfFuture(future: object): Wait | undefined {
	const wait = waits.get(future);
	return wait !== undefined && !isOver(future) ? wait : undefined;
}
