/** A thread that watches how long polls take, so that the polls need not read the clock. */
import { hostModule } from "../core/host.ts";
import type { DumpFrame } from "./frames.ts";
import { schedstatFile } from "./run-delay.ts";
import { userFrames } from "./sampled-frames.ts";
import { watchSource } from "./watch-source.ts";

/** @internal */
export interface WatchOptions {
	readonly longMs: number;
	readonly neverMs: number;
	/** Take stacks, by the inspector. */
	readonly sampling: boolean;
	/** It is ready: from now on the beats are watched. */
	readonly onReady: () => void;
	/** The stack of the poll with this beat; null if there is none. */
	readonly onSample: (beat: number, stack: readonly DumpFrame[] | null) => void;
	/** A poll has gone on for `neverMs`, and still does: called in the middle of it. False if that is not so, and it is to be asked later. */
	readonly onNever: (beat: number, stack: readonly DumpFrame[]) => boolean;
}

/** @internal */
export interface WatchThread {
	/** The cells: see `watch-source.ts`. */
	readonly cells: Int32Array;
	/** When the long poll was first seen, in milliseconds since the epoch; how long the main thread had waited for a processor until then; when its stack was asked for, how long that took, 0 while it goes on, and the wait for a processor until that began. */
	readonly since: Float64Array;
	/** Takes the samples that have arrived, now. */
	drain(): void;
	stop(): void;
}

interface Port {
	on(event: "message", listener: (message: Message) => void): void;
	unref(): void;
	close(): void;
}

interface WorkerThreads {
	readonly Worker: new (
		code: string,
		options: object,
	) => { on(event: string, listener: (e: unknown) => void): void; unref(): void; terminate(): unknown };
	readonly MessageChannel: new () => { readonly port1: Port; readonly port2: Port };
	readonly isMainThread: boolean;
	receiveMessageOnPort(port: Port): { readonly message: Message } | undefined;
}

type Call = [name: string, url: string, line: number, column: number];

interface Message {
	readonly ready?: boolean;
	readonly beat: number;
	readonly stack: readonly Call[] | null;
}

let threads = 0;

/** @internal Null where there are no threads, or no memory that they share. */
export function watchThread(options: WatchOptions): WatchThread | null {
	const module = hostModule("node:worker_threads") as WorkerThreads | undefined;
	if (module?.Worker === undefined || typeof SharedArrayBuffer === "undefined") return null;
	const { longMs, neverMs, onReady, onSample, onNever } = options;
	const home = globalThis as unknown as Record<symbol, unknown>;
	const key = `yamanote.watch.${++threads}`;
	const cells = new Int32Array(new SharedArrayBuffer(16));
	const since = new Float64Array(new SharedArrayBuffer(40));
	const { port1, port2 } = new module.MessageChannel();
	const receive = ({ ready, beat, stack }: Message): void => {
		if (ready === true) onReady();
		else onSample(beat, stack === null ? null : userFrames(stack));
	};
	// Node's inspector reaches the main thread alone.
	const sampling = options.sampling && module.isMainThread && isNode();
	const tickMs = Math.min(50, Math.max(1, longMs / 8));
	const workerData = { cells, since, port: port2, tickMs, longMs, neverMs, sampling, key, schedstat: schedstatFile() };
	try {
		const worker = new module.Worker(watchSource, {
			eval: true,
			workerData,
			transferList: [port2],
			execArgv: [],
			env: {},
			name: "yamanote diagnostics",
		});
		// Without the thread, polls go on reading the clock.
		worker.on("error", () => undefined);
		worker.unref();
		port1.on("message", receive);
		port1.unref();
		home[Symbol.for(key)] = (beat: number, stack: readonly Call[]) => onNever(beat, userFrames(stack));
		return {
			cells,
			since,
			drain() {
				for (;;) {
					const received = module.receiveMessageOnPort(port1);
					if (received === undefined) return;
					receive(received.message);
				}
			},
			stop() {
				delete home[Symbol.for(key)];
				port1.close();
				void worker.terminate();
			},
		};
	} catch {
		port1.close();
		return null;
	}
}

function isNode(): boolean {
	const { process, Deno } = globalThis as {
		process?: { versions?: Record<string, string | undefined> };
		Deno?: unknown;
	};
	return process?.versions?.["node"] !== undefined && process.versions["bun"] === undefined && Deno === undefined;
}
