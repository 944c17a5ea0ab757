/**
 * What may cross to another thread, as a type: {@link Send}.
 *
 * `NotSend<T>` is `never` for what may cross, and else a sentence that names the field and says what to do; the run-time check
 * (`codec/encode.ts`) uses the same words. A class instance without methods looks like a plain object here: only the run-time check sees it.
 */
import type { CancellationToken } from "../sync/cancellation-token.ts";
import type { Receiver } from "../sync/mpsc/receiver.ts";
import type { Sender } from "../sync/mpsc/sender.ts";
import type { UnboundedReceiver, UnboundedSender } from "../sync/mpsc/unbounded.ts";
import type { Receiver as OneReceiver, Sender as OneSender } from "../sync/oneshot.ts";
import type { toSend } from "./sendable.ts";

/**
 * Classes that are registered by name with `sendable(name, Class, { toSend, fromSend })`, for the types: add yours by declaration merging.
 *
 * @example
 * ```ts no-run
 * import type { Send } from "yamanote/threads";
 *
 * class Decimal {
 *   plus(other: Decimal): Decimal {
 *     return other;
 *   }
 * }
 * declare module "yamanote/threads" {
 *   interface SendableClasses {
 *     decimal: Decimal;
 *   }
 * }
 * const price: Send<Decimal> = new Decimal();
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: users add to it by declaration merging
export interface SendableClasses {}

/**
 * `T` itself if values of that type may cross to another thread, and else a sentence that says which field may not, and what to do.
 *
 * What crosses: primitives but symbols, plain objects and arrays, `Map`, `Set`, `Date`, `RegExp`, `URL`, errors, buffers and typed arrays,
 * `SharedArrayBuffer`, host objects that know how (`Blob`, `CryptoKey`, `MessagePort`, streams), channel ends and cancellation tokens,
 * and instances of registered classes. `unknown` and `any` pass, and are checked at run time alone.
 *
 * @source `Send`
 *
 * @example
 * ```ts no-run
 * import type { Send } from "yamanote/threads";
 *
 * declare function toWorker<const T>(value: Send<T>): void;
 * toWorker({ name: "Ada", born: new Date(1815, 11, 10) });
 * // @ts-expect-error "value.onClick is a function: send data, and call a function of defineWorker there"
 * toWorker({ onClick() {} });
 * ```
 */
export type Send<T> = SendAs<T, "value">;

/** {@link Send}, with the sentence about a value that is called `P`. */
export type SendAs<T, P extends string> = [NotSend<T, P>] extends [never] ? T : First<NotSend<T, P>>;

/** The sentences about what may not cross in `T`; `never` if all of it may. */
export type NotSend<T, P extends string = "value", Seen = never> = 0 extends 1 & T
	? never
	: unknown extends T
		? never
		: T extends Atom
			? never
			: T extends symbol
				? `${P} is a symbol: send a string`
				: T extends object
					? [Exactly<T>] extends [Seen]
						? never
						: OfObject<T, P, Seen | Exactly<T>>
					: never;

type Atom = string | number | bigint | boolean | null | undefined | void;

/** Tells types apart that merely extend each other. */
type Exactly<T> = { exactly: (_: T) => T };

type AnyFunction = ((...args: never) => unknown) | (abstract new (...args: never) => unknown);

type OfObject<T extends object, P extends string, Seen> = T extends AnyFunction
	? `${P} is a function: send data, and call a function of defineWorker there`
	: T extends Whole
		? never
		: T extends Linked & { readonly subscribe?: never }
			? NotSend<MessageOf<T>, `(a message of ${P})`, Seen>
			: T extends Error
				? OfFields<T, P, Seen, Exclude<keyof T, keyof Error | typeof Symbol.toStringTag>, true>
				: T extends ReadonlyMap<infer K, infer V>
					? NotSend<K, `(a key of ${P})`, Seen> | NotSend<V, `${P}.get(…)`, Seen>
					: T extends ReadonlySet<infer V>
						? NotSend<V, `(a member of ${P})`, Seen>
						: T extends readonly unknown[]
							? OfList<T, P, Seen>
							: T extends { [toSend](): infer D }
								? NotSend<D, `(toSend of ${P})`, Seen>
								: OfResource<T, P, Seen>;

/** Ends of channels, which are joined to the other thread; their messages have to cross too. Not those that can be subscribed to, which look alike. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the messages are
type Any = any;
type Linked =
	| Sender<Any>
	| UnboundedSender<Any>
	| Receiver<Any>
	| UnboundedReceiver<Any>
	| OneSender<Any>
	| OneReceiver<Any>;

type MessageOf<T> =
	T extends Sender<infer M>
		? M
		: T extends UnboundedSender<infer M>
			? M
			: T extends OneReceiver<infer M>
				? M
				: T extends Receiver<infer M>
					? M
					: T extends UnboundedReceiver<infer M>
						? M
						: T extends OneSender<infer M>
							? M
							: never;

/** What crosses as a whole, or is checked at run time. */
type Whole =
	| Date
	| RegExp
	| ArrayBuffer
	| SharedArrayBuffer
	| ArrayBufferView
	| SendableClasses[keyof SendableClasses]
	| CancellationToken
	| HostObject;

