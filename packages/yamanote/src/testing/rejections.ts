/**
 * Promises that are rejected while nobody listens end the process, or the run of a test runner. A program that is explored must not: its
 * cancellations are the exploration's doing, and its own failures are what it looks for.
 */
import { hostProcess } from "../core/host.ts";

type Listener = (reason: unknown, promise: unknown) => void;

interface Emitter {
	readonly versions?: { readonly deno?: string };
	listeners?(event: string): Listener[];
	on(event: string, listener: Listener): unknown;
	off(event: string, listener: Listener): unknown;
}

interface Events {
	addEventListener?(type: string, listener: (event: RejectionEvent) => void, capture: boolean): void;
	removeEventListener?(type: string, listener: (event: RejectionEvent) => void, capture: boolean): void;
}

interface RejectionEvent {
	readonly reason: unknown;
	preventDefault(): void;
	stopImmediatePropagation(): void;
}

const EVENT = "unhandledRejection";

/**
 * Asks `take` about every such promise; what it does not take goes to whoever listened before. The function that it gives ends that.
 *
 * @internal
 */
export function takeRejections(take: (reason: unknown) => boolean): () => void {
	const process = hostProcess() as unknown as Emitter | undefined;
	if (process === undefined || process.versions?.deno !== undefined) return takeEvents(take);
	const others = process.listeners?.(EVENT);
	if (others === undefined) return () => {};
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

/** Deno and pages: an event of the global object, whose capturing listeners come first. */
function takeEvents(take: (reason: unknown) => boolean): () => void {
	const home = globalThis as Events;
	const listener = (event: RejectionEvent): void => {
		if (!take(event.reason)) return;
		event.preventDefault();
		event.stopImmediatePropagation();
	};
	const type = EVENT.toLowerCase();
	home.addEventListener?.(type, listener, true);
	return () => home.removeEventListener?.(type, listener, true);
}
