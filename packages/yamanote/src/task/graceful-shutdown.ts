/** Programs that end what they have begun before they stop: `gracefulShutdown`. */

import { delegate } from "../core/delegate.ts";
import { type Duration, toMs } from "../core/duration.ts";
import { checkOptions, describe } from "../core/error.ts";
import type { Future } from "../core/future.ts";
import { type HostHandle, hostProcess } from "../core/host.ts";
import { currentRuntime, type RuntimeCore } from "../core/runtime-core.ts";
import type { Task } from "../core/task.ts";
import type { Err, Out, Starred, TaskContext } from "../core/types.ts";
import { select } from "../future/select.ts";
import { onSignal } from "../runtime/main.ts";
import { CancellationToken } from "../sync/cancellation-token.ts";
import { sleep } from "../time/sleep.ts";
import { HandedOn } from "./handed-on.ts";
import { type Scope, type Spawner, scope } from "./scope.ts";
import { TaskTracker } from "./task-tracker.ts";

/** What the body of {@link gracefulShutdown} is given: what a task body is given, and more. Its functions are bound. */
export interface Service extends TaskContext {
	/**
	 * Starts a task that the shutdown waits for. If it fails, the service is cancelled, and its failure is thrown.
	 *
	 * @cancelSafety a wait for the handle is cancel safe: the task goes on
	 */
	readonly spawn: Spawner["spawn"];
	/** Cancelled when the service is to stop: who takes new work waits for it too, and takes no more. */
	readonly stopping: CancellationToken;
	/** Stops the service, as a signal does. */
	readonly stop: (reason?: unknown) => void;
}

/** Options of {@link gracefulShutdown}. */
export interface GracefulShutdownOptions {
	/** How long tasks may take to end by themselves, from the stop on; what is left then is aborted. Default 10 seconds. */
	readonly grace?: Duration | undefined;
	/** The signals of the operating system that stop the service; a second one aborts what is left. Default `SIGINT` and `SIGTERM`. */
	readonly signals?: readonly string[] | undefined;
}

/** How a service has ended: what {@link gracefulShutdown} gives. */
export interface ShutdownReport<T> {
	/** What the body gave; `undefined` if it was aborted. */
	readonly value: T | undefined;
	/** Why it stopped: the name of the signal, or what `stop` was given; `undefined` if its body ended by itself. */
	readonly reason: unknown;
	/** Tasks that did not end in time, and were aborted; the body is one of them. */
	readonly aborted: number;
}

/** What asks a service to stop: first politely, then not. */
class Stops {
	readonly stopping: CancellationToken = new CancellationToken();
	readonly forced: CancellationToken = new CancellationToken();

	reason: unknown = undefined;

	stop(reason: unknown): void {
		if (this.stopping.isCancelled) return;
		this.reason = reason;
		this.stopping.cancel(reason);
	}

	signal(name: string): void {
		if (this.stopping.isCancelled) this.forced.cancel(name);
		else this.stop(name);
	}
}

class ServiceContext extends HandedOn implements Service {
	readonly #stops: Stops;
	readonly spawn: Spawner["spawn"];

	constructor(task: TaskContext, stops: Stops, spawn: Spawner["spawn"]) {
		super(task);
		this.#stops = stops;
		this.spawn = spawn;
	}

	get stopping(): CancellationToken {
		return this.#stops.stopping;
	}
	get stop(): Service["stop"] {
		return (reason) => this.#stops.stop(reason);
	}
}

/** Where a runtime keeps the signals that its services listen for. */
const listening = Symbol.for("yamanote.services.v1");

/**
 * Listens for signals; the function that it gives ends that. `main` leaves signals to whoever listens here. A signal can end the wait of a service
 * that waits for nothing else, so the process lives meanwhile: Node's listeners alone do not keep it.
 */
function listen(runtime: RuntimeCore, signals: readonly string[], stops: Stops): () => void {
	const process = hostProcess();
	const listeners = signals.map((name) => ({ name, listener: () => stops.signal(name) }));
	const leave = (): void => {
		for (const { name, listener } of listeners) process?.off(name, listener);
	};
	try {
		for (const { name, listener } of listeners) process?.on(name, listener);
	} catch (error) {
		// One that cannot be listened for: whoever listens on would keep the others from ending the process.
		leave();
		throw error;
	}
	const services = (runtime.slots.get(listening) ?? new Set()) as Set<readonly string[]>;
	runtime.slots.set(listening, services.add(signals));
	runtime.slots.set(onSignal, (name: string) => [...services].some((names) => names.includes(name)));
	const rest = process !== undefined && signals.length > 0 ? stayAlive(runtime) : () => {};
	return () => {
		rest();
		services.delete(signals);
		if (services.size === 0) runtime.slots.delete(onSignal);
		leave();
	};
}