type Instance<Name extends string> = typeof globalThis extends { [K in Name]: { prototype: infer I } } ? I : never;

type HostObject =
	| Instance<"URL">
	| Instance<"URLSearchParams">
	| Instance<"Blob">
	| Instance<"CryptoKey">
	| Instance<"MessagePort">
	| Instance<"ReadableStream">
	| Instance<"WritableStream">
	| Instance<"TransformStream">
	| Instance<"ImageBitmap">
	| Instance<"ImageData">
	| Instance<"OffscreenCanvas">
	| Instance<"DOMException">
	| { readonly [Symbol.toStringTag]: `Temporal.${string}` };

type OfResource<T extends object, P extends string, Seen> = T extends { poll(cx: never): unknown }
	? `${P} is a future: wait for it, and send its value`
	: T extends PromiseLike<unknown>
		? `${P} is a promise: await it, and send its value`
		: T extends { readonly aborted: boolean; throwIfAborted(): void }
			? `${P} is an AbortSignal: a function of a worker has its own, abortSignal(); or send a CancellationToken`
			: T extends { readonly signal: { throwIfAborted(): void }; abort(reason?: never): void }
				? `${P} is an AbortController: a function of a worker has abortSignal(); or send a CancellationToken`
				: T extends { deref(): unknown } | { has(key: never): boolean; delete(key: never): boolean }
					? `${P} is weak: weak references do not cross threads`
					: T extends { readonly nodeType: number; readonly nodeName: string }
						? `${P} is a DOM node: send what it says`
						: T extends { next(...args: never): unknown }
							? `${P} is an iterator: send an array`
							: T extends { [Symbol.dispose](): void } | { [Symbol.asyncDispose](): unknown }
								? `${P} is a resource of this thread: release it here, and send data`
								: OfFields<T, P, Seen, keyof T, false>;

type OfList<T extends readonly unknown[], P extends string, Seen> = number extends T["length"]
	? NotSend<T[number], `${P}[…]`, Seen>
	: { [K in keyof T]-?: NotSend<T[K], `${P}[${K & string}]`, Seen> }[number];

/** The methods of an error stay with its class, so they are left out. */
type OfFields<T, P extends string, Seen, Keys extends keyof T, Methods extends boolean> = {
	[K in Keys]-?: Methods extends true
		? T[K] extends AnyFunction | undefined
			? never
			: OfField<T, K, P, Seen>
		: OfField<T, K, P, Seen>;
}[Keys];

type OfField<T, K extends keyof T, P extends string, Seen> = K extends symbol
	? `${P} has a symbol as a key: use a string`
	: NotSend<T[K], string extends K ? `${P}[…]` : number extends K ? `${P}[…]` : `${P}.${K & (string | number)}`, Seen>;

/** One sentence out of many. */
type First<U> = (U extends unknown ? (_: () => U) => void : never) extends (_: infer I) => void
	? I extends () => infer S
		? S
		: never
	: never;

/** A list of items that may cross, or the sentence about what may not. */
export type SendItems<T> = [NotSend<T, "items[…]">] extends [never] ? readonly T[] : First<NotSend<T, "items[…]">>;

/** Whether values of the type can hide what may not cross: `unknown`, `object`, `{}`, and lists and records of these. */
export type Open<T> = 0 extends 1 & T
	? true
	: unknown extends T
		? true
		: T extends Atom | symbol | AnyFunction | Whole
			? false
			: T extends readonly (infer I)[]
				? OpenItem<I>
				: T extends object
					? string extends keyof T
						? OpenItem<T[keyof T]>
						: [keyof T] extends [never]
							? true
							: false
					: false;

type OpenItem<T> = unknown extends T ? true : T extends object ? ([keyof T] extends [never] ? true : false) : false;

/** The types of parameters, each replaced by a sentence where it may not cross. */
export type SendParameters<A extends readonly unknown[]> = {
	[K in keyof A]: SendAs<A[K], `args[${K & string}]`>;
};

/** The sentences about the parameters of a function. */
export type NotSendParameters<A extends readonly unknown[]> = number extends A["length"]
	? NotSend<A[number], "args[…]">
	: { [K in keyof A]-?: NotSend<A[K], `args[${K & string}]`> }[number];

/** One sentence about a function of a table that cannot be called across threads; `unknown` if it can. */
export type SendFunction<F> = F extends (...args: infer A) => infer R
	? [NotSendParameters<A>] extends [never]
		? [NotSend<ResultOf<R>, "the result">] extends [never]
			? unknown
			: First<NotSend<ResultOf<R>, "the result">>
		: First<NotSendParameters<A>>
	: "a worker has functions only: export data from a module of its own";

/** What a function of a worker gives its caller, one item of it if it streams. */
export type ResultOf<R> =
	R extends AsyncIterator<infer Y, infer _, infer _>
		? Y
		: R extends { poll(cx: never): unknown } & PromiseLike<infer T>
			? T
			: R extends Iterator<infer _, infer T, infer _>
				? T
				: Awaited<R>;
