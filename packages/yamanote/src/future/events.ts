/** Events as futures: `once`, `events`. */
import { checkOptions, describe, YamanoteError } from "../core/error.ts";
import { Future } from "../core/future.ts";
import { type Context, Pending, type Poll, type Waker } from "../core/poll.ts";
import { tie } from "./by-ref.ts";
import { fromCallback } from "./from.ts";

type Listener = (...args: unknown[]) => void;

/** A DOM-like target of events. */
export interface EventTargetLike {
	// biome-ignore lint/suspicious/noExplicitAny: a listener takes whatever its target gives
	addEventListener(name: string, listener: (event: any) => void): void;
	// biome-ignore lint/suspicious/noExplicitAny: as above
	removeEventListener(name: string, listener: (event: any) => void): void;
}

/** A Node-like emitter of events. */
export interface EmitterLike {
	// biome-ignore lint/suspicious/noExplicitAny: a listener takes whatever its emitter gives
	on(name: string, listener: (...args: any[]) => void): unknown;
	// biome-ignore lint/suspicious/noExplicitAny: as above
	off(name: string, listener: (...args: any[]) => void): unknown;
}

/** Where events come from. */
export type EventSource = EventTargetLike | EmitterLike;

function has(target: unknown, ...methods: string[]): boolean {
	return methods.every((name) => typeof (target as Record<string, unknown> | null | undefined)?.[name] === "function");
}

function listen(what: string, target: EventSource, name: string, listener: Listener): () => void {
	if (typeof name !== "string") throw new TypeError(`${what}: the name of an event is a string, not ${describe(name)}`);
	if (has(target, "addEventListener", "removeEventListener")) {
		const t = target as EventTargetLike;
		t.addEventListener(name, listener);
		return () => t.removeEventListener(name, listener);
	}
	if (has(target, "on", "off")) {
		const t = target as EmitterLike;
		t.on(name, listener);
		return () => void t.off(name, listener);
	}
	throw new TypeError(`${what}: ${describe(target)} is neither an EventTarget nor an EventEmitter`);
}

const isEmitter = (target: EventSource): boolean => !has(target, "addEventListener", "removeEventListener");

/**
 * The next event of a name: the `Event` of an `EventTarget`, the array of arguments of an `EventEmitter`, which fails the wait if it emits
 * `"error"` first. It listens from the first poll on. What the event brings can be said, and is not checked: `once<[port: number]>(emitter,
 * "ready")`, `once<MessageEvent>(port, "message")`.
 *
 * @param target - an `EventTarget` or `EventEmitter`
 * @param name - the name of the event
 * @throws {@link TypeError} at the call, for a target without events
 * @errors what an emitter gives with `"error"`, undeclared
 * @cancelSafety cancel safe: it stops listening
 * @source `node:events` `once`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventEmitter } from "node:events";
 * import { join, lazy, once, run } from "yamanote";
 *
 * const emitter = new EventEmitter();
 * const [[port]] = await run(join([once<[port: number]>(emitter, "ready"), lazy(() => emitter.emit("ready", 8080))]));
 * assert.equal(port.toFixed(), "8080");
 * ```
 */
export function once<Args extends unknown[] = unknown[]>(
	target: EmitterLike & { addEventListener?: undefined },
	name: string,
): Future<Args>;
export function once<E extends Event = Event>(target: EventTargetLike, name: string): Future<E>;
export function once(target: EventSource, name: string): Future<never> {
	listen("once", target, name, () => {})();
	const emitter = isEmitter(target);
	return fromCallback<never>(({ resolve, reject }) => {
		const stop = listen("once", target, name, emitter ? (...args) => resolve(args as never) : (resolve as Listener));
		if (!emitter || name === "error") return stop;
		const stopErrors = listen("once", target, "error", reject);
		return () => {
			stop();
			stopErrors();
		};
	});
}

/** More events came than {@link events} may keep. */
export class EventOverflowError extends YamanoteError {
	declare readonly name: "EventOverflowError";
	declare readonly code: "YAMANOTE_EVENT_OVERFLOW";

	/** @internal */
	static override get called(): string {
		return "EventOverflowError";
	}

	constructor(name: string, capacity: number) {
		super(
			`more than ${capacity} "${name}" events came before they were received: receive faster, give a larger capacity, or choose another overflow policy`,
		);
	}
}

/** Options of {@link events}. */
export interface EventsOptions {
	/** How many events are kept until they are received; at least 1. Default 64. */
	readonly capacity?: number | undefined;
	/** What happens to one more: `"error"` stops listening, and `recv` fails after the events that came before (default); the others lose an event, and count it in `lost`. */
	readonly overflow?: "error" | "drop-oldest" | "drop-newest" | undefined;
}

class NextEvent<T> extends Future<T | undefined> {
	readonly #events: Events<T>;
	constructor(events: Events<T>) {
		super();
		this.#events = events;
	}
	poll(cx: Context): Poll<T | undefined> {
		return this.#events.pollRecv(cx);
	}
	protected override drop(cx: Context): void {
		this.#events.forget(cx.waker);
	}
}

