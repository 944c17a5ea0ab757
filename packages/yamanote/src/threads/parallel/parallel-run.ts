/**
 * One operation over many items: hands out chunks to the threads of a pool, as many as they can take, and the next one to whoever has ended.
 *
 * A few items that are known to be quick are not worth a message to another thread: they are done in place (`small`).
 */
import { Branch } from "../../core/branch.ts";
import { delegate } from "../../core/delegate.ts";
import { into } from "../../core/into.ts";
import { currentRuntime } from "../../core/runtime-core.ts";
import { Group } from "../../future/group.ts";
import { Call, type CallSettings } from "../call.ts";
import { sendClone } from "../check-send.ts";
import { NotSendError, type WorkerLost } from "../error.ts";
import { canShare } from "../host-worker.ts";
import { InPlace } from "../in-place.ts";
import { type PoolCore, poolOf } from "../pool-core.ts";
import { runsHere } from "../thread-state.ts";
import type { WorkerFunction } from "../worker-function.ts";
import { type ChunkDone, type Common, REDUCE, runChunk } from "./chunk-work.ts";
import { type Chunk, Chunking, type Pace } from "./chunking.ts";
import { combine, type Segment } from "./combine.ts";
import { formOf, isKept } from "./form.ts";
import { type Items, readItems } from "./items.ts";

/** @internal What is to be done. */
export interface Plan {
	readonly items: unknown;
	readonly op: number;
	readonly whole: boolean;
	readonly fn: WorkerFunction;
	readonly settings: CallSettings;
	readonly args: readonly unknown[];
	/** What a fold begins with. */
	readonly begin: readonly [unknown] | null;
	/** 0: what is best. */
	readonly chunk: number;
	/** 0: what the pool has. */
	readonly concurrency: number;
	readonly inPlace: boolean;
	readonly onProgress: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
}

type AnyFunction = (...args: unknown[]) => unknown;

/** So long the caller may be held up, instead of waiting for a thread. */
const IN_PLACE_US = 50;
/** More than that only if the items are slower than they were before: then threads take over. */
const IN_PLACE_MS = 0.2;
/** A function whose items were all quick, and that many, is believed to be quick. */
const ENOUGH_SEEN = 500;
const QUICK_US = 200;
/** Chunks that bring their items begin with so many. */
const FIRST_CARRIED = 16;
const FIRST_SHARED = 1 << 20;
const FIRST_WHOLE = 1_024;

const paces = new WeakMap<WorkerFunction, [items: Pace, chunks: Pace]>();

function paceOf(fn: WorkerFunction, whole: boolean): Pace {
	let both = paces.get(fn);
	if (both === undefined)
		paces.set(
			fn,
			(both = [
				{ us: 0, seen: 0, slowest: 0, waits: false },
				{ us: 0, seen: 0, slowest: 0, waits: false },
			]),
		);
	return both[whole ? 1 : 0];
}

/** @internal */
export class ParallelRun<out T> extends Group<T, WorkerLost> {
	readonly #plan: Plan;
	readonly #running: Map<Branch, Chunk> = new Map();
	#segments: Segment[] = [];
	#begun = false;
	#items: Items = null as never;
	#chunking: Chunking = null as never;
	#pool: PoolCore = null as never;
	#settings: CallSettings = null as never;
	/** The function as threads call it; null as long as none has. */
	#form: WorkerFunction | null = null;
	#most = 1;
	#folding = false;
	#failure: { readonly error: unknown } | null = null;

	constructor(plan: Plan) {
		super();
		this.#plan = plan;
	}

	protected override pollWoken(): boolean {
		if (!this.#begun) {
			this.#begun = true;
			this.#attempt(() => this.#begin());
		}
		return this.#decided() || super.pollWoken() || this.#decided();
	}