/** Keeps the process alive as long as somebody waits for the runtime, until the function that it gives is called. */
function stayAlive(runtime: RuntimeCore): () => void {
	let handle: HostHandle;
	const again = (): void => {
		handle = runtime.timer(Infinity, again);
	};
	again();
	return () => handle.cancel();
}

type Body = (service: Service) => unknown;

function* serve(
	s: Scope,
	body: Body,
	graceMs: number,
	signals: readonly string[],
): Generator<unknown, ShutdownReport<unknown>> {
	const stops = new Stops();
	const tracker = new TaskTracker();
	/** What is left is aborted, and what comes now. */
	let over = false;
	const spawn = ((future: never, options?: never) => {
		const task = s.spawn(future, options) as unknown as Task;
		tracker.count(task, false);
		if (over) task.abort(stops.reason);
		return task;
	}) as unknown as Spawner["spawn"];
	let value: unknown;
	function* main(): Generator<unknown, void> {
		value = yield* delegate((task: TaskContext) => body(new ServiceContext(task, stops, spawn)));
		stops.stop(undefined);
	}
	const unlisten = listen(currentRuntime(), signals, stops);
	try {
		spawn(main as never, { name: "service" });
		yield* stops.stopping.cancelled();
		tracker.close();
		const end = yield* select({ all: tracker.wait(), late: sleep(graceMs), forced: stops.forced.cancelled() });
		const aborted = end.key === "all" ? 0 : s.size;
		over = true;
		s.abortAll(stops.reason);
		return { value, reason: stops.reason, aborted };
	} finally {
		unlisten();
	}
}

/**
 * Runs a service until it is told to stop, and then lets it end what it has begun: the body and the tasks that it has spawned may go on for
 * `grace`, and what is left then is aborted, with whatever it starts meanwhile. It ends when all of them have, cleanup included.
 *
 * It stops when a signal comes, when `stop` is called, or when its body ends. Then `stopping` is cancelled: an accepting loop should end, a
 * worker should take no new job. A second signal ends the grace. Inside of `main` it takes the signals over. As long as it listens for signals,
 * the process lives.
 *
 * @param body - a generator function or an async function, given the {@link Service}
 * @throws {@link TypeError}, {@link RangeError} at the call, for bad arguments
 * @errors the failures of the body and its tasks, which cancel all the others at once
 * @cancelSafety cancelling it aborts everything at once, and waits for the cleanup
 * @source Tokio's guide "Graceful Shutdown": `tokio::signal`, `CancellationToken` and `TaskTracker` in one
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { gracefulShutdown, run, select, sleep } from "yamanote";
 *
 * const served: number[] = [];
 * const report = await run(gracefulShutdown(function* ({ spawn, stopping, stop }) {
 *   for (let request = 1; ; request++) {
 *     const next = yield* select({ request: sleep(5), stopping: stopping.cancelled() }, { biased: true });
 *     if (next.key === "stopping") return;
 *     spawn(function* () {
 *       yield* sleep(20);
 *       served.push(request);
 *     });
 *     if (request === 3) stop("maintenance");
 *   }
 * }, { grace: { seconds: 1 } }));
 * assert.deepEqual(served, [1, 2, 3]);
 * assert.deepEqual(report, { value: undefined, reason: "maintenance", aborted: 0 });
 * ```
 */
export function gracefulShutdown<G extends Iterator<unknown, unknown, never> | PromiseLike<unknown>>(
	body: ((service: Service) => G) & Starred<G>,
	options: GracefulShutdownOptions = {},
): Future<ShutdownReport<Out<G>>, Err<G>> {
	checkOptions("gracefulShutdown", options);
	const { grace = 10_000, signals = ["SIGINT", "SIGTERM"] } = options;
	if (typeof body !== "function") throw new TypeError(`gracefulShutdown: give a function, not ${describe(body)}`);
	if (!Array.isArray(signals)) throw new TypeError(`gracefulShutdown: signals is an array, not ${describe(signals)}`);
	for (const name of signals)
		if (typeof name !== "string") throw new TypeError(`gracefulShutdown: a signal is a name, not ${describe(name)}`);
	const graceMs = toMs(grace);
	return scope((s: Scope) => serve(s, body as Body, graceMs, signals) as never) as never;
}
