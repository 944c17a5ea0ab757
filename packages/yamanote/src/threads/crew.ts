/**
 * The calls to the functions of one source: how they wait, and get to a thread.
 *
 * A small call is posted on the board, for whichever thread is free first. A call with a large or special message waits until a thread is
 * idle, which is then reserved for it. Its threads: `crew-threads.ts`. How results are noticed, and come back: `watch.ts`, `crew-results.ts`.
 */
import { hostNow } from "../core/host.ts";
import { Board } from "./board.ts";
import { PARKED, RESERVED, ROOM, SLOTS, SPINNING } from "./board-memory.ts";
import { copy, packArguments, packArgumentsInto } from "./codec/pack.ts";
import { CrewResults } from "./crew-results.ts";
import { CrewThreads } from "./crew-threads.ts";
import { Definitions } from "./definitions.ts";
import type { WorkerLost } from "./error.ts";
import { canShare } from "./host-worker.ts";
import { ENDED, type Job, JobQueue, QUEUED } from "./job.ts";
import { activate } from "./links/links.ts";
import type { PoolCore } from "./pool-core.ts";
import * as protocol from "./protocol.ts";
import { Slots } from "./slots.ts";
import { Watch } from "./watch.ts";
import type { WorkerFunction, WorkerSource } from "./worker-function.ts";

/** How far the board is filled ahead of the threads, in time: so long may a call of higher priority have to wait. */
const AHEAD_US = 500;

/** @internal */
export class Crew {
	readonly pool: PoolCore;
	readonly board: Board | null = canShare() ? Board.create() : null;
	/** Calls that wait for a place. */
	readonly queue: JobQueue = new JobQueue();
	readonly slots: Slots = new Slots();
	readonly threads: CrewThreads;
	readonly results: CrewResults;
	readonly watch: Watch;
	readonly definitions: Definitions;

	constructor(pool: PoolCore, source: WorkerSource) {
		this.pool = pool;
		const threads = (this.threads = new CrewThreads(this, source));
		this.results = new CrewResults(this);
		this.watch = new Watch(this);
		this.definitions = new Definitions((definition) => threads.define(definition));
	}

	/** Calls that are out: on the board, or with a thread. */
	get sent(): number {
		return this.slots.used;
	}

	submit(job: Job): void {
		job.state = QUEUED;
		job.since = hostNow();
		if (this.queue.size > 0 || !this.#place(job)) this.queue.push(job);
		this.watch.kick();
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
			this.slots.release(job.slot);
			job.state = ENDED;
			this.watch.kick();
			return true;
		}
		board?.abort(job.slot);
		const thread = this.threads.of(job.slot);
		thread?.host?.post([protocol.MARK, protocol.ABORT, job.slot, job.serial], []);
		return false;
	}

	/** More items of a stream may come. */
	credit(job: Job, n: number): void {
		this.threads.of(job.slot)?.host?.post([protocol.MARK, protocol.CREDIT, job.slot, job.serial, n], []);
	}

	/** Sends a call, if there is room for it. */
	#place(job: Job): boolean {
		if (this.sent >= this.#limit()) return false;
		const slot = this.slots.next;
		// The others are kept for threads that may still write.
		if (slot === undefined) return false;
		const { board } = this;
		if (board?.isFull === true) return false;
		const id = this.definitions.idOf(job.fn);
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
				this.slots.take(job, slot);
				board.post(slot, job.serial, (id << 1) | (job.checked ? 1 : 0));
				return true;
			}
		}
		let thread = this.threads.reserve();
		if (thread === null && board !== null) {
			board.want();
			// One may have become idle in between.
			thread = this.threads.reserve();
		}
		if (thread === null) return false;
		const packed = job.packed ?? packArguments(job.args, true);
		this.slots.take(job, slot);
		const { bytes, extras } = packed;
		const links = packed.moved === null ? null : this.threads.linksOf(thread, job.runtime).bind(packed);
		const message = [protocol.MARK, protocol.CALL, slot, job.serial, id, bytes, extras, job.checked, links] as const;
		this.slots.holders[slot] = thread;
		thread.running++;
		board?.postTo(slot, thread.id);
		try {
			thread.host?.post(message, protocol.listed(packed));
			activate(packed);
		} catch (error) {
			thread.links?.unbind(links);
			// Something that cannot be cloned after all: the thread waits for a call, so it gets none by a wake.
			this.slots.release(slot);
			board?.free(slot);
			thread.running--;
			board?.change(thread.id, RESERVED, SPINNING);
			this.threads.wake(thread, PARKED);
			this.pool.ended(job, "failed");
			job.settle(false, error);
			return true;
		}
		board?.rouse(thread.id);
		return true;
	}

	/** How many calls may be out at once. */
	#limit(): number {
		const { most, options } = this.pool;
		const calls = most * options.callsPerThread;
		if (this.board === null) return Math.min(SLOTS, calls);
		return Math.min(SLOTS, calls + Math.ceil((AHEAD_US / this.results.pace) * most));
	}

	/** A function is never called again. */
	forget(fn: WorkerFunction): void {
		const id = this.definitions.forget(fn);
		if (id !== undefined) this.threads.tell(protocol.FORGET, id);
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
		this.threads.staff();
	}

	/** Fails the calls that no thread has taken, and that `test` is true of. */
	failAll(test: (job: Job) => boolean, error: (job: Job) => WorkerLost): void {
		for (const job of [...this.queue]) {
			if (!test(job)) continue;
			this.queue.forget();
			this.fail(job, error(job));
		}
		for (let slot = 0; slot < SLOTS; slot++) {
			const job = this.slots.jobs[slot];
			if (job == null || !test(job) || this.board?.revoke(slot) !== true) continue;
			this.slots.release(slot);
			this.fail(job, error(job));
		}
	}

	fail(job: Job, error: WorkerLost): void {
		job.state = ENDED;
		this.pool.ended(job, "lost");
		job.settle(false, error);
	}

	/** Calls that stand on the board, and no thread has taken. */
	get posted(): number {
		let n = 0;
		if (this.board !== null) for (const job of this.slots.jobs) if (job !== null && this.board.isReady(job.slot)) n++;
		return n;
	}
}
