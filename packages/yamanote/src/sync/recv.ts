/** Waiting for messages of a channel: taking a permit of its items. */
import type { Driver } from "../core/driver.ts";
import { created, inherit } from "../core/future.ts";
import { S as shared } from "../core/shared.ts";
import { Acquire, type BatchSemaphore } from "./batch-semaphore.ts";
import type { Chan } from "./chan.ts";
import { detour, ready } from "./prompt.ts";
import type { Place } from "./wait-list.ts";

// A constant of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;

/** @internal The next message; `undefined` when there are no more. */
export interface Recv<T> extends Acquire<T | undefined> {}

/** @internal */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: it inherits without `extends`, see `inherit`
export class Recv<T> {
	done = false;
	value: unknown = undefined;
	owner: Driver | undefined = undefined;
	place: Place | null = null;
	readonly sem: BatchSemaphore;

	constructor(chan: Chan<T>) {
		this.sem = chan.items;
		if (S.hooks !== null) created(this);
	}

	next(): IteratorResult<never, T | undefined> {
		const state = this.step();
		return state > 0 ? ready(this, this.got()) : state < 0 ? detour(this) : (this as never);
	}

	got(): T {
		return (this.sem.face as Chan<T>).take();
	}
}

inherit(Recv, Acquire);

/** @internal At least one message, at most `limit`, appended to `buffer`; how many. */
export class RecvMany<T> extends Acquire<number> {
	readonly buffer: T[];
	readonly limit: number;

	constructor(chan: Chan<T>, buffer: T[], limit: number) {
		super(chan.items);
		this.buffer = buffer;
		this.limit = limit;
	}

	override wanted(): number {
		return Math.min(this.limit, 1);
	}

	got(): number {
		const { sem, buffer, limit } = this;
		let n = 0;
		// The first item was taken for it, if it wants any.
		for (; n < limit && (n === 0 || sem.tryTake(1)); n++) buffer.push((sem.face as Chan<T>).take());
		return n;
	}

	override refused(): number {
		return 0;
	}
}
