/** The engine of a pool: its crews, and what they share: the number of threads, their life times, the counts, the end. */
import { type HostHandle, hostNow, setHostTimer } from "../core/host.ts";
import type { Waker } from "../core/poll.ts";
import { currentRuntime, type RuntimeCore } from "../core/runtime-core.ts";
import { checkLoading } from "./bundled.ts";
import { Crew } from "./crew.ts";
import { PoolFullError, WorkerLost } from "./error.ts";
import { parallelism } from "./host-worker.ts";
import { ENDED, type Job } from "./job.ts";
import { type PoolMetrics, Times } from "./metrics.ts";
import { type CheckedOptions, checkOptions, type PoolOptions } from "./options.ts";
import type { Thread } from "./thread.ts";
import { threadState } from "./thread-state.ts";
import { Tie } from "./tie.ts";
import { crewKey, type WorkerFunction, type WorkerSource } from "./worker-function.ts";

const SPIN_MS = 0.05;

/** @internal */
export class PoolCore {
	readonly options: CheckedOptions;
	/** How long threads and the pool look out for each other; 0 where that would take the only core. */
	readonly spinMs: number = parallelism() > 1 ? SPIN_MS : 0;
	readonly #crews: Map<WorkerSource, Crew> = new Map();
	readonly #ties: Map<RuntimeCore, Tie> = new Map();
	#lastTie: Tie | null = null;
	#threads = 0;
	/** Those of them that are replaced, and still have calls or channels. */
	#leaving = 0;
	#started = 0;
	#completed = 0;
	#failed = 0;
	#cancelled = 0;
	#lost = 0;
	abandoned = 0;
	readonly #waitTime: Times = new Times();
	readonly #runTime: Times = new Times();
	#reaper: HostHandle | null = null;
	#closing: Promise<void> | null = null;
	/** What has not ended is not waited for any more. */
	#late = false;
	#closed = false;
	readonly #deadlines: HostHandle[] = [];
	#onChange: (() => void)[] = [];
	readonly #forRoom: Set<Waker> = new Set();

	constructor(options: PoolOptions) {
		this.options = checkOptions(options, threadState().started);
	}

