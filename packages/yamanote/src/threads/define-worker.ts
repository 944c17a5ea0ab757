/** Functions that run on other threads: `defineWorker`. */
import { type Duration, toMs } from "../core/duration.ts";
import { checkOptions, describe } from "../core/error.ts";
import type { Future } from "../core/future.ts";
import type { ErrorOf } from "../core/types.ts";
import { checkSource } from "./bundled.ts";
import { Call, type CallSettings } from "./call.ts";
import type { WorkerLost } from "./error.ts";
import { InPlace } from "./in-place.ts";
import { LocalStream } from "./local-stream.ts";
import { checkPool } from "./options.ts";
import type { Open, SendFunction, SendParameters } from "./send.ts";
import type { ThreadPool } from "./thread-pool.ts";
import { kindOfFunction } from "./thread-run.ts";
import { joinPool } from "./thread-start.ts";
import { runsHere, threadState } from "./thread-state.ts";
import type { WorkerFunction, WorkerSource } from "./worker-function.ts";
import { CallStream, type WorkerStream } from "./worker-stream.ts";

export type { WorkerSource } from "./worker-function.ts";

/** How calls are made: for a whole worker (`defineWorker`), or for some calls (`h.f.with({ … })`). */
export interface CallOptions {
	/** The pool that runs them. Default: the one of the runtime. */
	readonly pool?: ThreadPool | undefined;
	/** Calls of higher priority go first. Default 0. */
	readonly priority?: number | undefined;
	/**
	 * Kill the thread when a dropped call has not ended after `cleanupGrace`. Default false: it goes on, and nobody waits for it. Only for pools
	 * whose threads run one call at a time, since a thread takes all calls that it runs with it: with `callsPerThread` above 1 it is refused.
	 */
	readonly killOnAbort?: boolean | undefined;
	/** How long a dropped call is waited for. Default: the runtime's `cleanupGrace`. */
	readonly cleanupGrace?: Duration | undefined;
	/** Refuse what would be damaged on the way (instances of classes that are not registered, getters, hidden fields). Default true; false is faster. */
	readonly check?: boolean | undefined;
}

/** What a call gives, by what the function gives. In brackets, so that `boolean` and `User | undefined` make one future, not two. */
export type Reply<R> = [R] extends [never]
	? Future<never, WorkerLost>
	: 0 extends 1 & R
		? Future<R, WorkerLost>
		: [R] extends [AsyncIterator<infer Y, infer _, infer _>]
			? WorkerStream<Y, WorkerLost>
			: [R] extends [Future<infer T, infer E>]
				? Future<T, E | WorkerLost>
				: [R] extends [Iterator<infer Y, infer T, infer _>]
					? Future<T, ErrorOf<Y> | WorkerLost>
					: Future<Awaited<R>, WorkerLost>;

/** What all functions of workers have in common: their parameters, and what a call gives. A type only. */
export interface FromDefineWorker<A extends unknown[], R> {
	readonly "this function comes from defineWorker": (args: A) => R;
}

/** A function of a worker, as it is called from other threads. */
export interface Caller<A extends unknown[], R> extends FromDefineWorker<A, R> {
	(...args: A): R;
	/** The same function, called in another way. */
	with(options: CallOptions): Caller<A, R>;
	/** The name of the function. */
	readonly name: string;
}

/** A {@link Caller} with parameters such as `unknown` or `object`: each call is checked by the types of its arguments. */
export interface OpenCaller<A extends unknown[], R> extends FromDefineWorker<A, R> {
	<const B extends A>(...args: SendParameters<B>): R;
	/** The same function, called in another way. */
	with(options: CallOptions): OpenCaller<A, R>;
	/** The name of the function. */
	readonly name: string;
}

type IsOpen<A extends readonly unknown[]> = true extends { [K in keyof A]: Open<A[K]> }[number] ? true : false;

/** The functions of a worker, as they are called from other threads. */
export type Remote<M> = {
	readonly [K in keyof M]: M[K] extends (...args: infer A) => infer R
		? IsOpen<A> extends true
			? OpenCaller<A, Reply<R>>
			: Caller<A, Reply<R>>
		: never;
};

/** The functions that {@link defineWorker} is given. */
export interface Functions {
	// biome-ignore lint/suspicious/noExplicitAny: any parameters; each function is checked by SendFunction
	readonly [name: string]: (...args: any) => unknown;
}

const kCaller: unique symbol = Symbol.for("yamanote.caller.v1") as never;

/** @internal What stands behind a caller. */
export interface Behind {
	readonly fn: WorkerFunction;
	readonly settings: CallSettings;
}

/** @internal */
export function behind(what: string, caller: unknown): Behind {
	const found = typeof caller === "function" ? (caller as { [kCaller]?: Behind })[kCaller] : undefined;
	if (found !== undefined) return found;
	throw new TypeError(
		`${what}: ${describe(caller)} is no function of a worker: a function cannot cross to another thread, so put it in a module of its own, ` +
			"in the table of defineWorker(import.meta.url, { … }), and give what that returns",
	);
}

