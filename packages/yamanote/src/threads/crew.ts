/**
 * The threads that run the functions of one source, the calls that they run, and those that wait for them.
 *
 * A small call is posted on the board, for whichever thread is free first. A call with a large or special message waits until a thread is
 * idle, which is then reserved for it. How results are noticed: `watch.ts`.
 */
import { hostNow, hostTurn, setHostTimer } from "../core/host.ts";
import { currentRuntime, type RuntimeCore } from "../core/runtime-core.ts";
import { Board } from "./board.ts";
import {
	BUSY,
	FINISHING,
	OK,
	PARKED,
	placeOf,
	RESERVED,
	RETIRED,
	ROOM,
	SLEEPING,
	SLOTS,
	SPINNING,
	THREADS,
} from "./board-memory.ts";
import { Decoder } from "./codec/decode.ts";
import { copy, packArguments, packArgumentsInto, unpackValue } from "./codec/pack.ts";
import { Definitions } from "./definitions.ts";
import { WorkerLost, type WorkerLostReason } from "./error.ts";
import { adoptThread, canShare, type Ending, startThread } from "./host-worker.ts";
import { ENDED, type Job, JobQueue, QUEUED } from "./job.ts";
import { activate, type Links } from "./links/links.ts";
import { ThreadLinks } from "./links/moved.ts";
import { loadError } from "./load-error.ts";
import type { PoolCore } from "./pool-core.ts";
import * as protocol from "./protocol.ts";
import { Slots } from "./slots.ts";
import { markBorder } from "./stack-border.ts";
import { Thread } from "./thread.ts";
import { Watch } from "./watch.ts";
import type { WorkerFunction, WorkerSource } from "./worker-function.ts";

const PARTS = SLOTS / 32;
/** How far the board is filled ahead of the threads, in time: so long may a call of higher priority have to wait. */
const AHEAD_US = 500;
/** So long a thread may take to write a result that it had begun when it was lost, where the engine does not say when it has stopped. */
const LINGER_MS = 5_000;
/** So long the worker of a factory has to load its modules. */
const START_MS = 30_000;
const NO_ANSWER = "it did not call defineWorker within 30 s: is it the file of these functions?";
/** So many threads in a row that end before they come up are a fault of the module. */
const BAD_STARTS = 3;

/** What stands behind the kind of a {@link protocol.RESULT}. */
type Result = [
	slot: number,
	serial: number,
	outcome: number,
	bytes: Uint8Array,
	extras: unknown[] | null,
	micros: number,
	ids: number[] | null,
];

/** Keeps the process alive while its loop turns: what a thread has printed may be on its way when the last result is here. */
function outliveResult(): void {
	// The turn that runs now may have looked for messages already.
	hostTurn(() => hostTurn(() => {})?.ref(true))?.ref(true);
}

/** @internal */
export class Crew {
	readonly pool: PoolCore;
	readonly #factory: (() => object) | null;
	readonly board: Board | null = canShare() ? Board.create() : null;
	readonly #decoder: Decoder | null = this.board === null ? null : new Decoder(this.board.bytes);
	readonly queue: JobQueue = new JobQueue();
	readonly threads: (Thread | null)[] = [];
	readonly #slots: Slots = new Slots();
	readonly #watch: Watch;
	readonly #definitions: Definitions = new Definitions((definition) => this.#tell(protocol.DEFINE, definition));
	/** Threads that ended before they came up, one after the other. */
	#badStarts = 0;
	#results = 0;
	/** Microseconds that a call runs, on average of late. */
	#pace = 1_000;
	/** Links to threads that the process lives for. */
	linked = 0;
	/** Why a thread did not come up. */
	lastFailure: unknown = undefined;

	constructor(pool: PoolCore, source: WorkerSource) {
		this.pool = pool;
		this.#factory = typeof source === "string" ? null : source;
		this.#watch = new Watch(this);
	}

	/** Calls that are out: on the board, or with a thread. */
	get sent(): number {
		return this.#slots.used;
	}

	// ---- calls

