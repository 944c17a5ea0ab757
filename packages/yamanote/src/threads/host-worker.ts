/** The engine's threads, from both sides: Node's `worker_threads` (Bun and Deno have it too) or the web's `Worker`. */
import { hostModule } from "../core/host.ts";
import type { WorkerLostReason } from "./error.ts";
import { CLOSED, INIT, type Init, MARK, type Message, readMessage } from "./protocol.ts";
import { loadedByTsx } from "./typescript.ts";

/** A thread that somebody has made: what a factory returns. */
export type AnyWorker = object;

interface NodeWorker {
	readonly threadId: number;
	on(event: string, listener: (value: never) => void): unknown;
	postMessage(message: unknown, transfer?: readonly object[]): void;
	terminate(): Promise<unknown>;
	ref(): void;
	unref(): void;
}

interface WebWorker {
	addEventListener(type: string, listener: (event: never) => void): void;
	postMessage(message: unknown, transfer: object[]): void;
	terminate(): void;
}

interface NodePort {
	on(event: "message", listener: (data: unknown) => void): unknown;
	postMessage(message: unknown, transfer?: readonly object[]): void;
	unref(): void;
	ref(): void;
}

interface WorkerThreads {
	readonly isMainThread: boolean;
	readonly parentPort: NodePort | null;
	readonly workerData: unknown;
	readonly threadId: number;
	readonly Worker: new (url: URL | string, options: object) => NodeWorker;
	receiveMessageOnPort?(port: object): { readonly message: unknown } | undefined;
}

type WebWorkerClass = new (url: string | URL, options: { type: "module"; name: string }) => WebWorker;

/** @internal */
export const nodeThreads = (): WorkerThreads | undefined =>
	hostModule("node:worker_threads") as WorkerThreads | undefined;

/** What is passed on to the engine when a thread starts; Node, Bun and Deno. */
export interface ThreadOptions {
	/** Limits of the thread's heap and stack, in megabytes. */
	readonly resourceLimits?: {
		readonly maxOldGenerationSizeMb?: number;
		readonly maxYoungGenerationSizeMb?: number;
		readonly codeRangeSizeMb?: number;
		readonly stackSizeMb?: number;
	};
	/** Environment variables. Default: those of this thread. */
	readonly env?: Readonly<Record<string, string | undefined>>;
	/** Command-line options of the engine. Default: those of this thread. */
	readonly execArgv?: readonly string[];
}

/** How a thread ended. */
export interface Ending {
	readonly reason: WorkerLostReason;
	readonly message: string;
	readonly cause: unknown;
}

/** What the pool hears of a thread. */
export interface Listener {
	message(message: Message): void;
	ended(ending: Ending): void;
}

/** @internal A thread as its pool sees it. */
export interface HostWorker {
	post(message: Message | string, transfer: readonly object[]): void;
	/** Whether the thread keeps the process alive. */
	ref(on: boolean): void;
	terminate(): void;
	/**
	 * It may run on when it is said to have ended. The web does not tell when a worker has stopped; Deno says "exit" within `terminate`, and
	 * the thread runs until it comes to its event loop, however long that takes.
	 */
	readonly lingers: boolean;
}

const DATA = "yamanote.worker.1";
const NOT_FETCHED =
	"its module, or one that it imports, could not be fetched (is it served, as JavaScript? Import maps do not reach workers: bundle it)";

/** @internal Starts a thread with a module. */
export function startThread(url: string, init: Init, name: string, options: ThreadOptions, to: Listener): HostWorker {
	const threads = nodeThreads();
	if (threads !== undefined) {
		const { resourceLimits, env, execArgv } = options;
		const code = loadedByTsx(url, execArgv);
		const worker = new threads.Worker(code ?? new URL(url), {
			name,
			...(code !== undefined && { eval: true }),
			workerData: { [DATA]: init },
			...(resourceLimits && { resourceLimits }),
			...(env && { env }),
			...(execArgv && { execArgv }),
		});
		return adoptNode(worker, to);
	}
	const { Worker } = globalThis as { Worker?: WebWorkerClass };
	if (Worker === undefined) throw new TypeError("there are no threads here: neither node:worker_threads nor Worker");
	const worker = adoptWeb(new Worker(url, { type: "module", name }), to);
	worker.post([MARK, INIT, init], []);
	return worker;
}

/** @internal Takes a thread that a factory has made. */
export function adoptThread(worker: AnyWorker, to: Listener): HostWorker {
	const { on, addEventListener, postMessage } = worker as Partial<NodeWorker & WebWorker>;
	if (typeof postMessage !== "function" || (typeof on !== "function" && typeof addEventListener !== "function"))
		throw new TypeError("defineWorker: the factory must return a Worker");
	return typeof on === "function" ? adoptNode(worker as NodeWorker, to) : adoptWeb(worker as WebWorker, to);
}

function adoptNode(worker: NodeWorker, to: Listener): HostWorker {
	let failure: { readonly error: unknown } | undefined;
	worker.on("message", (data: unknown) => {
		const message = readMessage(data);
		if (message !== undefined) to.message(message);
	});
	worker.on("messageerror", (error: unknown) => {
		failure ??= { error };
		void worker.terminate();
	});
	worker.on("error", (error: unknown) => {
		failure ??= { error };
	});
	worker.on("exit", (code: number) => {
		const ending =
			failure === undefined
				? ({ reason: "exit", message: `its thread ended with code ${code}`, cause: undefined } as const)
				: endingOf(failure.error);
		to.ended(ending);
	});
	worker.unref();
	return {
		post: (message, transfer) => worker.postMessage(message, transfer),
		ref: (on) => (on ? worker.ref() : worker.unref()),
		terminate: () => void worker.terminate(),
		lingers: "Deno" in globalThis,
	};
}

