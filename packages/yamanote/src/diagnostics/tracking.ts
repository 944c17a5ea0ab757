/** What dumps know of tasks and resources while they are tracked: when and where a task was spawned, and who holds what. */
import { rareOf } from "../core/driver.ts";
import { hostNow } from "../core/host.ts";
import type { Task } from "../core/task.ts";
import { stackBelow } from "../core/trace.ts";
import { type DumpFrame, framesOf, frameText } from "./frames.ts";
import { holdsOf, observeHolds } from "./holds.ts";
import { observe } from "./observe.ts";

/** @internal What is remembered of a task. */
export interface Tracked {
	/** By the host's clock. */
	readonly born: number;
	/** The place of the spawn, innermost frame first. */
	readonly spawnedAt: readonly DumpFrame[];
}

const tasks = new WeakMap<Task, Tracked>();
/** The resource that a future waits for. */
const waiting = new WeakMap<object, object>();
let trackers = 0;
let stop: (() => void) | null = null;
let stacks = 0;

function spawned(task: Task): void {
	const stack = stacks > 0 ? stackBelow(spawned, 20) : "";
	const spawnedAt = framesOf(stack).slice(0, 8);
	tasks.set(task, { born: hostNow(), spawnedAt });
	const [place] = spawnedAt;
	// For the report of its failure.
	if (place !== undefined) rareOf(task).spawnedAt = frameText(place);
}

function resource(event: string, of: object, detail: unknown): void {
	const item = detail as object;
	if (event === "wait") waiting.set(item, of);
	else if (event === "leave") waiting.delete(item);
}

/** @internal Tracks tasks and resources until the function that it gives is called. */
export function track(withStacks: boolean): () => void {
	if (trackers++ === 0) {
		const unobserve = observe({ spawned, resource });
		const release = observeHolds(false);
		stop = () => {
			unobserve();
			release();
		};
	}
	if (withStacks) stacks++;
	let tracking = true;
	return () => {
		if (!tracking) return;
		tracking = false;
		if (withStacks) stacks--;
		if (--trackers > 0) return;
		stop?.();
		stop = null;
	};
}

/** @internal */
export function trackedOf(task: Task): Tracked | undefined {
	return tasks.get(task);
}

/** @internal The resource that a future waits for, if it told. */
export function resourceOf(leaf: object): object | undefined {
	return waiting.get(leaf);
}

/** @internal The tasks that hold a resource, or part of it. */
export function holdersOf(of: object): Task[] {
	const tasks = new Set<Task>();
	for (const { task } of holdsOf(of)) if (task?.isFinished === false) tasks.add(task);
	return [...tasks];
}
