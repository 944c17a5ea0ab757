/** What a thread that a pool has started knows of itself, and what a running function may ask. */
import { CancelledError } from "../core/error.ts";
import { hostModule } from "../core/host.ts";
import type { ThreadBoard } from "./thread-board.ts";

/** @internal A call that this thread runs. */
export class Running {
	readonly slot: number;
	readonly serial: number;
	/** The module of its function. */
	readonly table: string;
	readonly board: ThreadBoard | null;
	/** The number of this thread. */
	readonly thread: number;
	aborted = false;
	/** The links of the ends that its arguments bring. */
	links: readonly number[] | null = null;
	/** Does more than set the flag: cancels a task, closes a stream. */
	onAbort: (() => void) | null = null;
	#controller: AbortController | null = null;

	constructor(slot: number, serial: number, table: string, board: ThreadBoard | null, thread: number) {
		this.slot = slot;
		this.serial = serial;
		this.table = table;
		this.board = board;
		this.thread = thread;
	}

	get isAborted(): boolean {
		if (this.aborted) return true;
		const { board } = this;
		// The slot of a thread that is lost may be another's.
		return board !== null && (board.isAborted(this.slot) || board.isLost(this.thread));
	}

	/** Whether other calls wait for a thread. */
	get othersWait(): boolean {
		return this.board?.othersWait === true;
	}

	get signal(): AbortSignal {
		this.#controller ??= new AbortController();
		if (this.isAborted && !this.#controller.signal.aborted) this.#controller.abort(new CancelledError());
		return this.#controller.signal;
	}

	abort(): void {
		if (this.aborted) return;
		this.aborted = true;
		this.#controller?.abort(new CancelledError());
		this.onAbort?.();
	}
}

interface Store {
	getStore(): Running | undefined;
	run<R>(store: Running, f: () => R): R;
}

/** @internal */
export interface ThreadState {
	/** The functions of this thread, by table and name. */
	readonly tables: Map<string, Readonly<Record<string, unknown>>>;
	/** How often each table key was asked for. */
	readonly ordinals: Map<string, number>;
	/** Calls in progress. */
	readonly active: Set<Running>;
	/** The call whose function is on the stack. */
	current: Running | null;
	/** Tells concurrent calls apart, where the engine can. */
	store: Store | null;
	/** The module that it was started with, while that loads. */
	loading: string | null;
	/** It has looked whether it is a thread of a pool. */
	joined: boolean;
	/** It is one. */
	started: boolean;
}

const key = Symbol.for("yamanote.thread.v1");
const home = globalThis as unknown as Record<symbol, ThreadState | undefined>;

/** @internal Shared by all copies of the library in one thread. */
export function threadState(): ThreadState {
	return (home[key] ??= {
		tables: new Map(),
		ordinals: new Map(),
		active: new Set(),
		current: null,
		store: null,
		loading: null,
		joined: false,
		started: false,
	});
}

/** @internal Several calls may run at once: from now on they are told apart. */
export function tellApart(state: ThreadState): void {
	const hooks = hostModule("node:async_hooks") as { AsyncLocalStorage?: new () => Store } | undefined;
	if (hooks?.AsyncLocalStorage !== undefined) state.store ??= new hooks.AsyncLocalStorage();
}

function running(): Running | null {
	const state = threadState();
	if (state.current !== null) return state.current;
	const stored = state.store?.getStore();
	if (stored !== undefined) return stored;
	return state.active.size === 1 ? (state.active.values().next().value as Running) : null;
}

/** @internal Whether this thread runs a call of that module just now: then its functions are called in place. */
export function runsHere(table: string): boolean {
	const { active, current } = threadState();
	if (current?.table === table) return true;
	for (const one of active) if (one.table === table) return true;
	return false;
}

/** @internal Whether other calls wait for a thread such as this. */
export function othersWait(): boolean {
	return running()?.othersWait ?? false;
}

/**
 * Whether the call that this function of a worker serves was dropped by its caller. Long loops ask it now and then, and return early. Costs a
 * few nanoseconds where memory is shared; elsewhere a function that never waits cannot be told.
 *
 * Outside of a call: false.
 *
 * @source none: a blocking closure of Tokio asks a `CancellationToken`
 *
 * @example
 * ```ts no-run
 * import { defineWorker, isAborted } from "yamanote/threads";
 *
 * export const primes = defineWorker(import.meta.url, {
 *   below(limit: number) {
 *     const found: number[] = [];
 *     for (let n = 2; n < limit && !isAborted(); n++) if (found.every((p) => n % p)) found.push(n);
 *     return found;
 *   },
 * });
 * ```
 */
export function isAborted(): boolean {
	return running()?.isAborted ?? false;
}

/**
 * The signal of the call that this function of a worker serves: aborted when the caller drops it. For what takes a signal, such as `fetch`. A
 * function that never waits asks {@link isAborted} instead. With several calls at once in a thread, take it before the first `await` where the
 * engine has no `AsyncLocalStorage`.
 *
 * Outside of a call: a signal that is never aborted.
 *
 * @source none
 *
 * @example
 * ```ts no-run
 * import { abortSignal, defineWorker } from "yamanote/threads";
 *
 * export const pages = defineWorker(import.meta.url, {
 *   async words(url: string) {
 *     const page = await fetch(url, { signal: abortSignal() });
 *     return (await page.text()).split(/\s+/).length;
 *   },
 * });
 * ```
 */
export function abortSignal(): AbortSignal {
	return running()?.signal ?? new AbortController().signal;
}