/**
 * Makes functions that run on other threads. Keep the call in a module of its own (`hashing.worker.ts`), which threads load, and import what
 * it returns from anywhere.
 *
 * Each call gives a lazy future: it runs when it is awaited, is cancelled when it is dropped, and fails with what the function throws, or with
 * `WorkerLost`. Arguments are taken as they are at the call. A function may be plain, `async`, a task (`*name() {}`, which runs on the
 * thread's own runtime), or a stream (`async *name() {}`). Called inside its own worker it runs in place.
 *
 * @param source - `import.meta.url`; or, where a bundler puts modules together, `() => new Worker(new URL("./hashing.worker.ts", import.meta.url),
 * { type: "module" })`, which it understands
 * @param functions - what other threads may call
 * @param options - defaults for all calls
 * @throws {@link TypeError} for a source that is neither a URL nor a function, a table that has something else than functions, and `killOnAbort`
 * for a pool whose threads run several calls at a time
 * @throws {@link NotSendError} at a call, for an argument that cannot cross
 * @throws {@link WorkerBundledError} at the first call, if the module is the program itself
 * @source none: `tokio::task::spawn_blocking` takes closures, which cannot cross here
 *
 * @example
 * ```ts no-run
 * // passwords.worker.ts
 * import { scryptSync } from "node:crypto";
 * import { defineWorker } from "yamanote/threads";
 *
 * export const passwords = defineWorker(import.meta.url, {
 *   scrypt(password: string, salt: Uint8Array): Uint8Array {
 *     return new Uint8Array(scryptSync(password, salt, 64));
 *   },
 * });
 * ```
 *
 * ```ts no-run
 * import { passwords } from "./passwords.worker.ts";
 *
 * const key = await passwords.scrypt("hunter2", new Uint8Array(16));
 * ```
 */
export function defineWorker<M extends Functions>(
	source: WorkerSource,
	functions: M & { readonly [K in keyof M]: SendFunction<M[K]> },
	options: CallOptions = {},
): Remote<M> {
	checkOptions("defineWorker", options);
	if (typeof source !== "string" && typeof source !== "function")
		throw new TypeError(
			`defineWorker: give import.meta.url, or a function that makes a Worker, not ${describe(source)}`,
		);
	if (typeof functions !== "object" || functions === null)
		throw new TypeError(`defineWorker: give a table of functions, not ${describe(functions)}`);
	const names = Object.keys(functions);
	for (const name of names)
		if (typeof functions[name] !== "function")
			throw new TypeError(`defineWorker: ${name} is ${describe(functions[name])}: a worker has functions only`);
	const table = register(source, names, functions);
	joinPool();
	const settings = settingsOf(options, {
		pool: null,
		priority: 0,
		killOnAbort: false,
		graceMs: undefined,
		checked: true,
	});
	const remote: Record<string, unknown> = {};
	for (const name of names) {
		const local = functions[name] as (...args: never) => unknown;
		const streams = kindOfFunction(local) === "AsyncGeneratorFunction";
		remote[name] = callerOf({ source, table, name, local, streams }, settings);
	}
	return Object.freeze(remote) as Remote<M>;
}

/** Keeps the functions where a call from another thread finds them: by the module, or, if a factory loads it, by their names. */
function register(source: WorkerSource, names: readonly string[], functions: Functions): string {
	const { tables, ordinals } = threadState();
	const key = typeof source === "string" ? source : names.join(",");
	const n = ordinals.get(key) ?? 0;
	ordinals.set(key, n + 1);
	const table = `${key}#${n}`;
	tables.set(table, functions);
	return table;
}

function callerOf(fn: WorkerFunction, settings: CallSettings): unknown {
	const local = fn.local as (...args: unknown[]) => unknown;
	const caller = (...args: unknown[]): unknown => {
		if (runsHere(fn.table))
			return fn.streams ? new LocalStream(local(...args) as AsyncIterator<unknown>) : new InPlace(local, args);
		checkSource(fn.source);
		return fn.streams ? new CallStream(fn, settings, args) : new Call(fn, settings, args);
	};
	Object.defineProperty(caller, "name", { value: fn.name, configurable: true });
	return Object.assign(caller, {
		[kCaller]: { fn, settings } satisfies Behind,
		with(options: CallOptions) {
			checkOptions("with", options);
			return callerOf(fn, settingsOf(options, settings));
		},
	});
}

function settingsOf(options: CallOptions, base: CallSettings): CallSettings {
	const { pool, priority = base.priority, killOnAbort = base.killOnAbort, cleanupGrace, check } = options;
	checkPool("pool", pool);
	if (!Number.isFinite(priority)) throw new RangeError(`priority must be a number, not ${String(priority)}`);
	return checkKill({
		pool: pool?.core ?? base.pool,
		priority,
		killOnAbort,
		graceMs: cleanupGrace === undefined ? base.graceMs : toMs(cleanupGrace),
		checked: check ?? base.checked,
	});
}

/** @internal A thread that is killed must not take other calls with it. */
export function checkKill(settings: CallSettings): CallSettings {
	const { killOnAbort, pool } = settings;
	const { callsPerThread = 1 } = pool?.options ?? {};
	if (killOnAbort && callsPerThread > 1) {
		throw new TypeError(
			`killOnAbort: a thread of this pool runs up to ${callsPerThread} calls at a time, and the others would be lost with it: use a pool whose callsPerThread is 1`,
		);
	}
	return settings;
}