	#decided(): boolean {
		return this.#failure !== null || (this.#running.size === 0 && this.#chunking.isDone && !this.#folding);
	}

	#attempt(f: () => void): void {
		try {
			f();
		} catch (error) {
			this.#failure ??= { error };
		}
	}

	#begin(): void {
		const { items, whole, fn, settings, chunk, concurrency, op } = this.#plan;
		const read = (this.#items = readItems(items, whole));
		this.#pool = settings.pool ?? poolOf(currentRuntime());
		this.#settings = { ...settings, pool: this.#pool };
		const threads = Math.min(concurrency || Infinity, this.#pool.options.maxThreads);
		// One more for each thread waits on the board, so that none waits for the next.
		this.#most = concurrency > 0 || !canShare() ? threads : 2 * threads;
		const first = whole ? FIRST_WHOLE : this.#brings ? FIRST_CARRIED : FIRST_SHARED;
		this.#chunking = new Chunking(read.n, threads, chunk, paceOf(fn, whole), first);
		if (read.n === 0) this.#empty(op);
		else if (runsHere(fn.table)) this.#here();
		else {
			if (this.#isSmall()) this.#small();
			this.#fill();
		}
	}

	/** A chunk brings its items. */
	get #brings(): boolean {
		return this.#items.shared === null && Array.isArray(this.#plan.items);
	}

	#empty(op: number): void {
		const { begin } = this.#plan;
		if (op !== REDUCE) return;
		if (begin === null) throw new TypeError("parallel: reduce() of no items needs a value to begin with");
		this.#segments.push({ from: 0, payload: begin[0] });
	}

	// ---- in place

	#local(limitMs: number): ChunkDone | Generator<unknown, ChunkDone> {
		const { op, whole, args, fn, begin } = this.#plan;
		const { n, source } = this.#items;
		return runChunk(fn.local as AnyFunction, { op, whole, args }, source, 0, n, limitMs, begin);
	}

	/** Inside its own worker, a function runs in place. */
	#here(): void {
		const chunk = this.#chunking.all(Infinity);
		this.#start(chunk, new InPlace(() => this.#local(Infinity), []) as never);
	}

	/** Whether asking a thread would take longer than doing it. */
	#isSmall(): boolean {
		const { inPlace, chunk, whole, args, begin } = this.#plan;
		const { us, waits, seen, slowest } = this.#chunking.pace;
		if (!inPlace || chunk > 0 || waits || seen < ENOUGH_SEEN || this.#items.n * us > IN_PLACE_US) return false;
		if (!whole && slowest > QUICK_US) return false;
		return this.#items.isPlain(whole) && args.every(isPrimitive) && (begin === null || isPrimitive(begin[0]));
	}

	#small(): void {
		const chunk = this.#chunking.all(IN_PLACE_MS);
		const made = this.#local(IN_PLACE_MS);
		if (Array.isArray(made)) this.#took(chunk, owned(made));
		else this.#start(chunk, late(made));
	}

	// ---- on threads

	#fill(): void {
		while (this.#failure === null && this.#running.size < this.#most) {
			const chunk = this.#chunking.next();
			if (chunk === null) return;
			const { op, whole, args, fn, settings } = this.#plan;
			const { shared, copied } = this.#items;
			this.#form ??= formOf(fn, { op, whole, data: shared, copied, args }, settings.checked);
			this.#start(chunk, this.#call(chunk, this.#form) as never);
		}
	}

	#call(chunk: Chunk, form: WorkerFunction): Call<ChunkDone> {
		const { from, to, limitMs } = chunk;
		const { begin } = this.#plan;
		const [first = null, step = null] = this.#items.carried(from, to);
		const args: unknown[] = [from, to, limitMs];
		if (begin !== null && from === 0) args.push(first, step, begin);
		else if (first !== null) args.push(first, step);
		try {
			return new Call(form, this.#settings, args);
		} catch (error) {
			throw named(error, from);
		}
	}

	#start(chunk: Chunk, root: Iterator<unknown, unknown>): void {
		const m = new Branch(into(root), this as never, chunk.from);
		this.#running.set(m, chunk);
		this.enqueue(m);
		this.waker?.wake();
	}

	protected ended(m: Branch, ok: boolean, outcome: unknown): boolean {
		const chunk = this.#running.get(m) as Chunk;
		this.#running.delete(m);
		if (!ok) this.#failure ??= { error: outcome };
		else
			this.#attempt(() => {
				if (this.#folding) this.#folded(outcome as ChunkDone);
				else this.#took(chunk, outcome as ChunkDone);
				this.#fill();
			});
		return this.#decided();
	}

	#took(chunk: Chunk, [n, micros, slowest, waited, payload]: ChunkDone): void {
		const chunking = this.#chunking;
		chunking.ended(chunk, n, micros, slowest, waited);
		this.#segments.push({ from: chunk.from, payload });
		this.#plan.onProgress?.({ done: chunking.done, total: this.#items.n });
		if (!chunking.isDone) return;
		this.#segments.sort((a, b) => a.from - b.from);
		if (this.#plan.op === REDUCE && this.#segments.length > 1) this.#fold();
	}

	/** The chunks are folded: now what came of them, by one more call. */
	#fold(): void {
		this.#folding = true;
		const { fn, args, settings } = this.#plan;
		const items = this.#segments.map(({ payload }) => payload);
		const common: Common = { op: REDUCE, whole: false, data: null, copied: false, args };
		this.#release();
		this.#form = formOf(fn, common, settings.checked);
		const chunk = { from: 0, to: items.length, limitMs: Infinity };
		this.#start(chunk, new Call(this.#form, this.#settings, [0, items.length, Infinity, items, null]) as never);
	}

	#folded([, , , , payload]: ChunkDone): void {
		this.#folding = false;
		this.#segments = [{ from: 0, payload }];
	}

	// ---- the end

	protected rest(): Iterable<Branch> {
		return this.#running.keys();
	}

	protected outcome(): T {
		this.#release();
		if (this.#failure !== null) throw this.#failure.error;
		return combine(this.#plan.op, this.#segments, this.#items.source.at) as T;
	}

	protected discardResults(): void {
		this.#release();
	}

	/** Threads need not remember what this operation had in common. */
	#release(): void {
		const form = this.#form;
		this.#form = null;
		if (form !== null && !isKept(form)) this.#pool.forget(form);
	}
}

const isPrimitive = (value: unknown): boolean =>
	(typeof value !== "object" || value === null) && typeof value !== "function";

/** What a thread gives belongs to the caller alone, and so does this. */
function owned(done: ChunkDone): ChunkDone {
	const [n, micros, slowest, waited, payload] = done;
	if (payload instanceof Float64Array || isPrimitive(payload)) return done;
	return [n, micros, slowest, waited, sendClone(payload)];
}

function* late(made: Generator<unknown, ChunkDone>): Generator<unknown, ChunkDone> {
	return owned((yield* delegate(made)) as ChunkDone);
}

/** The place of an item among all items, not among those of its chunk. */
function named(error: unknown, from: number): unknown {
	if (!(error instanceof NotSendError)) return error;
	const found = /^args\[3\]\[(\d+)\](.*)$/s.exec(error.path);
	if (found === null) return error;
	return new NotSendError(`items[${from + Number(found[1])}]${found[2]}`, error.message.slice(error.path.length + 1));
}
