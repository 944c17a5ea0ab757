/** How results come back to a crew: over the board, or as messages of its threads. */
import { hostNow, hostTurn } from "../core/host.ts";
import { currentRuntime } from "../core/runtime-core.ts";
import type { Board } from "./board.ts";
import { OK, SLOTS } from "./board-memory.ts";
import { Decoder } from "./codec/decode.ts";
import { unpackValue } from "./codec/pack.ts";
import type { Crew } from "./crew.ts";
import type { Job } from "./job.ts";
import * as protocol from "./protocol.ts";
import { markBorder } from "./stack-border.ts";
import type { Thread } from "./thread.ts";

const PARTS = SLOTS / 32;

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
export class CrewResults {
	readonly #crew: Crew;
	readonly #decoder: Decoder | null;
	/** How far the board has been read. */
	#seen = 0;
	/** Microseconds that a call runs, on average of late. */
	pace = 1_000;

	constructor(crew: Crew) {
		this.#crew = crew;
		this.#decoder = crew.board === null ? null : new Decoder(crew.board.bytes);
	}

	/** Reads the results that have been written. True if there were any. */
	collect(): boolean {
		const { board, slots } = this.#crew;
		if (board === null || board.results === this.#seen) return false;
		this.#seen = board.results;
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
		if (done.length > 1) done.sort((a, b) => slots.serialOf(a) - slots.serialOf(b));
		for (const slot of done) this.#written(board, slot, now);
		if (done.length > 0) this.#crew.pump();
		return done.length > 0;
	}

	#written(board: Board, slot: number, now: number): void {
		const { slots, threads } = this.#crew;
		const job = slots.jobs[slot] ?? null;
		// Of a thread that lingers.
		if (job === null) return;
		const thread = threads.named(board.doneBy(slot));
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
		const crew = this.#crew;
		const { pool } = crew;
		crew.slots.release(slot);
		this.pace += (Math.max(1, micros) - this.pace) / 8;
		if (thread !== null) {
			thread.calls++;
			thread.idleSince = now;
			pool.mayRecycle(crew, thread, now);
		}
		if (!ok) markBorder(value, job.fn.name, pool.options.name);
		pool.ended(job, ok ? "completed" : "failed", (now - job.since) * 1_000 - micros, micros);
		job.settle(ok, value);
	}

	/** A thread has said something about a call. */
	heard(thread: Thread, [, kind, ...rest]: protocol.Message): void {
		const crew = this.#crew;
		const { threads } = crew;
		const [slot, serial] = rest as [number, number];
		const job = crew.slots.jobs[slot];
		const known = job != null && job.serial === serial;
		if (kind === protocol.ITEM) {
			const [, , bytes, extras, ids] = rest as [number, number, Uint8Array, unknown[] | null, number[] | null];
			if (known) job.item(this.#unpack(thread, job, bytes, extras, ids));
			else if (ids !== null) threads.linksOf(thread, currentRuntime()).refuse(ids);
			return;
		}
		const [, , outcome, bytes, extras, micros, ids] = rest as Result;
		outliveResult();
		if (!known) {
			if (ids !== null) threads.linksOf(thread, currentRuntime()).refuse(ids);
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
		crew.board?.free(slot);
		this.#ended(job, slot, thread, ok, value, micros, hostNow());
		this.collect();
		crew.pump();
		crew.watch.kick();
	}

	#unpack(thread: Thread, job: Job, bytes: Uint8Array, extras: unknown[] | null, ids: number[] | null): unknown {
		if (ids === null) return unpackValue({ bytes, extras });
		const links = this.#crew.threads.linksOf(thread, job.runtime);
		links.announce(ids);
		try {
			return unpackValue({ bytes, extras }, links);
		} finally {
			links.drop(ids);
		}
	}
}
