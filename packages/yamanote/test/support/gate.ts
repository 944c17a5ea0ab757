/** Futures that a test opens by hand, and that count what happens to them. */
import { type Context, Future, Pending, type Poll, type Waker } from "yamanote";

/** A future that is ready when the test says so. It counts its polls and drops. */
export class Gate<T = void> extends Future<T> {
	polls = 0;
	drops = 0;
	#state: "shut" | "open" | "failed" = "shut";
	#outcome: unknown;
	#wakers: Waker[] = [];

	poll(cx: Context): Poll<T> {
		this.polls++;
		if (this.#state === "failed") throw this.#outcome;
		if (this.#state === "open") return this.#outcome as T;
		this.#wakers.push(cx.waker);
		return Pending;
	}

	protected override drop(): void {
		this.drops++;
		this.#wakers = [];
	}

	/** Somebody waits: it was polled, and has neither completed nor been dropped. */
	get waitedFor(): boolean {
		return this.#wakers.length > 0;
	}

	open(value: T): void {
		if (this.#state !== "shut") return;
		this.#state = "open";
		this.#outcome = value;
		this.wakeAll();
	}

	fail(error: unknown): void {
		if (this.#state !== "shut") return;
		this.#state = "failed";
		this.#outcome = error;
		this.wakeAll();
	}

	/** Wakes whoever waits, ready or not. */
	wakeAll(): void {
		const wakers = this.#wakers;
		this.#wakers = [];
		for (const w of wakers) w.wake();
	}
}

export function gate<T = void>(): Gate<T> {
	return new Gate<T>();
}

/** A future that takes its time when it is dropped: `finish()` ends that. */
export class SlowDrop extends Future<never> {
	dropping = 0;
	dropped = false;
	#finished = false;
	#waker: Waker | null = null;

	poll(): Poll<never> {
		return Pending;
	}

	protected override drop(cx: Context): Poll<void> {
		this.dropping++;
		if (this.#finished) {
			this.dropped = true;
			return;
		}
		this.#waker = cx.waker;
		return Pending;
	}

	finish(): void {
		this.#finished = true;
		this.#waker?.wake();
	}
}

/** A promise that the test settles. */
export interface Deferred<T> {
	readonly promise: Promise<T>;
	resolve(value: T): void;
	reject(error: unknown): void;
}

export function deferred<T = void>(): Deferred<T> {
	let resolve!: (value: T) => void;
	let reject!: (error: unknown) => void;
	const promise = new Promise<T>((ok, no) => {
		resolve = ok;
		reject = no;
	});
	return { promise, resolve, reject };
}
