/** A future that polls other futures: it spends no budget itself, since its leaves do. */
import { notIterable } from "./driver.ts";
import { CONSUMED, Future } from "./future.ts";
import { type Poll, Pending as pending } from "./poll.ts";
import { S as shared } from "./shared.ts";
import { rethrown } from "./stack.ts";
import { TRACER } from "./trace.ts";

// Constants of this module: what is imported is looked up at each use, and no optimiser knows that it stays.
const S = shared;
const Pending: typeof pending = pending;

/** @internal */
export abstract class Composite<out T, out E = never> extends Future<T, E> {
	override next(): IteratorResult<never, T> {
		const d = S.current;
		if (this.owner !== d || d === null) {
			if (this.owner !== undefined || d === null || d === TRACER) return this.elsewhere(d) ?? this;
			this.owner = d;
		}
		if (S.suspended !== null) throw notIterable();
		let r: Poll<T>;
		try {
			r = this.poll(d);
		} catch (error) {
			this.owner = CONSUMED;
			throw rethrown(error, this.next, true);
		}
		if (r === Pending) {
			S.suspended = this;
			return this as never;
		}
		this.owner = CONSUMED;
		this.done = true;
		this.value = r;
		return this as never;
	}
}
