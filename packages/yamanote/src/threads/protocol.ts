/**
 * What the two sides of a thread say to each other.
 *
 * Small calls and results go over a {@link Board} in shared memory; everything else, and everything where there is no shared memory, by
 * messages. A message is an array that begins with the protocol's mark and its kind, so that messages of the user pass by.
 */
import type { Packed } from "./codec/pack.ts";
import type { SentCommon } from "./parallel/common.ts";

/** Both sides must be of one version. */
export const MARK = "yamanote.1";

// ---- to a thread
/** `[MARK, INIT, Init]`: to a thread that a factory has made; others find it in their `workerData`. */
export const INIT = 0;
/** `[MARK, DEFINE, Definition]`: what the number of a function stands for. Comes before the first call of it. */
export const DEFINE = 1;
/** `[MARK, CALL, slot, serial, fn, bytes, extras, check, links]`. */
export const CALL = 2;
/** `[MARK, ABORT, slot, serial]`: the caller has dropped the call. */
export const ABORT = 3;
/** There is something on the board: a call, or, the other way round, a result. Sent as {@link WAKE_UP}. */
export const WAKE = 4;
/** `[MARK, CREDIT, slot, serial, n]`: so many more items of a stream may come. */
export const CREDIT = 5;
/** `[MARK, FORGET, fn]`: the function is never called again. */
export const FORGET = 6;

/** `[MARK, LINK, link, …]`, both ways: what one half of a link says to the other (`links/links.ts`). */
export const LINK = 7;

// ---- from a thread
/** `[MARK, READY, missing]`: the module is loaded; or why its functions cannot be called. */
export const READY = 10;
/** `[MARK, RESULT, slot, serial, ok, bytes, extras, microseconds, links]`. */
export const RESULT = 11;
/** `[MARK, ITEM, slot, serial, bytes, extras, links]`: one item of a stream. */
export const ITEM = 12;
/** `[MARK, CLOSED]`: the thread has ended itself, where the engine does not say so. */
export const CLOSED = 13;

/** How many items of a stream may come before the other side has asked for more. */
export const STREAM_CAPACITY = 16;

/** What a thread is told when it starts. */
export interface Init {
	/** The thread's number on the board. */
	readonly id: number;
	/** The memory of the board; null where memory cannot be shared. */
	readonly memory: SharedArrayBuffer | null;
	/** The module that the thread is started with; null if a factory has started it. */
	readonly url: string | null;
	readonly callsPerThread: number;
	/** How long it looks out for work before it sleeps. */
	readonly spinMs: number;
	/** Whether it tells how big its heap is. */
	readonly measures: boolean;
	readonly definitions: readonly Definition[];
}

/** A function: the module, which of its `defineWorker` calls, and the name. */
export interface Definition {
	readonly id: number;
	/** What to load it from; null if it is in the module that the thread was started with. */
	readonly url: string | null;
	readonly table: string;
	readonly name: string;
	/** It is called for chunks of items: what all chunks have in common. Null: it is called as it is. */
	readonly chunks: SentCommon | null;
}

export type Message = readonly [mark: string, kind: number, ...rest: unknown[]];

/** The shortest message, since it is the commonest. */
export const WAKE_UP = "yamanote.1.wake";

const wake: Message = [MARK, WAKE];

/** @internal What has come, if it is for us. */
export function readMessage(data: unknown): Message | undefined {
	if (data === WAKE_UP) return wake;
	return Array.isArray(data) && data[0] === MARK ? (data as unknown as Message) : undefined;
}

/** @internal The bytes of a message are handed over, not copied. */
export const listed = ({ bytes, transfers }: Packed): object[] =>
	transfers === null ? [bytes.buffer] : [bytes.buffer, ...transfers];
