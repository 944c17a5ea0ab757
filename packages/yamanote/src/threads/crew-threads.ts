/** The threads of a crew: how they start, are found, are woken, end, and are lost. */
import { hostNow, setHostTimer } from "../core/host.ts";
import type { RuntimeCore } from "../core/runtime-core.ts";
import {
	BUSY,
	FINISHING,
	PARKED,
	placeOf,
	RESERVED,
	RETIRED,
	SLEEPING,
	SLOTS,
	SPINNING,
	THREADS,
} from "./board-memory.ts";
import type { Crew } from "./crew.ts";
import type { WorkerLost, WorkerLostReason } from "./error.ts";
import { adoptThread, type Ending, startThread } from "./host-worker.ts";
import type { Job } from "./job.ts";
import { linger, lostError } from "./linger.ts";
import { CREDIT, type Links } from "./links/links.ts";
import { ThreadLinks } from "./links/moved.ts";
import { loadError } from "./load-error.ts";
import * as protocol from "./protocol.ts";
import { Thread } from "./thread.ts";
import type { WorkerSource } from "./worker-function.ts";

/** So long the worker of a factory has to load its modules. */
const START_MS = 30_000;
const NO_ANSWER = "it did not call defineWorker within 30 s: is it the file of these functions?";
/** So many threads in a row that end before they come up are a fault of the module. */
const BAD_STARTS = 3;

/** A message about it is for nobody. */
const NO_LINK = -1;

/** @internal */
export class CrewThreads {
	readonly #crew: Crew;
	readonly #factory: (() => object) | null;
	/** By their places. */
	readonly all: (Thread | null)[] = [];
	/** Links to threads that the process lives for. */
	linked = 0;
	/** Why a thread did not come up. */
	lastFailure: unknown = undefined;
	/** Threads that ended before they came up, one after the other. */
	#badStarts = 0;

	constructor(crew: Crew, source: WorkerSource) {
		this.#crew = crew;
		this.#factory = typeof source === "string" ? null : source;
	}

	/** The thread that runs a call, if one has it. */
	of(slot: number): Thread | null {
		const { board, slots } = this.#crew;
		return board === null ? (slots.holders[slot] ?? null) : this.named(board.takenBy(slot));
	}

	/** The thread of that number, if it is still there. */
	named(id: number): Thread | null {
		const thread = id < 0 ? null : (this.all[placeOf(id)] ?? null);
		return thread?.id === id ? thread : null;
	}

	tell(kind: number, what: unknown): void {
		for (const thread of this.all) thread?.host?.post([protocol.MARK, kind, what], []);
	}

	/** A call of a new function follows. */
	define(definition: protocol.Definition): void {
		this.tell(protocol.DEFINE, definition);
		this.rouse(Infinity);
	}

	/** So many calls follow: threads that sleep get up while these are made. */
	rouse(most: number): void {
		let n = most;
		for (const thread of this.all) if (n > 0 && thread?.stopping === null && this.wake(thread, SLEEPING)) n--;
	}

	/** Keeps the process alive, or not. */
	ref(on: boolean): void {
		for (const thread of this.all) thread?.host?.ref(on);
	}

