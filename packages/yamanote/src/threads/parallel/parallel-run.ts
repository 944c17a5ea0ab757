/**
 * One operation over many items: hands out chunks to the threads of a pool, as many as they can take, and the next one to whoever has ended;
 * or, where all threads see the items, leave to take some (`chunking.ts`).
 *
 * A few items that are known to be quick are not worth a message to another thread: they are done in place (`small`).
 */
import { Branch } from "../../core/branch.ts";
import { delegate } from "../../core/delegate.ts";
import { discard } from "../../core/discard.ts";
import { Future } from "../../core/future.ts";
import { into } from "../../core/into.ts";
import { type Context, Pending, type Poll, type Waker } from "../../core/poll.ts";
import { currentRuntime } from "../../core/runtime-core.ts";
import { rethrown } from "../../core/stack.ts";
import { type CallSettings, submit } from "../call.ts";
import { sendClone } from "../check-send.ts";
import type { WorkerLost } from "../error.ts";
import { canShare } from "../host-worker.ts";
import { InPlace } from "../in-place.ts";
import { type PoolCore, poolOf } from "../pool-core.ts";
import { runsHere } from "../thread-state.ts";
import type { WorkerFunction } from "../worker-function.ts";
import { CHUNK, ChunkJob, FOLD, named, type Operation } from "./chunk-job.ts";
import { type ChunkDone, runChunk } from "./chunk-work.ts";
import { type Chunk, Chunking, CLAIM, paceOf } from "./chunking.ts";
import type { Claims } from "./claims.ts";
import { claimsFormOf } from "./claims-form.ts";
import { combine, type Segment } from "./combine.ts";
import { type Common, isPrimitive, REDUCE } from "./common.ts";
import { type Form, formOf } from "./form.ts";
import { type Items, readItems } from "./items.ts";
import { LONGEST_MS } from "./sizing.ts";
import { later, type Report, report } from "./thread-chunks.ts";

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
/** Less is not worth memory of its own. */
const CLAIMED_US = 1_000;

/** @internal */
export class ParallelRun<out T> extends Future<T, WorkerLost> implements Operation {
	readonly #plan: Plan;
	/** The jobs that are out. */
	readonly #jobs: Set<ChunkJob> = new Set();
	/** Those whose outcome is here. */
	readonly #arrived: ChunkJob[] = [];
	/** What runs in place, and waits. */
	#branch: Branch | null = null;
	#waker: Waker | null = null;
	#segments: Segment[] = [];
	#begun = false;
	#items: Items = null as never;
	#chunking: Chunking = null as never;
	#settings: CallSettings = null as never;
	/** The function as threads call it; null as long as none has. */
	#form: Form | null = null;
	#most = 1;
	#folding = false;
	#failure: { readonly error: unknown } | null = null;

	constructor(plan: Plan) {
		super();
		this.#plan = plan;
	}

