/** A limit on how many tasks of a set run at once: the others wait before their first line, first come, first served. */
import type { Driver } from "../core/driver.ts";
import { S } from "../core/shared.ts";
import { capture, TRACER } from "../core/trace.ts";
import { checkPlaces } from "../future/items.ts";

type Root = Iterator<unknown, unknown>;

/** @internal */
export class Gate {
	readonly limit: number;
	#inside = 0;
	/** Those that wait, in the order of their first polls. */
	readonly #waiting = new Set<Gated>();

	constructor(what: string, limit: number) {
		checkPlaces(what, "concurrency", limit);
		this.limit = limit;
	}

	/** True if it may go on; else it waits, and is woken when its turn has come. */
	enter(gated: Gated): boolean {
		if (gated.inside) return true;
		if (this.#inside >= this.limit) {
			this.#waiting.add(gated);
			return false;
		}
		this.#inside++;
		gated.inside = true;
		return true;
	}

	/** Its task has ended, whether it had entered or not: the place goes to the first that waits. */
	leave(gated: Gated): void {
		if (!gated.inside) {
			this.#waiting.delete(gated);
			return;
		}
		gated.inside = false;
		for (const next of this.#waiting) {
			this.#waiting.delete(next);
			next.inside = true;
			next.driver?.wake();
			return;
		}
		this.#inside--;
	}
}

/** @internal The root of a task that has to pass the gate; then its driver goes on with the root behind it. */
export class Gated implements Root {
	readonly gate: Gate;
	readonly root: Root;
	inside = false;
	driver: Driver | null = null;
	/** An iterator result of itself: it waits. */
	readonly done = false;
	readonly value: undefined = undefined;

	constructor(gate: Gate, root: Root) {
		this.gate = gate;
		this.root = root;
	}

	[Symbol.iterator](): this {
		return this;
	}

	next(): IteratorResult<unknown, unknown> {
		const d = S.current as Driver;
		if (d === TRACER) capture(this.next, this);
		else if (this.gate.enter(this)) {
			d.root = this.root;
			return this.root.next();
		} else this.driver = d;
		S.suspended = this;
		return this;
	}

	return(value?: unknown): IteratorResult<unknown, unknown> {
		return this.root.return?.(value) ?? { done: true, value };
	}

	/** What a dump says of it. */
	waitsFor(): { what: string } {
		return { what: `a place among the ${this.gate.limit} that run at once` };
	}
}
