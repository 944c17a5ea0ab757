/**
 * Promises that are rejected while nobody listens end the process, or the run of a test runner. A program that is explored must not: its
 * cancellations are the exploration's doing, and its own failures are what it looks for.
 */
import { hostProcess } from "../core/host.ts";

type Listener = (reason: unknown, promise: unknown) => void;

interface Emitter {
	listeners?(event: string): Listener[];
	on(event: string, listener: Listener): unknown;
	off(event: string, listener: Listener): unknown;
}

const EVENT = "unhandledRejection";

/**
 * Asks `take` about every such promise; what it does not take goes to whoever listened before. The function that it gives ends that.
 *
 * @internal
 */
export function takeRejections(take: (reason: unknown) => boolean): () => void {
	const process = hostProcess() as unknown as Emitter | undefined;
	const others = process?.listeners?.(EVENT);
	if (process === undefined || others === undefined) return () => {};
	const listener: Listener = (reason, promise) => {
		if (take(reason)) return;
		for (const other of others) other.call(process, reason, promise);
		// As the engine does where nobody listens.
		if (others.length === 0) {
			queueMicrotask(() => {
				throw reason;
			});
		}
	};
	for (const other of others) process.off(EVENT, other);
	process.on(EVENT, listener);
	return () => {
		process.off(EVENT, listener);
		for (const other of others) process.on(EVENT, other);
	};
}