	/** A thread has said something. */
	#heard(thread: Thread, message: protocol.Message): void {
		const crew = this.#crew;
		const [, kind] = message;
		if (kind === protocol.WAKE) crew.watch.woken();
		else if (kind === protocol.LINK) thread.links?.hear(message);
		else if (kind !== protocol.READY) crew.results.heard(thread, message);
		else {
			thread.ready = true;
			thread.starting?.cancel();
			this.#badStarts = 0;
			thread.idleSince = hostNow();
			crew.pool.threadReady();
			crew.pump();
		}
	}

	/** What joins channels and tokens to a thread: while there are some, the process lives as it does for calls of that runtime. */
	linksOf(thread: Thread, runtime: RuntimeCore): Links {
		if (thread.links !== null) {
			thread.links.runtime = runtime;
			return thread.links;
		}
		const { board } = this.#crew;
		const post = (message: protocol.Message, transfer: readonly object[]): void => {
			board?.say(thread.id);
			try {
				thread.host?.post(message, transfer);
			} catch (error) {
				// One that cannot be sent after all: the thread waits for as many as were counted.
				thread.host?.post([protocol.MARK, protocol.LINK, NO_LINK, CREDIT, 0], []);
				throw error;
			}
		};
		thread.links = new ThreadLinks(0, runtime, post, (of, n) => {
			this.linked += n;
			this.#crew.pool.keep(of, n);
			this.#crew.watch.rootsChanged();
			if (n < 0) this.sweep();
		});
		return thread.links;
	}

	// ---- which one does what

	/** An idle thread, kept for a message. */
	reserve(): Thread | null {
		const { board } = this.#crew;
		const { callsPerThread } = this.#crew.pool.options;
		for (const idle of board === null ? [0] : [SPINNING, SLEEPING, PARKED]) {
			for (const thread of this.all) {
				if (thread == null || !thread.ready || thread.retiring || thread.stopping !== null) continue;
				if (board === null ? thread.running < callsPerThread : board.change(thread.id, idle, RESERVED)) return thread;
			}
		}
		return null;
	}

	isIdle(thread: Thread): boolean {
		if (!thread.ready) return false;
		if (this.#crew.board === null) return thread.running === 0;
		const status = this.#crew.board.status(thread.id);
		return status >= SPINNING && status <= PARKED && !this.#hasCall(thread);
	}

	/** Whether it runs a call, or has sent a result that is not here yet: which may bring channels that keep it. */
	#hasCall(thread: Thread): boolean {
		return this.#crew.slots.jobs.some((job, slot) => job !== null && this.of(slot) === thread);
	}

	wake(thread: Thread, from: number): boolean {
		const { board } = this.#crew;
		if (board === null || !board.change(thread.id, from, SPINNING)) return false;
		if (from === SLEEPING) board.rouse(thread.id);
		else thread.host?.post(protocol.WAKE_UP, []);
		return true;
	}

	/** Wakes as many threads as there are calls to take, and starts some if that is not enough. */
	staff(): void {
		const { board } = this.#crew;
		let wanted = (board?.waiting ?? 0) + this.#crew.queue.size;
		if (wanted === 0) return;
		let some = false;
		for (const thread of this.all) {
			if (thread == null || thread.stopping !== null) continue;
			some = true;
			const status = board === null ? BUSY : board.status(thread.id);
			if (!thread.ready || status === SPINNING || status === FINISHING) wanted--;
			else if (board !== null && wanted > 0 && (this.wake(thread, SLEEPING) || this.wake(thread, PARKED))) wanted--;
			else if (board === null && !thread.retiring)
				wanted -= Math.max(0, this.#crew.pool.options.callsPerThread - thread.running);
		}
		while (wanted > 0 && this.#crew.pool.mayStart(this.#crew, some)) {
			if (!this.#start()) return;
			some = true;
			wanted--;
		}
	}

	// ---- life and death

	/** Starts a thread with the module of the call that has waited longest. */
	#start(): boolean {
		const job =
			this.#crew.queue.peek() ??
			this.#crew.slots.jobs.find((one) => one != null && this.#crew.board?.isReady(one.slot) === true);
		return job == null ? false : this.start(job.fn.source) !== null;
	}

	/** Starts a thread. Null if that failed, and the calls that wanted it with it, or if there is no place just now. */
	start(source: WorkerSource): Thread | null {
		const place = this.#freePlace();
		if (place < 0) return null;
		const id = this.#crew.board?.admit(place) ?? place;
		const url = typeof source === "string" ? source : null;
		const thread = new Thread(id, url, hostNow());
		const { options } = this.#crew.pool;
		const init: protocol.Init = {
			id,
			memory: this.#crew.board?.memory ?? null,
			url,
			callsPerThread: options.callsPerThread,
			spinMs: this.#crew.pool.spinMs,
			measures: options.recycle.heapMb !== Infinity,
			definitions: this.#crew.definitions.all(),
		};
		const listener = {
			message: (message: protocol.Message) => this.#heard(thread, message),
			ended: (ending: Ending) => this.#lost(thread, ending),
		};
		this.all[place] = thread;
		this.#crew.pool.threadStarts();
		try {
			if (this.#factory === null) thread.host = startThread(url as string, init, options.name, options, listener);
			else {
				thread.host = adoptThread(this.#factory(), listener);
				thread.host.post([protocol.MARK, protocol.INIT, init], []);
				// Whose file it runs is not known here: it may be one that never answers.
				thread.starting = setHostTimer(START_MS, () => {
					this.#lost(thread, { reason: "load", message: NO_ANSWER, cause: undefined });
					thread.stop("exit");
				});
			}
		} catch (error) {
			this.#lost(thread, { reason: "load", message: "its thread could not be started", cause: error });
			return null;
		}
		thread.host.ref(this.#crew.watch.holds);
		return thread;
	}

	#freePlace(): number {
		const i = this.all.indexOf(null);
		if (i >= 0) return i;
		return this.all.length < THREADS ? this.all.length : -1;
	}

	/** A thread has ended: its calls are lost, and nothing else. */
	#lost(thread: Thread, ended: Ending): void {
		const crew = this.#crew;
		const { board, slots } = crew;
		const { id } = thread;
		const place = placeOf(id);
		if (this.all[place] !== thread) return;
		crew.results.collect();
		thread.starting?.cancel();
		const ending = thread.endingOf(ended);
		board?.lose(id);
		const lingers = board !== null && thread.host?.lingers === true;
		if (!lingers) board?.complete(id);
		// What it has written before.
		crew.results.collect();
		const lost: Job[] = [];
		for (let slot = 0; slot < SLOTS; slot++) {
			const job = slots.jobs[slot];
			if (job == null || this.of(slot) !== thread) continue;
			if (!lingers) board?.free(slot);
			slots.release(slot, lingers);
			lost.push(job);
		}
		this.all[place] = null;
		if (lingers) linger(crew, board, id);
		const failed = !thread.ready && thread.stopping === null;
		for (const job of lost) crew.fail(job, lostError(job, ending));
		thread.links?.lost();
		// A thread that ended before it came up may have been killed; one that threw would throw again.
		if (failed && (ending.reason !== "exit" || ++this.#badStarts >= BAD_STARTS)) this.#unloadable(thread, ending);
		crew.pool.threadEnded(thread);
		crew.watch.kick();
	}

	/** A thread never came up: the calls that need its module cannot be served. */
	#unloadable(thread: Thread, { cause, message }: Ending): void {
		const error = (): WorkerLost => loadError(thread.url ?? "the worker of a factory", cause ?? new Error(message));
		this.#badStarts = 0;
		this.lastFailure = error();
		this.#crew.failAll((job) => this.#factory !== null || job.fn.source === thread.url, error);
	}

	/** Ends a thread as soon as it has nothing to do. True if it ends now. */
	retire(thread: Thread): boolean {
		if (thread.stopping !== null) return true;
		thread.retiring = true;
		const { board } = this.#crew;
		if (board === null) {
			if (thread.running > 0 || !thread.ready) return false;
		} else {
			board.retire(thread.id);
			const { id } = thread;
			const caught = [PARKED, SLEEPING, SPINNING].some((idle) => board.change(id, idle, RETIRED));
			if (!caught && board.status(id) !== RETIRED) return false;
		}
		if (thread.isLinked || this.#hasCall(thread)) return false;
		thread.stop("exit");
		return true;
	}

	/** Ends the threads that were asked to, and have nothing to do any more. */
	sweep(): void {
		for (const thread of this.all) if (thread?.retiring === true) this.retire(thread);
	}

	stopAll(reason: WorkerLostReason): void {
		for (const thread of this.all) thread?.stop(reason);
	}
}
