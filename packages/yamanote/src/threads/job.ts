/** A call as a pool sees it, and the queue of those that wait. */
import type { RuntimeCore } from "../core/runtime-core.ts";
import type { Packed } from "./codec/pack.ts";
import type { WorkerFunction } from "./worker-function.ts";

export const NEW = 0;
/** It waits for a place. */
export const QUEUED = 1;
/** A thread has it, or may take it from the board. */
export const SENT = 2;
export const ENDED = 3;

/** @internal What a pool runs. */
export interface Job {
	state: number;
	slot: number;
	serial: number;
	/** When it was handed to the pool; then, when it was sent. */
	since: number;
	/** The next in the queue. */
	queued: Job | null;
	readonly fn: WorkerFunction;
	readonly priority: number;
	/** Packed beforehand; null for simple arguments. */
	readonly packed: Packed | null;
	readonly args: readonly unknown[];
	readonly checked: boolean;
	readonly runtime: RuntimeCore;
	/** The outcome is here. Called once. */
	settle(ok: boolean, value: unknown): void;
	/** A message about it: an item of a stream. */
	item(value: unknown): void;
}

/** @internal First in, first out, for each priority. */
export class JobQueue {
	/** From the highest priority down. */
	readonly #lanes: { readonly priority: number; head: Job | null; tail: Job | null }[] = [];
	size = 0;

	push(job: Job): void {
		const lane = this.#lane(job.priority);
		job.queued = null;
		if (lane.tail === null) lane.head = job;
		else lane.tail.queued = job;
		lane.tail = job;
		this.size++;
	}

	#lane(priority: number): { head: Job | null; tail: Job | null } {
		const lanes = this.#lanes;
		let i = 0;
		while (i < lanes.length && (lanes[i] as { priority: number }).priority > priority) i++;
		const found = lanes[i];
		if (found !== undefined && found.priority === priority) return found;
		const lane = { priority, head: null, tail: null };
		lanes.splice(i, 0, lane);
		return lane;
	}

	peek(): Job | null {
		for (const lane of this.#lanes) {
			while (lane.head !== null && lane.head.state === ENDED) lane.head = lane.head.queued;
			if (lane.head !== null) return lane.head;
			lane.tail = null;
		}
		return null;
	}

	/** Takes the job that `peek` has shown. */
	shift(job: Job): void {
		const lane = this.#lane(job.priority);
		lane.head = job.queued;
		if (lane.head === null) lane.tail = null;
		job.queued = null;
		this.size--;
	}

	/** Puts a job back to the front of its lane. */
	unshift(job: Job): void {
		const lane = this.#lane(job.priority);
		job.queued = lane.head;
		lane.head = job;
		lane.tail ??= job;
		this.size++;
	}

	/** The job has ended: it is passed over when its turn comes. */
	forget(): void {
		this.size--;
	}

	/** Every job that waits. */
	*[Symbol.iterator](): Generator<Job> {
		for (const lane of this.#lanes) {
			for (let job = lane.head; job !== null; ) {
				const next: Job | null = job.queued;
				if (job.state !== ENDED) yield job;
				job = next;
			}
		}
	}
}