	poll(cx: Context): Poll<T> {
		this.#waker = cx.waker;
		if (!this.#decided) this.#attempt(() => this.#goOn(cx));
		if (!this.#decided || !this.#stopped(cx)) return Pending;
		this.#release(this.#failure === null);
		if (this.#failure !== null) throw rethrown(this.#failure.error, this.next, true);
		return combine(this.#plan.op, this.#segments, this.#items.source.at) as T;
	}

	#goOn(cx: Context): void {
		if (!this.#begun) {
			this.#begun = true;
			this.#begin();
		}
		if (this.#branch !== null) this.#goOnInPlace(this.#branch, cx);
		for (let job = this.#arrived.shift(); job !== undefined; job = this.#arrived.shift()) {
			if (!job.ok) throw job.result;
			if (job.what === FOLD) this.#folded(job.result);
			else this.#took(job.what === CLAIM, job.result);
		}
		this.#fill();
		if (this.#isDone && this.#plan.op === REDUCE && this.#segments.length > 1) this.#fold();
	}

	/** Whether there is nothing more to do. */
	get #decided(): boolean {
		return this.#failure !== null || (this.#begun && this.#isDone && !this.#folding);
	}

	/** All items are done, and all jobs have said so. */
	get #isDone(): boolean {
		return this.#chunking.isDone && this.#jobs.size === 0 && this.#arrived.length === 0;
	}

	#attempt(f: () => void): void {
		try {
			f();
		} catch (error) {
			this.#failure ??= { error };
		}
	}

	arrived(job: ChunkJob): void {
		this.#jobs.delete(job);
		this.#arrived.push(job);
		this.#waker?.wake();
	}

	/** Stops what is still out. False while something goes on. */
	#stopped(cx: Context): boolean {
		for (const job of this.#arrived.splice(0)) if (job.ok) discard(job.result[4]);
		for (const job of this.#jobs) if (job.stop(cx)) this.#jobs.delete(job);
		if (this.#branch?.drop(cx) !== Pending) this.#branch = null;
		return this.#jobs.size === 0 && this.#branch === null;
	}

	protected override drop(cx: Context): Poll<void> {
		if (!this.#stopped(cx)) return Pending;
		this.#release(false);
	}

	/** @internal The drivers within, for dumps. */
	branches(): Iterable<Branch> {
		return this.#branch === null ? [] : [this.#branch];
	}

	#begin(): void {
		const { items, whole, fn, settings, chunk, concurrency, op } = this.#plan;
		const read = (this.#items = readItems(items, whole));
		const pool = settings.pool ?? poolOf(currentRuntime());
		this.#settings = { ...settings, pool };
		const threads = Math.min(concurrency || Infinity, pool.options.maxThreads);
		// One more for each thread waits on the board, so that none waits for the next.
		this.#most = concurrency > 0 || !canShare() ? threads : 2 * threads;
		const first = whole ? FIRST_WHOLE : this.#brings ? FIRST_CARRIED : FIRST_SHARED;
		this.#chunking = new Chunking({ n: read.n, threads, firstMost: first }, chunk, paceOf(fn, whole));
		if (read.n === 0) this.#empty(op);
		else if (runsHere(fn.table)) this.#here();
		else if (this.#isSmall()) this.#small();
		else if (this.#shareable(threads)) {
			pool.rouse(fn, threads);
			this.#share(pool);
		}
	}

	/** Whether threads can take items by themselves, and it is worth it. */
	#shareable(threads: number): boolean {
		const { chunk, begin } = this.#plan;
		const { us, waits } = this.#chunking.pace;
		if (!canShare() || this.#brings || chunk > 0 || threads === 1 || waits) return false;
		if (begin !== null && !isPrimitive(begin[0])) return false;
		return us === 0 || this.#items.n * us > CLAIMED_US;
	}

	#share(pool: PoolCore): void {
		const { fn, settings } = this.#plan;
		const form = (this.#form = claimsFormOf(pool, fn, this.#common, this.#chunking.whole, settings.checked));
		this.#chunking.share(form.claims as Claims);
	}

	get #common(): Common {
		const { op, whole, args } = this.#plan;
		const { shared, copied } = this.#items;
		return { op, whole, data: shared, copied, args, claims: null };
	}

	/** A chunk brings its items. */
	get #brings(): boolean {
		return this.#items.shared === null && Array.isArray(this.#plan.items);
	}

	#empty(op: number): void {
		const { begin } = this.#plan;
		if (op !== REDUCE) return;
		if (begin === null) throw new TypeError("parallel: reduce() of no items needs a value to begin with");
		this.#segments.push([0, begin[0]]);
	}

	// ---- in place

	#local(limitMs: number): ChunkDone | Generator<unknown, ChunkDone> {
		const { op, whole, args, fn, begin } = this.#plan;
		const { n, source } = this.#items;
		return runChunk(fn.local as AnyFunction, { op, whole, args }, source, 0, n, limitMs, begin);
	}

	/** Inside its own worker, a function runs in place. */
	#here(): void {
		const { to } = this.#chunking.all(Infinity);
		this.#wait(later(new InPlace(() => this.#local(Infinity), []) as never, 0, to));
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
		const { to } = this.#chunking.all(IN_PLACE_MS);
		const made = this.#local(IN_PLACE_MS);
		if (Array.isArray(made)) this.#took(false, report(owned(made), 0, to));
		else this.#wait(later(late(made), 0, to));
	}

	#wait(made: Generator<unknown, Report>): void {
		// Each poll says whom to wake.
		this.#branch = new Branch(into(made), this as never);
	}