/** Events that wait to be received: what {@link events} gives. It has `recv`, is an async iterable, and stops listening when disposed. */
export class Events<T> implements AsyncIterable<T>, Disposable {
	readonly #queue: T[] = [];
	readonly #stop: (() => void)[] = [];
	readonly #waiting: Set<Waker> = new Set();
	#error: { readonly error: unknown } | null = null;
	#closed = false;
	/** How many events were lost to the overflow policy. */
	lost = 0;

	/** @internal */
	constructor(target: EventSource, name: string, options: EventsOptions) {
		checkOptions("events", options);
		const { capacity = 64, overflow = "error" } = options;
		if (typeof capacity !== "number" || !(capacity >= 1))
			throw new RangeError(`events: the capacity must be at least 1, not ${describe(capacity)}`);
		if (overflow !== "error" && overflow !== "drop-oldest" && overflow !== "drop-newest")
			throw new TypeError(`events: overflow is "error", "drop-oldest" or "drop-newest", not ${describe(overflow)}`);
		const emitter = isEmitter(target);
		const take = (event: unknown): void => {
			if (this.#queue.length >= capacity) {
				if (overflow === "error") {
					this.#fail(new EventOverflowError(name, capacity));
					return;
				}
				this.lost++;
				if (overflow === "drop-newest") return;
				this.#queue.shift();
			}
			this.#queue.push(event as T);
			this.#wake();
		};
		this.#stop.push(listen("events", target, name, emitter ? (...args) => take(args) : (event) => take(event)));
		if (emitter && name !== "error") this.#stop.push(listen("events", target, "error", (error) => this.#fail(error)));
		const isClosed = (): boolean => this.#closed;
		tie({
			[Symbol.asyncDispose]: async () => this[Symbol.dispose](),
			get over() {
				return isClosed();
			},
		});
	}

	#fail(error: unknown): void {
		this.#error ??= { error };
		this[Symbol.dispose]();
	}

	#wake(): void {
		for (const w of this.#waiting) w.wake();
		this.#waiting.clear();
	}

	/** @internal */
	pollRecv(cx: Context): Poll<T | undefined> {
		if (this.#queue.length > 0) return this.#queue.shift();
		if (this.#error !== null) throw this.#error.error;
		if (this.#closed) return undefined;
		this.#waiting.add(cx.waker);
		return Pending;
	}

	/** @internal A waiter is dropped. If it had been woken, the others must look. */
	forget(waker: Waker): void {
		if (!this.#waiting.delete(waker) && this.#queue.length > 0) this.#wake();
	}

	/**
	 * The next event; `undefined` when it was disposed and all were received.
	 *
	 * @errors {@link EventOverflowError}, or what an emitter gives with `"error"`, after the events that came before
	 * @cancelSafety cancel safe: no event is lost
	 */
	recv(): Future<T | undefined> {
		return new NextEvent(this);
	}

	async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
		try {
			for (let e = await this.recv(); e !== undefined; e = await this.recv()) yield e;
		} finally {
			this[Symbol.dispose]();
		}
	}

	/** Stops listening. Events that are there can still be received. */
	[Symbol.dispose](): void {
		if (this.#closed) return;
		this.#closed = true;
		for (const stop of this.#stop) stop();
		this.#wake();
	}
}

/**
 * The events of a name, from this call on, kept until they are received: `each(events(target, "data"), …)`, `for await`, or `recv`. Bounded.
 *
 * Made in the code of a generator, it stops listening when the enclosing `asyncFn` call or task ends; elsewhere, in an async function too,
 * dispose it. What the events bring can be said, as for {@link once}.
 *
 * @param target - an `EventTarget` (gives `Event`s) or `EventEmitter` (gives arrays of arguments, and fails at its `"error"`)
 * @param name - the name of the event
 * @throws {@link TypeError} for a target without events; {@link RangeError} for a capacity below 1
 * @source `node:events` `on`, bounded
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventEmitter } from "node:events";
 * import { events, run } from "yamanote";
 *
 * const emitter = new EventEmitter();
 * using clicks = events(emitter, "click", { capacity: 8 });
 * emitter.emit("click", 1);
 * emitter.emit("click", 2);
 * assert.deepEqual(await run(clicks.recv()), [1]);
 * assert.deepEqual(await run(clicks.recv()), [2]);
 * ```
 */
export function events<Args extends unknown[] = unknown[]>(
	target: EmitterLike & { addEventListener?: undefined },
	name: string,
	options?: EventsOptions,
): Events<Args>;
export function events<E extends Event = Event>(
	target: EventTargetLike,
	name: string,
	options?: EventsOptions,
): Events<E>;
export function events(target: EventSource, name: string, options: EventsOptions = {}): Events<never> {
	return new Events(target, name, options);
}