	submit(job: Job): void {
		job.state = QUEUED;
		job.since = hostNow();
		if (this.queue.size > 0 || !this.#place(job)) this.queue.push(job);
		this.#watch.kick();
	}

	/** The caller has dropped a call. True if it is over with that. */
	cancel(job: Job): boolean {
		if (job.state === QUEUED) {
			job.state = ENDED;
			this.queue.forget();
			return true;
		}
		const { board } = this;
		if (board?.revoke(job.slot) === true) {
			this.#slots.release(job.slot);
			job.state = ENDED;
			this.#watch.kick();
			return true;
		}
		board?.abort(job.slot);
		const thread = this.threadOf(job.slot);
		thread?.host?.post([protocol.MARK, protocol.ABORT, job.slot, job.serial], []);
		return false;
	}

	/** The thread that runs a call, if one has it. */
	threadOf(slot: number): Thread | null {
		return this.board === null ? (this.#slots.holders[slot] ?? null) : this.#named(this.board.takenBy(slot));
	}

	/** The thread of that number, if it is still there. */
	#named(id: number): Thread | null {
		const thread = id < 0 ? null : (this.threads[placeOf(id)] ?? null);
		return thread?.id === id ? thread : null;
	}

	/** More items of a stream may come. */
	credit(job: Job, n: number): void {
		this.threadOf(job.slot)?.host?.post([protocol.MARK, protocol.CREDIT, job.slot, job.serial, n], []);
	}

	/** Sends a call, if there is room for it. */
	#place(job: Job): boolean {
		if (this.sent >= this.#limit()) return false;
		const slot = this.#slots.next;
		// The others are kept for threads that may still write.
		if (slot === undefined) return false;
		const { board } = this;
		if (board?.isFull === true) return false;
		const id = this.#definitions.idOf(job.fn);
		if (board !== null) {
			let { packed } = job;
			const at = board.at(slot);
			if (packed === null) {
				const n = packArgumentsInto(job.args, board.bytes, at, ROOM);
				if (typeof n !== "number") packed = n;
			} else if (packed.extras === null && packed.bytes.length <= ROOM) {
				copy(packed.bytes, packed.bytes.length, board.bytes, at);
				packed = null;
			}
			if (packed === null) {
				this.#slots.take(job, slot);
				board.post(slot, job.serial, (id << 1) | (job.checked ? 1 : 0));
				return true;
			}
		}
		let thread = this.#reserve();
		if (thread === null && board !== null) {
			board.want();
			// One may have become idle in between.
			thread = this.#reserve();
		}
		if (thread === null) return false;
		const packed = job.packed ?? packArguments(job.args, true);
		this.#slots.take(job, slot);
		const { bytes, extras } = packed;
		const links = packed.moved === null ? null : this.#linksOf(thread, job.runtime).bind(packed);
		const message = [protocol.MARK, protocol.CALL, slot, job.serial, id, bytes, extras, job.checked, links] as const;
		this.#slots.holders[slot] = thread;
		thread.running++;
		board?.postTo(slot, thread.id);
		try {
			thread.host?.post(message, protocol.listed(packed));
			activate(packed);
		} catch (error) {
			thread.links?.unbind(links);
			// Something that cannot be cloned after all: the thread waits for a call, so it gets none by a wake.
			this.#slots.release(slot);
			board?.free(slot);
			thread.running--;
			board?.change(thread.id, RESERVED, SPINNING);
			this.#wake(thread, PARKED);
			this.pool.ended(job, "failed");
			job.settle(false, error);
			return true;
		}
		board?.rouse(thread.id);
		return true;
	}

	/** How many calls may be out at once. */
	#limit(): number {
		const { callsPerThread, maxThreads } = this.pool.options;
		const threads = maxThreads * callsPerThread;
		if (this.board === null) return Math.min(SLOTS, threads);
		return Math.min(SLOTS, threads + Math.ceil((AHEAD_US / this.#pace) * maxThreads));
	}

	/** A function is never called again. */
	forget(fn: WorkerFunction): void {
		const id = this.#definitions.forget(fn);
		if (id !== undefined) this.#tell(protocol.FORGET, id);
	}

	#tell(kind: number, what: unknown): void {
		for (const thread of this.threads) thread?.host?.post([protocol.MARK, kind, what], []);
	}

	/** Sends what waits, and sees that there are threads for it. */
	pump(): void {
		const { queue } = this;
		while (queue.size > 0) {
			const job = queue.peek();
			if (job === null || this.sent >= this.#limit()) break;
			queue.shift(job);
			if (!this.#place(job)) {
				queue.unshift(job);
				break;
			}
		}
		this.#staff();
	}

	// ---- results

	/** Reads the results that have been written. True if there were any. */
	collect(): boolean {
		const { board } = this;
		if (board === null || board.results === this.#results) return false;
		this.#results = board.results;
		const now = hostNow();
		const done: number[] = [];
		for (let part = 0; part < PARTS; part++) {
			let bits = board.takeDone(part);
			while (bits !== 0) {
				const bit = 31 - Math.clz32(bits & -bits);
				bits &= bits - 1;
				done.push((part << 5) | bit);
			}
		}
		// In the order in which they were sent, so that tasks are woken in that order.
		if (done.length > 1) done.sort((a, b) => this.#slots.serialOf(a) - this.#slots.serialOf(b));
		for (const slot of done) this.#written(board, slot, now);
		if (done.length > 0) this.pump();
		return done.length > 0;
	}

	#written(board: Board, slot: number, now: number): void {
		const job = this.#slots.jobs[slot] ?? null;
		// Of a thread that lingers.
		if (job === null) return;
		const thread = this.#named(board.doneBy(slot));
		const decoder = this.#decoder as Decoder;
		let ok = board.outcome(slot) === OK;
		const micros = board.micros(slot);
		let value: unknown;
		try {
			decoder.start(board.at(slot), null);
			value = decoder.value();
		} catch (error) {
			ok = false;
			value = error;
		}
		board.free(slot);
		this.#ended(job, slot, thread, ok, value, micros, now);
	}

	#ended(
		job: Job,
		slot: number,
		thread: Thread | null,
		ok: boolean,
		value: unknown,
		micros: number,
		now: number,
	): void {
		this.#slots.release(slot);
		this.#pace += (Math.max(1, micros) - this.#pace) / 8;
		if (thread !== null) {
			thread.calls++;
			thread.idleSince = now;
			this.pool.mayRecycle(this, thread, now);
		}
		if (!ok) markBorder(value, job.fn.name, this.pool.options.name);
		this.pool.ended(job, ok ? "completed" : "failed", (now - job.since) * 1_000 - micros, micros);
		job.settle(ok, value);
	}

	/** A thread has said something. */
	#heard(thread: Thread, [, kind, ...rest]: protocol.Message): void {
		if (kind === protocol.READY) {
			thread.ready = true;
			thread.starting?.cancel();
			this.#badStarts = 0;
			thread.idleSince = hostNow();
			this.pool.threadReady();
			return this.pump();
		}
		if (kind === protocol.WAKE) return this.#watch.woken();
		if (kind === protocol.LINK) return thread.links?.hear([protocol.MARK, kind, ...rest]);
		const [slot, serial] = rest as [number, number];
		const job = this.#slots.jobs[slot];
		const known = job != null && job.serial === serial;
		if (kind === protocol.ITEM) {
			const [, , bytes, extras, ids] = rest as [number, number, Uint8Array, unknown[] | null, number[] | null];
			if (known) job.item(this.#unpack(thread, job, bytes, extras, ids));
			else if (ids !== null) this.#linksOf(thread, currentRuntime()).refuse(ids);
			return;
		}
		const [, , outcome, bytes, extras, micros, ids] = rest as Result;
		outliveResult();
		if (!known) {
			if (ids !== null) this.#linksOf(thread, currentRuntime()).refuse(ids);
			return;
		}
		let ok = outcome === OK;
		let value: unknown;
		try {
			value = this.#unpack(thread, job, bytes, extras, ids);
		} catch (error) {
			ok = false;
			value = error;
		}
		thread.running = Math.max(0, thread.running - 1);
		this.board?.free(slot);
		this.#ended(job, slot, thread, ok, value, micros, hostNow());
		this.collect();
		this.pump();
		this.#watch.kick();
	}

	#unpack(thread: Thread, job: Job, bytes: Uint8Array, extras: unknown[] | null, ids: number[] | null): unknown {
		if (ids === null) return unpackValue({ bytes, extras });
		const links = this.#linksOf(thread, job.runtime);
		links.announce(ids);
		try {
			return unpackValue({ bytes, extras }, links);
		} finally {
			links.drop(ids);
		}
	}

	/** What joins channels and tokens to a thread: while there are some, the process lives as it does for calls of that runtime. */
	#linksOf(thread: Thread, runtime: RuntimeCore): Links {
		if (thread.links !== null) {
			thread.links.runtime = runtime;
			return thread.links;
		}
		const post = (message: protocol.Message, transfer: readonly object[]): void => thread.host?.post(message, transfer);
		thread.links = new ThreadLinks(0, runtime, post, (of, n) => {
			this.linked += n;
			this.pool.keep(of, n);
			this.#watch.rootsChanged();
			if (n < 0) this.sweep();
		});
		return thread.links;
	}

	// ---- threads

	/** An idle thread, kept for a message. */
	#reserve(): Thread | null {
		const { board } = this;
		const { callsPerThread } = this.pool.options;
		for (const idle of board === null ? [0] : [SPINNING, SLEEPING, PARKED]) {
			for (const thread of this.threads) {
				if (thread == null || !thread.ready || thread.retiring || thread.stopping !== null) continue;
				if (board === null ? thread.running < callsPerThread : board.change(thread.id, idle, RESERVED)) return thread;
			}
		}
		return null;
	}

