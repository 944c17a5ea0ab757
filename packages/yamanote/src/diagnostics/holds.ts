/**
 * Who holds what, while somebody observes it: each guard and permit that is out, with its task, its time and its place.
 *
 * Neither the lock nor the guard is kept alive by it. A guard that is collected before it was released is told to who asks for that.
 */
import { hostNow } from "../core/host.ts";
import { runningTask } from "../core/shared.ts";
import type { Task } from "../core/task.ts";
import { observe } from "./observe.ts";
import { type Site, stackWordsBelow } from "./site.ts";

/** @internal A guard or permit that is out. */
export interface Hold {
	/** As `MutexGuard`. */
	readonly what: string;
	/** The task that took it; null for code outside of tasks. */
	readonly task: Task | null;
	/** By the host's clock. */
	readonly since: number;
	/** The stack where it was taken: in words at once, since what the engine keeps of a stack would keep the guard alive. */
	readonly site: Site | undefined;
	/** What it belongs to, as long as that lives. */
	readonly of: { deref(): object | undefined };
	/** The stretch of observation in which it was taken: what happened to those of earlier ones is not known. */
	readonly stretch: number;
	/** Others may hold a part of the same. */
	readonly shared: boolean;
	/** It is told once that it is held for long. */
	told: boolean;
}

const byResource = new WeakMap<object, Set<Hold>>();
const byGuard = new WeakMap<object, Hold>();
/** All that are out; a lock that is collected takes its own along. */
const out = new Set<Hold>();
const forgotten = new Set<(hold: Hold) => void>();
let observers = 0;
let sites = 0;
let stretch = 0;
let stop: (() => void) | null = null;

const registry: FinalizationRegistry<Hold> | undefined = /* @__PURE__ */ (() =>
	typeof FinalizationRegistry === "undefined"
		? undefined
		: new FinalizationRegistry<Hold>((hold) => {
				if (!out.delete(hold) || hold.stretch !== stretch) return;
				for (const tell of forgotten) tell(hold);
			}))();

function resource(event: string, of: object, detail: unknown): void {
	const guard = detail as object;
	if (event === "hold") {
		const hold: Hold = {
			what: guard.constructor.name,
			shared: "numPermits" in guard || /Read|^Permit/.test(guard.constructor.name),
			task: runningTask(),
			since: hostNow(),
			site: sites > 0 ? { stack: stackWordsBelow(resource, 12) } : undefined,
			of: new WeakRef(of),
			stretch,
			told: false,
		};
		let holds = byResource.get(of);
		if (holds === undefined) {
			holds = new Set();
			byResource.set(of, holds);
		}
		holds.add(hold);
		out.add(hold);
		byGuard.set(guard, hold);
		registry?.register(guard, hold, guard);
	} else if (event === "release") {
		const hold = byGuard.get(guard);
		if (hold === undefined) return;
		byGuard.delete(guard);
		byResource.get(of)?.delete(hold);
		out.delete(hold);
		registry?.unregister(guard);
	}
}

/** @internal Observes who holds what until the function that it gives is called. */
export function observeHolds(withSites: boolean, onForgotten?: (hold: Hold) => void): () => void {
	if (observers++ === 0) stop = observe({ resource });
	if (withSites) sites++;
	if (onForgotten !== undefined) forgotten.add(onForgotten);
	let observing = true;
	return () => {
		if (!observing) return;
		observing = false;
		if (withSites) sites--;
		if (onForgotten !== undefined) forgotten.delete(onForgotten);
		if (--observers > 0) return;
		stop?.();
		stop = null;
		stretch++;
		out.clear();
	};
}

/** @internal What is held of a lock or semaphore, the first that was taken first. */
export function holdsOf(of: object): Hold[] {
	return [...(byResource.get(of) ?? [])].filter((hold) => hold.stretch === stretch);
}

/** @internal All guards and permits that are out. */
export function allHolds(): Iterable<Hold> {
	return out;
}
