/** Several observers of the runtime's state changes, where the core knows one. */
import type { Driver } from "../core/driver.ts";
import type { Hooks } from "../core/hooks.ts";
import { S } from "../core/shared.ts";

/** @internal */
export interface Observer extends Hooks {
	/** Which woken branches of a combinator are polled now, in which order; those left out come at its next poll. Null: all, as they were woken. */
	branches?(woken: readonly Driver[]): readonly Driver[] | null;
}

const observers = new Set<Observer>();
let others: Hooks | null = null;

/** Calls every observer that wants the event. */
const all: Required<Observer> = {
	spawned(task) {
		for (const o of observers) o.spawned?.(task);
	},
	pollStart(task) {
		for (const o of observers) o.pollStart?.(task);
	},
	pollEnd(task) {
		for (const o of observers) o.pollEnd?.(task);
	},
	finished(task) {
		for (const o of observers) o.finished?.(task);
	},
	woken(task) {
		for (const o of observers) o.woken?.(task);
	},
	branches(woken) {
		for (const o of observers) {
			const now = o.branches?.(woken);
			if (now != null) return now;
		}
		return null;
	},
	resource(event, resource, detail) {
		for (const o of observers) o.resource?.(event, resource, detail);
	},
};

/** @internal Observes until the function that it gives is called. Without an observer the runtime pays nothing. */
export function observe(hooks: Observer): () => void {
	if (observers.size === 0) {
		others = S.hooks;
		if (others !== null) observers.add(others);
	}
	observers.add(hooks);
	S.hooks = all;
	return () => {
		observers.delete(hooks);
		const left = observers.size - (others === null ? 0 : 1);
		if (left > 0 || S.hooks !== all) return;
		observers.clear();
		S.hooks = others;
	};
}