	#crew(fn: WorkerFunction): Crew {
		const key = crewKey(fn);
		let crew = this.#crews.get(key);
		if (crew === undefined) this.#crews.set(key, (crew = new Crew(this, fn.source)));
		return crew;
	}

	// ---- calls

	submit(job: Job): Crew {
		checkLoading(job.fn.source);
		const crew = this.#crew(job.fn);
		if (this.#closing !== null) throw new WorkerLost("shutdown", `${job.fn.name}: the pool is shut down`);
		if (this.options.whenFull === "fail" && this.#isFull(crew)) throw new PoolFullError(this.options.maxQueue);
		this.#tie(job.runtime).calls++;
		crew.submit(job);
		return crew;
	}

	/** Whether as many wait as may, besides those that threads which are idle, or yet to start, will take at once. */
	#isFull({ queue, sent }: Crew): boolean {
		const { maxQueue, callsPerThread } = this.options;
		return queue.size >= maxQueue + Math.max(0, this.most * callsPerThread - sent);
	}

	/** The most threads there may be just now: one that is replaced may end when the last of its calls does, and nobody waits for that. */
	get most(): number {
		const { maxThreads } = this.options;
		return maxThreads + Math.min(this.#leaving, maxThreads);
	}

	/** So many calls of a function follow. */
	rouse(fn: WorkerFunction, n: number): void {
		this.#crews.get(crewKey(fn))?.threads.rouse(n);
	}

	/** A function is never called again. */
	forget(fn: WorkerFunction): void {
		this.#crews.get(crewKey(fn))?.forget(fn);
	}

	#tie(runtime: RuntimeCore): Tie {
		if (this.#lastTie?.runtime === runtime) return this.#lastTie;
		let tie = this.#ties.get(runtime);
		if (tie === undefined) {
			tie = new Tie(runtime, () => {
				for (const crew of this.#crews.values()) crew.watch.rootsChanged();
			});
			this.#ties.set(runtime, tie);
		}
		this.#lastTie = tie;
		return tie;
	}

	/** Whether somebody waits for calls of this pool, so that the process must live. */
	get holds(): boolean {
		if (this.#closing !== null || this.#lastTie?.holds === true) return true;
		for (const tie of this.#ties.values()) if (tie.holds) return true;
		return false;
	}

	/** A channel goes to a thread on behalf of a runtime, or does no more. */
	keep(runtime: RuntimeCore, n: 1 | -1): void {
		this.#tie(runtime).calls += n;
	}

	/** A call has an outcome. */
	ended(job: Job, how: "completed" | "failed" | "lost", waited = 0, ran = 0): void {
		this.#tie(job.runtime).calls--;
		if (how === "completed") this.#completed++;
		else if (how === "failed") this.#failed++;
		else this.#lost++;
		if (how !== "lost") {
			this.#waitTime.record(Math.max(0, waited));
			this.#runTime.record(ran);
		}
		this.#changed();
	}

	/** A call was dropped before a thread had taken it. */
	cancelled(job: Job): void {
		job.state = ENDED;
		this.#tie(job.runtime).calls--;
		this.#cancelled++;
		this.#changed();
	}

	/** A call was dropped while it runs: nobody waits for it any more. */
	dropped(): void {
		this.#cancelled++;
	}

	/** It is given up, and no reason to live for the process any more. */
	abandon(job: Job): void {
		this.abandoned++;
		this.#tie(job.runtime).calls--;
		for (const crew of this.#crews.values()) crew.watch.rootsChanged();
	}

	/** It has ended after all. */
	foundAgain(job: Job): void {
		this.abandoned--;
		// `ended` counts it off once more.
		this.#tie(job.runtime).calls++;
	}

	#changed(): void {
		if (this.#forRoom.size > 0 && this.hasRoom) {
			for (const waker of this.#forRoom) waker.wake();
			this.#forRoom.clear();
		}
		if (this.#onChange.length > 0) for (const f of this.#onChange.slice()) f();
	}

	get queued(): number {
		let n = 0;
		for (const crew of this.#crews.values()) n += crew.queue.size;
		return n;
	}

	get hasRoom(): boolean {
		return this.#closing !== null || this.queued < Math.max(1, this.options.maxQueue);
	}

	waitForRoom(waker: Waker): void {
		this.#forRoom.add(waker);
	}

	forgetWaiter(waker: Waker): void {
		this.#forRoom.delete(waker);
	}

	// ---- threads

	/** Whether one more thread may start. A crew that has none makes an idle one of another crew give way. */
	mayStart(crew: Crew, has: boolean): boolean {
		if (this.#closing !== null && crew.queue.size + crew.sent === 0) return false;
		if (this.#threads < this.most) return true;
		if (has) return false;
		let chosen: { crew: Crew; thread: Thread } | undefined;
		for (const other of this.#crews.values()) {
			if (other === crew) continue;
			for (const thread of other.threads.all) {
				if (thread == null) continue;
				// One gives way already.
				if (thread.retiring || thread.stopping !== null) return false;
				if (chosen === undefined || other.threads.isIdle(thread)) chosen = { crew: other, thread };
			}
		}
		chosen?.crew.threads.retire(chosen.thread);
		return false;
	}

	threadStarts(): void {
		this.#threads++;
		this.#started++;
	}

	threadReady(): void {
		this.#reapLater();
		this.#changed();
	}

	threadEnded(thread: Thread): void {
		this.#threads--;
		if (thread.leaving) this.#leaving--;
		for (const crew of this.#crews.values()) crew.pump();
		this.#changed();
	}

	/** A thread has ended a call: it may be time for a fresh one. */
	mayRecycle(crew: Crew, thread: Thread, now: number): void {
		const { calls, ms, heapMb } = this.options.recycle;
		if (thread.retiring) crew.threads.retire(thread);
		else if (thread.calls >= calls || now - thread.startedAt >= ms || this.#heapOf(crew, thread) > heapMb) {
			if (crew.threads.retire(thread)) return;
			thread.leaving = true;
			this.#leaving++;
		}
	}

	#heapOf(crew: Crew, thread: Thread): number {
		return this.options.recycle.heapMb === Infinity ? 0 : (crew.board?.heapOf(thread.id) ?? 0);
	}

	/** Ends threads that have been idle for long. */
	#reapLater(): void {
		const { keepAliveMs, minThreads } = this.options;
		if (this.#reaper !== null || keepAliveMs === Infinity || this.#threads <= minThreads) return;
		this.#reaper = setHostTimer(Math.max(1, keepAliveMs), () => {
			this.#reaper = null;
			const now = hostNow();
			let left = 0;
			for (const crew of this.#crews.values())
				for (const thread of crew.threads.all)
					if (thread !== null && thread.stopping === null && !thread.retiring) left++;
			for (const crew of this.#crews.values()) {
				for (const thread of crew.threads.all) {
					if (thread == null || left <= minThreads || thread.stopping !== null || now - thread.idleSince < keepAliveMs)
						continue;
					if (thread.isLinked) continue;
					if (crew.threads.isIdle(thread) && crew.threads.retire(thread)) left--;
				}
			}
			this.#reapLater();
		});
	}

	/** Starts threads for a function, and waits until they are up. */
	async warmUp(fn: WorkerFunction, n: number): Promise<void> {
		checkLoading(fn.source);
		const crew = this.#crew(fn);
		const live = (): Thread[] =>
			crew.threads.all.filter((thread) => thread !== null && thread.stopping === null) as Thread[];
		for (let left = Math.min(n, this.options.maxThreads) - live().length; left > 0; left--) {
			if (!this.mayStart(crew, live().length > 0)) break;
			if (crew.threads.start(fn.source) === null) break;
		}
		crew.threads.ref(true);
		const started = live();
		await this.#until(() =>
			started.every((thread) => thread.ready || thread.stopping !== null || !crew.threads.all.includes(thread)),
		);
		crew.threads.ref(this.holds);
		if (!started.some((thread) => thread.ready))
			throw new WorkerLost("load", `no thread came up for ${fn.name}`, crew.threads.lastFailure);
	}

	#until(test: () => boolean): Promise<void> {
		return new Promise((resolve) => {
			const look = (): void => {
				if (!test()) return;
				this.#onChange = this.#onChange.filter((f) => f !== look);
				resolve();
			};
			this.#onChange.push(look);
			look();
		});
	}

	// ---- the end

	/** Takes no more calls, waits for those it has, for `ms` at most, and ends all threads. Asked again, the shortest time counts. */
	close(ms: number): Promise<void> {
		const closing = (this.#closing ??= this.#close());
		if (ms !== Infinity && !this.#closed) {
			const deadline = setHostTimer(ms, () => this.#giveUp());
			deadline.ref(true);
			this.#deadlines.push(deadline);
		}
		return closing;
	}

	#giveUp(): void {
		this.#late = true;
		for (const crew of this.#crews.values()) {
			crew.failAll(
				() => true,
				(job) => new WorkerLost("shutdown", `${job.fn.name}: its pool was shut down`),
			);
			crew.threads.stopAll("shutdown");
		}
		this.#changed();
	}

	async #close(): Promise<void> {
		await null;
		const crews = [...this.#crews.values()];
		for (const crew of crews) crew.threads.ref(true);
		this.#changed();
		await this.#until(() => this.#late || crews.every((crew) => crew.sent + crew.queue.size === 0));
		for (const crew of crews) crew.threads.stopAll(this.#late ? "shutdown" : "exit");
		await this.#until(() => this.#threads === 0);
		this.#closed = true;
		for (const deadline of this.#deadlines) deadline.cancel();
		this.#reaper?.cancel();
		for (const tie of this.#ties.values()) tie.cancel();
		this.#ties.clear();
		this.#lastTie = null;
	}

	get isClosed(): boolean {
		return this.#closing !== null;
	}

	metrics(): PoolMetrics {
		let [idle, queued, running] = [0, 0, 0];
		for (const crew of this.#crews.values()) {
			queued += crew.queue.size + crew.posted;
			running += crew.sent - crew.posted;
			for (const thread of crew.threads.all) if (thread != null && crew.threads.isIdle(thread)) idle++;
		}
		return {
			threads: this.#threads,
			idle,
			queued,
			running,
			completed: this.#completed,
			failed: this.#failed,
			cancelled: this.#cancelled,
			lost: this.#lost,
			abandoned: this.abandoned,
			started: this.#started,
			waitTime: this.#waitTime.snapshot(),
			runTime: this.#runTime.snapshot(),
		};
	}
}

const slot = Symbol.for("yamanote.pool.v1");

/** The pool of a runtime, which its shutdown ends. */
class RuntimePool extends PoolCore {
	readonly #ms: number;

	constructor(runtime: RuntimeCore) {
		const { maxBlockingThreads } = (runtime as { options?: PoolOptions }).options ?? {};
		super({ maxBlockingThreads });
		this.#ms = runtime.limits.cleanupTimeout;
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close(this.#ms);
	}
}

/** @internal The shared pool of a runtime, made on first use. */
export function poolOf(runtime: RuntimeCore = currentRuntime()): PoolCore {
	let pool = runtime.slots.get(slot) as PoolCore | undefined;
	if (pool === undefined || (pool.isClosed && !runtime.closed))
		runtime.slots.set(slot, (pool = new RuntimePool(runtime)));
	return pool;
}