function endingOf(error: unknown): Ending {
	const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
	if (code === "ERR_WORKER_OUT_OF_MEMORY")
		return { reason: "memory", message: "its thread ran out of memory", cause: error };
	return {
		reason: "error",
		message: `its thread died of an uncaught error: ${String(message ?? error)}`,
		cause: error,
	};
}

function adoptWeb(worker: WebWorker, to: Listener): HostWorker {
	let gone = false;
	const end = (ending: Ending): void => {
		if (gone) return;
		gone = true;
		worker.terminate();
		to.ended(ending);
	};
	worker.addEventListener("message", (event: { data: unknown }) => {
		const message = readMessage(event.data);
		if (gone || message === undefined) return;
		if (message[1] === CLOSED) end({ reason: "exit", message: "its thread has closed itself", cause: undefined });
		else to.message(message);
	});
	worker.addEventListener("messageerror", () =>
		end({ reason: "error", message: "its thread sent what cannot be read here", cause: undefined }),
	);
	worker.addEventListener("error", (event: { message?: string; error?: unknown; preventDefault?(): void }) => {
		event.preventDefault?.();
		const { message, error } = event;
		// An event without a message: the module, or one that it imports, was not there.
		if (message === undefined) end({ reason: "load", message: NOT_FETCHED, cause: error });
		else end({ reason: "error", message: `its thread died of an uncaught error: ${message}`, cause: error });
	});
	return {
		post: (message, transfer) => worker.postMessage(message, transfer as object[]),
		ref: () => {},
		// A turn later, as where the engine says when a thread has ended.
		terminate: () => {
			worker.terminate();
			void Promise.resolve().then(() => end({ reason: "exit", message: "its thread was stopped", cause: undefined }));
		},
		lingers: true,
	};
}

/** @internal The other side: the thread that made this one. */
export interface Parent {
	/** What this thread was started with; null if a factory made it, and the first message brings it. */
	readonly init: Init | null;
	post(message: Message | string, transfer: readonly object[]): void;
	listen(f: (message: Message) => void): void;
	/** Takes one message that has come, without waiting; undefined where that cannot be done, or there is none. */
	receive(): Message | undefined;
	/** Whether it waits for messages that keep the thread alive. */
	ref(on: boolean): void;
}

interface WebScope {
	close(): void;
	postMessage(message: unknown, transfer: object[]): void;
	addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
}

/** @internal The thread that made this one; null in the main thread. */
export function hostParent(): Parent | null {
	const threads = nodeThreads();
	const port = threads?.parentPort;
	if (threads !== undefined && port != null) {
		const data = threads.workerData as Record<string, Init | undefined> | null | undefined;
		let receives = threads.receiveMessageOnPort !== undefined;
		return {
			init: (typeof data === "object" && data !== null ? data[DATA] : undefined) ?? null,
			post: (message, transfer) => port.postMessage(message, transfer),
			listen: (f) => {
				port.on("message", (data) => {
					const message = readMessage(data);
					if (message !== undefined) f(message);
				});
			},
			receive: () => {
				if (!receives) return undefined;
				try {
					return readMessage(threads.receiveMessageOnPort?.(port)?.message);
				} catch {
					// Deno does not take the parent's port.
					receives = false;
					return undefined;
				}
			},
			ref: (on) => (on ? port.ref() : port.unref()),
		};
	}
	if (threads?.isMainThread === true) return null;
	const g = globalThis as unknown as { DedicatedWorkerGlobalScope?: new () => object } & WebScope;
	if (g.DedicatedWorkerGlobalScope === undefined || !(globalThis instanceof g.DedicatedWorkerGlobalScope)) return null;
	// The web tells nobody that a worker has closed itself.
	const { close } = g;
	g.close = () => {
		g.postMessage([MARK, CLOSED], []);
		close.call(g);
	};
	return {
		init: null,
		post: (message, transfer) => g.postMessage(message, transfer as object[]),
		listen: (f) =>
			g.addEventListener("message", ({ data }) => {
				const message = readMessage(data);
				if (message !== undefined) f(message);
			}),
		receive: () => undefined,
		ref: () => {},
	};
}

/** @internal How many threads the machine runs at once. */
export function parallelism(): number {
	const os = hostModule("node:os") as { availableParallelism?(): number; cpus(): unknown[] } | undefined;
	const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
	return Math.max(1, os?.availableParallelism?.() ?? os?.cpus().length ?? navigator?.hardwareConcurrency ?? 1);
}

const isolated = (): boolean => (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== false;

/** @internal Whether threads can share memory here. */
export function canShare(): boolean {
	return typeof SharedArrayBuffer !== "undefined" && isolated();
}

/** @internal Whether shared memory can be sent: an engine with a page refuses that if the page is not cross-origin isolated. */
export function canSendShared(): boolean {
	return isolated() || nodeThreads() !== undefined;
}

/** Why it cannot. */
export const NOT_ISOLATED =
	"is shared memory, which this page may not send: serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp";