	#goOnInPlace(branch: Branch, cx: Context): void {
		branch.parent = cx.waker;
		const made = branch.run();
		if (made === Pending) return;
		this.#branch = null;
		this.#took(false, made as Report);
	}

	// ---- on threads

	#fill(): void {
		while (this.#jobs.size < this.#most) {
			const chunk = this.#chunking.next();
			if (chunk === null) return;
			this.#form ??= this.#formOf(this.#common);
			this.#send(chunk, this.#form.fn);
		}
	}

	#send(chunk: Chunk | typeof CLAIM, form: WorkerFunction): void {
		const { begin, onProgress } = this.#plan;
		const claims = chunk === CLAIM;
		const [from, to] = claims ? [0, this.#items.n] : [chunk.from, chunk.to];
		const [first = null, step = null] = this.#items.carried(from, to);
		const args: unknown[] = claims
			? [null, this.#chunking.pace.us, onProgress === undefined ? 0 : LONGEST_MS]
			: [from, to, chunk.limitMs];
		if (begin !== null && from === 0) args.push(first, step, begin);
		else if (first !== null) args.push(first, step);
		try {
			this.#submit(new ChunkJob(this, claims ? CLAIM : CHUNK, form, this.#settings, args));
		} catch (error) {
			throw named(error, from);
		}
	}

	#submit(job: ChunkJob): void {
		this.#jobs.add(job);
		try {
			submit(job);
		} catch (error) {
			this.#jobs.delete(job);
			throw error;
		}
	}

	#took(claimed: boolean, made: Report): void {
		const chunking = this.#chunking;
		const [n, , , , segments] = made;
		chunking.ended(claimed, made);
		if (n === 0) return;
		for (const segment of segments) this.#segments.push(segment);
		this.#plan.onProgress?.({ done: chunking.done, total: this.#items.n });
		if (chunking.isDone) this.#segments.sort(([a], [b]) => a - b);
	}

	/** The chunks are folded: now what came of them, by one more call. */
	#fold(): void {
		this.#folding = true;
		this.#release(true);
		const items = this.#segments.map(([, payload]) => payload);
		const form = (this.#form = this.#formOf({ ...this.#common, whole: false, data: null, copied: false }));
		this.#submit(new ChunkJob(this, FOLD, form.fn, this.#settings, [0, items.length, Infinity, items, null]));
	}

	#formOf(common: Common): Form {
		const { fn, settings } = this.#plan;
		return formOf(this.#settings.pool as PoolCore, fn, common, settings.checked);
	}

	#folded([, , , , segments]: Report): void {
		this.#folding = false;
		this.#segments = segments;
	}

	// ---- the end

	/** @param well - all jobs have ended, none was stopped */
	#release(well: boolean): void {
		this.#form?.release(well);
		this.#form = null;
	}
}

/** What a thread gives belongs to the caller alone, and so does this. */
function owned(done: ChunkDone): ChunkDone {
	const [n, micros, slowest, waited, payload] = done;
	if (payload instanceof Float64Array || isPrimitive(payload)) return done;
	return [n, micros, slowest, waited, sendClone(payload)];
}

function* late(made: Generator<unknown, ChunkDone>): Generator<unknown, ChunkDone> {
	return owned((yield* delegate(made)) as ChunkDone);
}
