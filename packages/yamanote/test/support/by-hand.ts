/** Polling by hand: a test is the driver, and counts the wakes. */
import { type Context, type Future, Pending } from "yamanote";

export interface ByHand<T> {
	/** One poll: the value, or `Pending`; throws the failure. */
	poll(): T | typeof Pending;
	/** One poll that must be pending. */
	pending(): void;
	/** How often it was woken. */
	readonly wakes: number;
	readonly cx: Context;
}

export function byHand<T>(future: Future<T, unknown>): ByHand<T> {
	let wakes = 0;
	const cx: Context = {
		waker: {
			wake() {
				wakes++;
			},
		},
	};
	return {
		cx,
		poll: () => future.poll(cx) as T | typeof Pending,
		pending() {
			const answer = future.poll(cx);
			if (answer !== Pending) throw new Error(`it is ready: ${String(answer)}`);
		},
		get wakes() {
			return wakes;
		},
	};
}
