/**
 * The future of an `asyncFn` call: one frame of its driver's logical stack.
 *
 * Its generator is run by `next()` only the first time, on the caller's stack. Once suspended, the driver resumes it alone, keeps the
 * outcome in it by `settle`, and then resumes the caller, whose `yield*` comes back to `next()` to collect it.
 */
import { Branch } from "./branch.ts";
import { type Driver, type Frame, notIterable, rareOf, refuse } from "./driver.ts";
import { FutureConsumedError, FutureInUseError } from "./error.ts";
import { CONSUMED as consumed, created, Future, inherit, reap } from "./future.ts";
import { resume } from "./generator.ts";
import { Held, type Tied } from "./held.ts";
import type { Context, Poll } from "./poll.ts";
import { NESTING as nesting, S as shared } from "./shared.ts";
import { rethrown } from "./stack.ts";
import type { Task } from "./task.ts";
import { TRACER as tracer } from "./trace.ts";

// Constants of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;
const CONSUMED = consumed;
const TRACER = tracer;
const NESTING = nesting;
const next = resume;

const FRESH = 0;
const SUSPENDED = 1;
const RETURNED = 2;
const THREW = 3;
const CLOSED = 4;
/** Its generator is the root of a driver, and this object only stands for it. */
const TAKEN = 5;
/** A bit beside the state: resources are released when it ends. */
const HOLDS = 8;
/** Another: its generator releases resources now, and is not cancelled any more. */
const CLOSING = 16;

/** The resources of the few frames that have any. */
const held: WeakMap<Frame, Held> = new WeakMap();

/** The driver of a call that is polled by hand. */
class ByHand extends Branch {
	/** Cancels the code; cleanup that waits goes on as a task. */
	reap(): void {
		if (!this.cancel()) reap((cx) => this.drop(cx));
	}
}

/** @internal */
export interface FnFuture<out T, out E = never> extends Future<T, E>, Frame {
	value: unknown;
	parent: Frame | null;
	/** @internal */
	state: number;
}

/** @internal */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: it inherits without `extends`, see `inherit`
// biome-ignore lint/correctness/noUnusedVariables: the interface uses it
export class FnFuture<out T, out E = never> {
	/** @param gen - a generator of the engine */
	constructor(gen: Iterator<unknown, unknown>) {
		this.done = false;
		this.value = gen;
		this.owner = undefined;
		this.parent = null;
		this.state = FRESH;
		if (S.hooks !== null) created(this);
	}

	/** The root of a driver needs no frame: the generator alone is kept, and this object is free. */
	asRoot(d: Driver): void {
		if (this.state !== FRESH || this.owner !== undefined) {
			Future.prototype.asRoot.call(this, d);
			return;
		}
		this.owner = d;
		this.state = TAKEN;
		d.root = this.value as Iterator<unknown, unknown>;
		d.generator = true;
	}

	next(): IteratorResult<never, T> {
		const { state } = this;
		// Its driver has just settled it, and resumes whoever waits for it: nobody else comes between.
		if (state === RETURNED) {
			this.close();
			this.done = true;
			return this as never;
		}
		if (state === THREW) {
			this.close();
			throw rethrown(this.value, this.next);
		}
		const d = S.current;
		if (state === FRESH && this.owner === undefined && d !== null && d !== TRACER) {
			this.owner = d;
			return this.begin();
		}
		// It waits in itself, or was taken apart by somebody who asks for its items.
		if (this.owner === d) throw S.suspended !== null ? notIterable() : new FutureInUseError();
		return this.elsewhere(d) ?? this;
	}

	/** The first run, on the stack of the caller. */
	begin(): IteratorResult<never, T> {
		const parent = S.frame;
		this.parent = parent;
		this.state = SUSPENDED;
		if (S.depth >= S.nesting) {
			// Its callers leave the native stack: the driver begins it.
			S.top = this;
			S.suspended = S.begins;
			return this as never;
		}
		S.depth++;
		S.frame = this;
		for (;;) {
			let ok = true;
			let outcome: unknown;
			const gen = this.value as Iterator<unknown, unknown>;
			try {
				let r = next.call(gen);
				let waits = r === S.suspended;
				if (!waits && r.done !== true) {
					r = refuse(gen, r);
					waits = r.done !== true;
				}
				if (waits) {
					if (S.top === null) {
						S.top = this;
						// All the way back the processor would guess wrong.
						if (S.depth > NESTING) S.nesting = NESTING;
					}
					S.frame = parent;
					S.depth--;
					return this as never;
				}
				outcome = r.value;
			} catch (error) {
				ok = false;
				outcome = error;
			}
			// False: resources tied to it are released first, by the generator that it has now.
			if (!this.settle(ok, outcome)) continue;
			S.frame = parent;
			S.depth--;
			this.close();
			if (!ok) throw outcome;
			this.done = true;
			return this as never;
		}
	}

	get closing(): boolean {
		return (this.state & CLOSING) !== 0;
	}

	hold(resource: Tied): Held {
		if ((this.state & HOLDS) === 0) held.set(this, new Held());
		this.state |= HOLDS;
		const all = held.get(this) as Held;
		all.add(resource);
		return all;
	}

	settle(ok: boolean, outcome: unknown): boolean {
		if ((this.state & HOLDS) !== 0) {
			this.value = (held.get(this) as Held).closing(ok, outcome);
			this.state = (this.state & ~HOLDS) | CLOSING;
			return false;
		}
		this.state = ok ? RETURNED : THREW;
		this.value = outcome;
		return true;
	}

	close(): void {
		this.state = CLOSED;
		this.owner = CONSUMED;
	}

	return(value?: unknown): IteratorResult<never, T> {
		if (this.state === FRESH && this.owner === undefined) {
			this.close();
			(this.value as Iterator<unknown, unknown>).return?.();
			return { done: true, value } as never;
		}
		if (this.state === CLOSED || this.owner !== S.current) return { done: true, value } as never;
		// Only a driver closes a frame that has begun, and it does so before it closes the caller.
		return Future.prototype.return.call(this, value) as never;
	}

	[Symbol.dispose](): void {
		const { owner } = this;
		if (this.state !== TAKEN || owner === undefined) Future.prototype[Symbol.dispose].call(this);
		else if (owner instanceof ByHand) {
			this.close();
			owner.reap();
		} else if (owner instanceof Branch) {
			rareOf(owner).disposed = true;
			owner.wake();
		} else (owner as Partial<Task>).abort?.();
	}

	/** Polled by hand: it gets a driver of its own. */
	poll(cx: Context): Poll<T> {
		if (this.owner === undefined) new ByHand(this, cx.waker);
		const { owner } = this;
		if (!(owner instanceof ByHand)) throw owner === CONSUMED ? new FutureConsumedError() : new FutureInUseError();
		owner.parent = cx.waker;
		return owner.run() as Poll<T>;
	}

	/** @internal The drivers within, for dumps. */
	branches(): Iterable<Driver> {
		return this.owner instanceof ByHand ? [this.owner] : [];
	}

	protected drop(cx: Context): Poll<void> {
		const { owner } = this;
		if (!(owner instanceof ByHand)) return;
		return owner.drop(cx);
	}
}

inherit(FnFuture, Future);