	isIdle(thread: Thread): boolean {
		if (!thread.ready) return false;
		if (this.board === null) return thread.running === 0;
		const status = this.board.status(thread.id);
		return status >= SPINNING && status <= PARKED && !this.#hasCall(thread);
	}

	/** Whether it runs a call, or has sent a result that is not here yet: which may bring channels that keep it. */
	#hasCall(thread: Thread): boolean {
		return this.#slots.jobs.some((job, slot) => job !== null && this.threadOf(slot) === thread);
	}

	#wake(thread: Thread, from: number): boolean {
		const { board } = this;
		if (board === null || !board.change(thread.id, from, SPINNING)) return false;
		if (from === SLEEPING) board.rouse(thread.id);
		else thread.host?.post(protocol.WAKE_UP, []);
		return true;
	}

	/** Wakes as many threads as there are calls to take, and starts some if that is not enough. */
	#staff(): void {
		const { board } = this;
		let wanted = (board?.waiting ?? 0) + this.queue.size;
		if (wanted === 0) return;
		let some = false;
		for (const thread of this.threads) {
			if (thread == null || thread.stopping !== null) continue;
			some = true;
			const status = board === null ? BUSY : board.status(thread.id);
			if (!thread.ready || status === SPINNING || status === FINISHING) wanted--;
			else if (board !== null && wanted > 0 && (this.#wake(thread, SLEEPING) || this.#wake(thread, PARKED))) wanted--;
			else if (board === null) wanted -= Math.max(0, this.pool.options.callsPerThread - thread.running);
		}
		while (wanted > 0 && this.pool.mayStart(this, some)) {
			if (!this.#start()) return;
			some = true;
			wanted--;
		}
	}

	/** Starts a thread with the module of the call that has waited longest. */
	#start(): boolean {
		const job =
			this.queue.peek() ?? this.#slots.jobs.find((one) => one != null && this.board?.isReady(one.slot) === true);
		return job == null ? false : this.start(job.fn.source) !== null;
	}

	/** Starts a thread. Null if that failed, and the calls that wanted it with it, or if there is no place just now. */
	start(source: WorkerSource): Thread | null {
		const place = this.#freePlace();
		if (place < 0) return null;
		const id = this.board?.admit(place) ?? place;
		const url = typeof source === "string" ? source : null;
		const thread = new Thread(id, url, hostNow());
		const { options } = this.pool;
		const init: protocol.Init = {
			id,
			memory: this.board?.memory ?? null,
			url,
			callsPerThread: options.callsPerThread,
			spinMs: this.pool.spinMs,
			definitions: this.#definitions.all(),
		};
		const listener = {
			message: (message: protocol.Message) => this.#heard(thread, message),
			ended: (ending: Ending) => this.#lost(thread, ending),
		};
		this.threads[place] = thread;
		this.pool.threadStarts(thread);
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
		thread.host.ref(this.#watch.holds);
		return thread;
	}

	#freePlace(): number {
		const i = this.threads.indexOf(null);
		if (i >= 0) return i;
		return this.threads.length < THREADS ? this.threads.length : -1;
	}

	/** A thread has ended: its calls are lost, and nothing else. */
	#lost(thread: Thread, ended: Ending): void {
		const { board } = this;
		const { id } = thread;
		const place = placeOf(id);
		if (this.threads[place] !== thread) return;
		this.collect();
		thread.starting?.cancel();
		const ending = thread.endingOf(ended);
		board?.lose(id);
		const lingers = board !== null && thread.host?.lingers === true;
		if (!lingers) board?.complete(id);
		// What it has written before.
		this.collect();
		const lost: Job[] = [];
		for (let slot = 0; slot < SLOTS; slot++) {
			const job = this.#slots.jobs[slot];
			if (job == null || this.threadOf(slot) !== thread) continue;
			if (!lingers) board?.free(slot);
			this.#slots.release(slot, lingers);
			lost.push(job);
		}
		this.threads[place] = null;
		if (lingers) this.#linger(board, id);
		const failed = !thread.ready && thread.stopping === null;
		for (const job of lost) this.#fail(job, this.#lostError(job, ending));
		thread.links?.lost();
		// A thread that ended before it came up may have been killed; one that threw would throw again.
		if (failed && (ending.reason !== "exit" || ++this.#badStarts >= BAD_STARTS)) this.#unloadable(thread, ending);
		this.pool.threadEnded(this, thread);
		this.#watch.kick();
	}

	/** A thread is lost, but may write a result that it has begun: its slots are given to nobody until it must have. */
	#linger(board: Board, id: number): void {
		setHostTimer(LINGER_MS, () => {
			this.collect();
			for (let slot = 0; slot < SLOTS; slot++) {
				if (board.holder(slot) !== id) continue;
				const job = this.#slots.jobs[slot] ?? null;
				board.free(slot);
				if (job === null) {
					this.#slots.giveBack(slot);
					continue;
				}
				// It took it just when it was lost.
				this.#slots.release(slot);
				this.#fail(job, this.#lostError(job, { reason: "exit", message: "its thread has ended", cause: undefined }));
			}
			this.pump();
		});
	}

	#lostError({ fn }: Job, { reason, message, cause }: Ending): WorkerLost {
		return new WorkerLost(reason, `${fn.name}: ${message}`, cause);
	}

	/** A thread never came up: the calls that need its module cannot be served. */
	#unloadable(thread: Thread, { cause, message }: Ending): void {
		const error = (): WorkerLost => loadError(thread.url ?? "the worker of a factory", cause ?? new Error(message));
		this.#badStarts = 0;
		this.lastFailure = error();
		this.failAll((job) => this.#factory !== null || job.fn.source === thread.url, error);
	}

	/** Fails the calls that no thread has taken, and that `test` is true of. */
	failAll(test: (job: Job) => boolean, error: (job: Job) => WorkerLost): void {
		for (const job of [...this.queue]) {
			if (!test(job)) continue;
			this.queue.forget();
			this.#fail(job, error(job));
		}
		for (let slot = 0; slot < SLOTS; slot++) {
			const job = this.#slots.jobs[slot];
			if (job == null || !test(job) || this.board?.revoke(slot) !== true) continue;
			this.#slots.release(slot);
			this.#fail(job, error(job));
		}
	}

	#fail(job: Job, error: WorkerLost): void {
		job.state = ENDED;
		this.pool.ended(job, "lost");
		job.settle(false, error);
	}

	/** Ends a thread as soon as it has nothing to do. True if it ends now. */
	retire(thread: Thread): boolean {
		if (thread.stopping !== null) return true;
		thread.retiring = true;
		const { board } = this;
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
		for (const thread of this.threads) if (thread?.retiring === true) this.retire(thread);
	}

	stopAll(reason: WorkerLostReason): void {
		for (const thread of this.threads) thread?.stop(reason);
	}

	/** Calls that stand on the board, and no thread has taken. */
	get posted(): number {
		let n = 0;
		if (this.board !== null) for (const job of this.#slots.jobs) if (job !== null && this.board.isReady(job.slot)) n++;
		return n;
	}

	/** Keeps the process alive, or not. */
	ref(on: boolean): void {
		for (const thread of this.threads) thread?.host?.ref(on);
	}

	/** A runtime has begun or ceased to be waited for. */
	rootsChanged(): void {
		this.#watch.rootsChanged();
	}
}
