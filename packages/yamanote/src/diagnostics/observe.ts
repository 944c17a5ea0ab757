/** Several observers of the runtime's state changes, where the core knows one. */
import type { Driver } from "../core/driver.ts";
import type { Hooks, WokenBranch, WokenBranches } from "../core/hooks.ts";
import { S } from "../core/shared.ts";

/**
 * Its functions do not use `this`: they are called at each poll, and binding them would cost as much as what they do.
 *
 * @internal
 */
export interface Observer extends Omit<Hooks, "branches"> {
	/** Which woken branches of a combinator are polled now, in which order; those left out come at its next poll. Null: all, as they were woken. */
	branches?(woken: readonly Driver[]): readonly Driver[] | null;
}

/** All observers, those of another copy of the library included. */
const key = Symbol.for("yamanote.observers.v1");
const home = globalThis as unknown as Record<symbol, Set<Observer> | undefined>;

const events = ["spawned", "created", "drain", "pollStart", "pollEnd", "finished", "resource"] as const;
type Listener = (a: never, b: never, c: never) => void;

/** The observers as one, which has no more than what somebody wants: an event that nobody wants costs what it costs without observers. */
class Composed {
	constructor(observers: readonly Observer[]) {
		// All in one shape, so that the runtime's look at it stays a cheap one when observers come and go.
		for (const event of events) (this as Record<string, unknown>)[event] = each(observers, event);
		(this as Hooks).branches = chosen(observers) as never;
	}
}

function composed(observers: ReadonlySet<Observer>): Hooks | null {
	return observers.size === 0 ? null : (new Composed([...observers]) as unknown as Hooks);
}

/** All who want an event, as one; undefined if nobody does. */
function each(observers: readonly Observer[], event: (typeof events)[number]): Listener | undefined {
	const listeners = observers.map((o) => o[event]).filter((f) => f !== undefined) as Listener[];
	const [one, two, ...more] = listeners;
	if (one === undefined || two === undefined) return one;
	return (a, b, c) => {
		one(a, b, c);
		two(a, b, c);
		for (const listener of more) listener(a, b, c);
	};
}

function chosen(observers: readonly Observer[]): Hooks["branches"] {
	const choosers = observers.filter((o) => o.branches !== undefined);
	if (choosers.length === 0) return undefined;
	return (first: WokenBranch, group: WokenBranches) => {
		const woken: WokenBranch[] = [];
		for (let branch: WokenBranch | null = first; branch !== null; branch = branch.qnext) woken.push(branch);
		for (const o of choosers) {
			const now = o.branches?.(woken);
			if (now != null) return relinked(woken, now as readonly WokenBranch[], group);
		}
		return first;
	};
}

/** `now` as a list; the others of `woken` are put back into the group's. */
function relinked(
	woken: readonly WokenBranch[],
	now: readonly WokenBranch[],
	group: WokenBranches,
): WokenBranch | null {
	for (const branch of woken) branch.qnext = null;
	for (let i = 1; i < now.length; i++) (now[i - 1] as WokenBranch).qnext = now[i] as WokenBranch;
	for (const branch of woken) {
		if (now.includes(branch)) continue;
		group.enqueue(branch);
		group.wake();
	}
	return now[0] ?? null;
}

/** @internal Observes until the function that it gives is called. Without an observer the runtime pays nothing. */
export function observe(hooks: Observer): () => void {
	const observers = (home[key] ??= new Set());
	observers.add(hooks);
	S.hooks = composed(observers);
	return () => {
		if (observers.delete(hooks)) S.hooks = composed(observers);
	};
}
